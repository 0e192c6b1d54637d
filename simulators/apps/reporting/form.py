"""The report form: which numbers a chair sends, and which numbers are refused.

A report is 43 whole numbers: attendance, then fourteen preferences at the first alignment, at
the final alignment, and the county delegates each was awarded.

Only what cannot be a count is refused. Counts that contradict each other are kept and answered
with a warning, because the signed worksheet is the paper of record and nobody may correct its
arithmetic (Iowa Democratic Party, quoted in the Des Moines Register of 9 February 2020).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulators.apps.reporting.language import Language, say
from simulators.apps.serving.refusal import Refusal

PREFERENCES = (
    "bennet", "biden", "bloomberg", "buttigieg", "delaney", "gabbard", "klobuchar",
    "patrick", "sanders", "steyer", "warren", "yang", "other", "uncommitted",
)  # fmt: skip
SECTIONS = ("first", "final", "delegates")
NAMES = tuple(each for each in PREFERENCES if each not in ("other", "uncommitted"))
FIELDS = ("attendance", *(f"{part}_{each}" for part in SECTIONS for each in PREFERENCES))
FIRST, FINAL, DELEGATES = (
    slice(1 + at * len(PREFERENCES), 1 + (at + 1) * len(PREFERENCES)) for at in range(3)
)
LARGEST = 99_999  # people or delegates in one cell

Cells = tuple[int, ...]


def called(preference: str, language: Language) -> str:
    """How a preference is called on paper."""
    return preference.title() if preference in NAMES else language(f"field.{preference}")


def label(field: str, language: Language) -> str:
    """How a field is called on paper.

    Example:
        >>> from simulators.apps.reporting.language import ENGLISH
        >>> str(label("first_biden", ENGLISH))
        'First alignment, Biden'
    """
    part, _, preference = field.partition("_")
    section = language(f"field.{part}")
    if not preference:
        return section
    name = called(preference, language)
    return language("field.of_section", section=section, preference=name)


def read_cells(given: object) -> Cells:
    """Check the cells of a report and put them in the order of :data:`FIELDS`.

    Args:
        given: An object with one whole number for each field.

    Raises:
        Refusal: 422, with a message for each field that is wrong.
    """
    if not isinstance(given, Mapping):
        raise Refusal(422, "invalid", "cells must be an object with one whole number a field.")
    faults = {field: fault for field in FIELDS if (fault := _fault(given.get(field))) is not None}
    faults |= {
        str(name): "There is no such field on the form." for name in given if name not in _KNOWN
    }
    if faults:
        raise Refusal(422, "invalid", say("fault.invalid"), fields=faults)
    return tuple(given[field] for field in FIELDS)


def read_typed(given: Mapping[str, str]) -> dict[str, object]:
    """Turn what was typed on a page into cells; an empty box is a zero.

    What is no number is handed on as typed, for :func:`read_cells` to refuse by name.

    Example:
        >>> typed = read_typed({"attendance": " 12 ", "first_biden": "x"})
        >>> typed["attendance"], typed["first_biden"], typed["final_biden"]
        (12, 'x', 0)
    """
    cells: dict[str, object] = {}
    for field in FIELDS:
        text = given.get(field, "").strip()
        cells[field] = int(text) if text.isascii() and text.isdigit() else text or 0
    return cells


def warnings(cells: Sequence[int], delegates: int) -> list[str]:
    """What on this worksheet contradicts itself, in plain words.

    Args:
        cells: In the order of :data:`FIELDS`.
        delegates: How many the precinct elects; 0 for a satellite.
    """
    first, final, given = cells[FIRST], cells[FINAL], cells[DELEGATES]
    found: list[str] = []
    if sum(first) > cells[0]:
        found.append(say("odd.first", sum=sum(first), attendance=cells[0]))
    if sum(final) > sum(first):
        found.append(say("odd.final", sum=sum(final), first=sum(first)))
    if sum(given) != delegates:
        found.append(say("odd.delegates", sum=sum(given), delegates=delegates))
    return found


def _fault(value: object) -> str | None:
    if value is None:
        return say("fault.missing")
    if not isinstance(value, int) or isinstance(value, bool):
        return say("fault.digits")
    if not 0 <= value <= LARGEST:
        return say("fault.range", largest=LARGEST)
    return None


_KNOWN = frozenset(FIELDS)
