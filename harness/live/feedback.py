"""What a volunteer is told about their report: card and app side by side, and one tip."""

from __future__ import annotations

from dataclasses import dataclass

from harness.live.card_words import CardWords
from harness.live.marking import Mark
from harness.live.roll import Journey
from harness.live.slips import Slip
from simulators.world.preferences import GROUPS, PREFERENCES

SHOWN = 6  # wrong numbers that are shown; more would be read by nobody


@dataclass(frozen=True)
class Difference:
    """One wrong number. ``found`` is None where nothing was sent."""

    cell: str
    expected: int
    found: int | None


@dataclass(frozen=True)
class Feedback:
    """What is known of the report of the card in somebody's hands.

    Attributes:
        seen: Whether the target holds one.
        correct: Whether it says what the card says; None where the target shows no numbers.
        corrected: Whether a later report put right what the first had wrong.
        elsewhere: Whether it stands at another precinct.
        late: Whether it came too late.
        differences: The first few wrong numbers of the last report.
        more: How many others there are.
        tip: Kind of error that the tip is about; empty without one.
    """

    seen: bool = False
    correct: bool | None = None
    corrected: bool = False
    elsewhere: bool = False
    late: bool = False
    differences: tuple[Difference, ...] = ()
    more: int = 0
    tip: str = ""


def feedback(journey: Journey, mark: Mark, words: CardWords) -> Feedback:
    """What to tell somebody about the card that they have now."""
    reports = [each for each in mark.reports if each.card == journey.card.record]
    if not reports:
        return Feedback()
    first, last = reports[0].score, reports[-1].score
    slips = last.slips
    return Feedback(
        seen=True,
        correct=last.correct,
        corrected=last.correct is True and first.correct is False,
        elsewhere=bool(last.found_at),
        late=not first.on_time,
        differences=tuple(_difference(each, words) for each in slips[:SHOWN]),
        more=max(0, len(slips) - SHOWN),
        tip=last.kinds[0] if last.kinds else "",
    )


def _difference(slip: Slip, words: CardWords) -> Difference:
    return Difference(cell_name(slip.cell, words), slip.expected, slip.found)


def cell_name(cell: int, words: CardWords) -> str:
    """What the worksheet calls one of its numbers.

    Example:
        >>> from harness.live.card_words import ENGLISH
        >>> cell_name(0, ENGLISH), cell_name(17, ENGLISH)
        ('People attending', 'Bloomberg, Final alignment')
    """
    if cell == 0:
        return words.attendance
    column, group = divmod(cell - 1, GROUPS)
    name = PREFERENCES[group]
    heading = (words.first, words.final, words.delegates)[column]
    return f"{words.groups.get(name, name.title())}, {heading}"
