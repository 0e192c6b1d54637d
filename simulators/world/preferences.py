"""The fourteen preferences of 2020 and the forty-three cells of a caucus report.

A report is whole numbers in a fixed order: attendance, then the first alignment, the final
alignment and the delegates, fourteen cells each.
"""

from __future__ import annotations

PREFERENCES = (
    "bennet",
    "biden",
    "bloomberg",
    "buttigieg",
    "delaney",
    "gabbard",
    "klobuchar",
    "patrick",
    "sanders",
    "steyer",
    "warren",
    "yang",
    "other",
    "uncommitted",
)
GROUPS = len(PREFERENCES)
FIELDS = (
    "attendance",
    *(f"first_{name}" for name in PREFERENCES),
    *(f"final_{name}" for name in PREFERENCES),
    *(f"delegates_{name}" for name in PREFERENCES),
)
ATTENDANCE = 0
FIRST = slice(1, 1 + GROUPS)
FINAL = slice(1 + GROUPS, 1 + 2 * GROUPS)
DELEGATES = slice(1 + 2 * GROUPS, 1 + 3 * GROUPS)
