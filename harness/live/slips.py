"""What went wrong when a card was keyed: one name for each wrong cell.

Turned round, this is :mod:`simulators.people.keying`: from a number on paper and a number in the
app to how the one became the other. Several errors may lead to the same number (1 for 10 has
lost a digit, or swapped two); the name is then the likeliest of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

KINDS = (
    "wrong_precinct", "shifted", "swapped_columns", "omitted", "spurious", "transposed",
    "extra_digit", "lost_digit", "digit", "sounds_like", "other",
)  # fmt: skip
"""Kinds of entry errors. ``wrong_precinct``: the values of another card's record, or values found
at another record; ``shifted``: a run of values one row off; ``swapped_columns``: two cells'
values exchanged; ``omitted``: 0 or nothing for a number; ``spurious``: a number for 0;
``transposed``: two neighbouring digits exchanged; ``extra_digit``, ``lost_digit``: one digit too
many or too few, and so about ten times; ``digit``: one digit for another; ``sounds_like``: thirty
for thirteen; ``other``: none of these."""

MOST = 10**9  # no count is larger: beyond it nobody looks at single digits
Found = Sequence[int | None]


@dataclass(frozen=True)
class Slip:
    """One wrong cell.

    Attributes:
        cell: Its place among the fields.
        expected: What the card says.
        found: What the target holds; None if nothing.
        kind: One of :data:`KINDS`.
    """

    cell: int
    expected: int
    found: int | None
    kind: str


def slips(card: Sequence[int], found: Found, *, elsewhere: bool = False) -> tuple[Slip, ...]:
    """Every wrong cell of a report, by its place.

    A cell that is missing where the card says 0 is right: paper leaves zeros out, too.

    Args:
        card: What the card says.
        found: What the target holds, as many cells or fewer; what is beyond is not looked at.
        elsewhere: Whether the report as a whole is another precinct's.

    Example:
        >>> [each.kind for each in slips([48, 7, 0, 12], [84, 7, 7, None])]
        ['transposed', 'spurious', 'omitted']
    """
    held = [*found[: len(card)], *[None] * (len(card) - len(found))]
    wrong = [cell for cell, value in enumerate(card) if value != (held[cell] or 0)]
    if elsewhere:
        kinds = dict.fromkeys(wrong, "wrong_precinct")
    else:
        kinds = {cell: kind_of(card[cell], held[cell]) for cell in wrong}
        kinds |= dict.fromkeys(_exchanged(card, held, wrong), "swapped_columns")
        kinds |= dict.fromkeys(_shifted(card, held, set(wrong)), "shifted")
    return tuple(Slip(cell, card[cell], held[cell], kinds[cell]) for cell in wrong)


def kind_of(expected: int, found: int | None) -> str:
    """The likeliest way from one number to the other, looking at this cell alone."""
    return next(explanations(expected, found))


def explanations(expected: int, found: int | None) -> Iterator[str]:
    """Every way from one number to another, the likeliest first; at the least ``other``.

    Example:
        >>> list(explanations(10, 1))
        ['lost_digit', 'transposed', 'other']
    """
    if not found:
        yield "omitted"
        if found is None:
            return
    if not expected:
        yield "spurious"
    if 0 <= found < MOST and 0 <= expected < MOST:
        for kind, explains in _WAYS.items():
            if explains(str(expected), str(found)):
                yield kind
    yield "other"


def _transposed(expected: str, found: str) -> bool:
    shown = found.zfill(len(expected))
    differ = [at for at, pair in enumerate(zip(expected, shown, strict=False)) if len({*pair}) == 2]
    if len(shown) != len(expected) or len(differ) != 2 or differ[1] != differ[0] + 1:
        return False
    first, second = differ
    return expected[first] == shown[second] and expected[second] == shown[first]


def _lost_digit(expected: str, found: str) -> bool:
    shorter = (expected[:at] + expected[at + 1 :] for at in range(len(expected)))
    return any(int(each) == int(found) for each in shorter if each)


def _extra_digit(expected: str, found: str) -> bool:
    return _lost_digit(found, expected)


def _digit(expected: str, found: str) -> bool:
    shown = found.zfill(len(expected))
    return len(shown) == len(expected) and sum(map(str.__ne__, expected, shown)) == 1


def _sounds_like(expected: str, found: str) -> bool:
    low, high = sorted((int(expected), int(found)))
    return 13 <= low <= 19 and high == (low - 10) * 10


_WAYS: dict[str, Callable[[str, str], bool]] = {
    "extra_digit": _extra_digit,
    "lost_digit": _lost_digit,
    "transposed": _transposed,
    "digit": _digit,
    "sounds_like": _sounds_like,
}


def _exchanged(card: Sequence[int], held: Found, wrong: Sequence[int]) -> Iterator[int]:
    """Cells that hold what another one should, which holds what they should."""
    waiting: dict[tuple[int, int], list[int]] = {}
    for cell in wrong:
        pair = (card[cell], held[cell] or 0)
        others = waiting.get(pair[::-1])
        if others:
            yield from (others.pop(), cell)
        else:
            waiting.setdefault(pair, []).append(cell)


def _shifted(card: Sequence[int], held: Found, wrong: set[int]) -> Iterator[int]:
    """Cells of runs of numbers that stand one row lower or higher than they should.

    One number alone has been read twice, or stands in the wrong row; it takes two to be a run.
    """
    for step in (1, -1):
        for run in _runs([at for at in range(len(card)) if _moved(card, held, at, step)], card):
            there = {at + step for at in run} & wrong
            if len(there) >= 2:
                yield from there | ({*run} & wrong)


def _moved(card: Sequence[int], held: Found, at: int, step: int) -> bool:
    """Whether a number of the card stands in the next row, and no longer in its own."""
    if not card[at] or not 0 <= at + step < len(card) or card[at] != held[at + step]:
        return False
    before = at - step
    followed = 0 <= before < len(card) and card[before] == card[at]
    return held[at] != card[at] or followed


def _runs(moved: Sequence[int], card: Sequence[int]) -> Iterator[list[int]]:
    """Numbers that follow one another on the card, with nothing but zeros between them."""
    run = list(moved[:1])
    for last, at in pairwise(moved):
        if any(card[last + 1 : at]):
            yield run
            run = []
        run.append(at)
    if run:
        yield run
