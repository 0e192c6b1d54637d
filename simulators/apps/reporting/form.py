"""The report form: which numbers a chair sends, and which numbers are refused.

A report is 43 whole numbers: attendance, then fourteen preferences at the first alignment, at
the final alignment, and the county delegates each was awarded.

Only what cannot be a count is refused. Counts that contradict each other are kept and answered
with a warning, because the signed worksheet is the paper of record and nobody may correct its
arithmetic (Iowa Democratic Party, quoted in the Des Moines Register of 9 February 2020).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulators.apps.serving.refusal import Refusal

PREFERENCES = (
    "bennet", "biden", "bloomberg", "buttigieg", "delaney", "gabbard", "klobuchar",
    "patrick", "sanders", "steyer", "warren", "yang", "other", "uncommitted",
)  # fmt: skip
SECTIONS = {
    "first": "First alignment",
    "final": "Final alignment",
    "delegates": "County delegates awarded",
}
FIELDS = ("attendance", *(f"{part}_{each}" for part in SECTIONS for each in PREFERENCES))
FIRST, FINAL, DELEGATES = (
    slice(1 + at * len(PREFERENCES), 1 + (at + 1) * len(PREFERENCES)) for at in range(3)
)
LARGEST = 99_999  # people or delegates in one cell

Cells = tuple[int, ...]


def label(field: str) -> str:
    """How a field is called on paper.

    Example:
        >>> label("first_biden")
        'First alignment, Biden'
    """
    part, _, preference = field.partition("_")
    return f"{SECTIONS[part]}, {preference.title()}" if preference else "People attending"


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
        raise Refusal(422, "invalid", "Some numbers cannot be counts.", fields=faults)
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
    found = []
    if sum(first) > cells[0]:
        found.append(
            f"First alignment adds up to {sum(first)}, but only {cells[0]} people attended."
        )
    if sum(final) > sum(first):
        found.append(
            f"Final alignment adds up to {sum(final)}, more than the {sum(first)} of the first."
        )
    if sum(given) != delegates:
        found.append(f"{sum(given)} delegates are awarded, but this site elects {delegates}.")
    return found


def _fault(value: object) -> str | None:
    if value is None:
        return "Missing: send a whole number, 0 where there is nobody."
    if not isinstance(value, int) or isinstance(value, bool):
        return "Type a whole number, with digits only."
    if not 0 <= value <= LARGEST:
        return f"Type a number from 0 to {LARGEST}."
    return None


_KNOWN = frozenset(FIELDS)
