"""The picture that the board shows: figures and places, worked out from the marks.

No people are on it: precincts, counts and times. Real volunteers, insiders and simulated ones
are groups of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from harness.live.funnel import GROUPS, Funnel, funnel, group_of
from harness.live.marking import Mark
from harness.live.model import Happening
from harness.live.roll import Roll

CELLS = ("right", "wrong", "received", "opened", "nothing")
"""What can be so of a precinct: its report as it stands now is right or wrong; it is there, and
nobody can say (the target shows no values); its card was opened; nothing."""


@dataclass(frozen=True)
class County:
    """The precincts of one county.

    Attributes:
        cells: Record and one of :data:`CELLS`, in the order of the drill.
    """

    name: str
    cells: tuple[tuple[str, str], ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many precincts are in each state, in the order of :data:`CELLS`."""
        counted = Counter(state for _, state in self.cells)
        return {state: counted[state] for state in CELLS if counted[state]}


@dataclass(frozen=True)
class Group:
    """One group of people: of :data:`harness.live.funnel.GROUPS`."""

    name: str
    funnel: Funnel
    counties: tuple[County, ...]


@dataclass(frozen=True)
class Picture:
    """What is so at one moment.

    Attributes:
        state: ``waiting``, ``open`` or ``closed``.
        elapsed: Seconds since the drill was opened, until it was closed; None before.
        left: Seconds until no report is on time any more; None where there is no such moment.
        trouble: What is switched on, with the seconds since then, oldest first.
    """

    at: float
    state: str
    elapsed: float | None
    left: float | None
    groups: tuple[Group, ...]
    trouble: tuple[tuple[str, float], ...]


def picture(
    marks: Sequence[Mark], roll: Roll, *, now: float, deadline: float | None = None
) -> Picture:
    """The picture of this moment.

    Args:
        now: Unix seconds, as ``deadline``.
    """
    ordered = sorted(marks, key=lambda each: GROUPS.index(group_of(each)))
    groups = [
        Group(name, funnel(members, opened=roll.opened, cohorts=False), tuple(_counties(members)))
        for name, found in groupby(ordered, group_of)
        for members in [list(found)]
    ]
    state = "open" if roll.is_open else "waiting" if roll.opened is None else "closed"
    until = now if roll.closed is None else roll.closed
    return Picture(
        now,
        state,
        None if roll.opened is None else max(0.0, until - roll.opened),
        None if deadline is None or state != "open" else max(0.0, deadline - now),
        tuple(groups),
        tuple((what, max(0.0, now - since)) for what, since in trouble_on(roll).items()),
    )


def trouble_on(roll: Roll) -> dict[str, float]:
    """The trouble that is switched on, and since when."""
    on: dict[str, float] = {}
    for event in roll.troubles:
        if event.what is Happening.TROUBLE:
            what = str(event.detail.get("what", ""))
            if event.detail.get("on"):
                on.setdefault(what, event.at)
            else:
                on.pop(what, None)
    return on


def cell_of(mark: Mark) -> str:
    """What is so of one volunteer's precinct: one of :data:`CELLS`."""
    if mark.last is not None:
        correct = mark.last.score.correct
        return "received" if correct is None else "right" if correct else "wrong"
    return "nothing" if mark.opened is None else "opened"


def _counties(marks: Iterable[Mark]) -> Iterable[County]:
    ordered = sorted(marks, key=lambda each: each.volunteer.county)
    for name, found in groupby(ordered, lambda each: each.volunteer.county):
        cells = tuple((each.journey.cards[0].record, cell_of(each)) for each in found)
        yield County(name, cells)
