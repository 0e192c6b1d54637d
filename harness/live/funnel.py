"""The funnel: how many of those who were invited came how far, and how fast.

Real people, those who build or run the app, and simulated ones are three groups, and no figure
here mixes two of them. Nobody who was invited drops out of a denominator.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from harness.live.marking import Mark
from harness.live.model import Happening

LEAST = 5
"""People in a cohort, at least, for its figures to be shown (privacy)."""
SHARES = (50, 90, 98)
GROUPS = ("volunteers", "insiders", "robots")

COHORTS: dict[str, Callable[[Mark], str]] = {
    "county": lambda each: each.volunteer.county,
    "language": lambda each: each.volunteer.language,
    "training": lambda each: each.volunteer.training,
    "age_band": lambda each: each.volunteer.age_band,
    "device": lambda each: each.volunteer.device,
    "first_time": lambda each: "first time" if each.volunteer.first_time else "has done it before",
}
"""What people are counted by, and how a person's is found; empty where nobody said."""


@dataclass(frozen=True)
class Steps:
    """Of how many people how many came to each step. Each is counted in every earlier step.

    Attributes:
        practised: Had the app's form before them.
        on_time: Fully correct, and in time.
    """

    invited: int
    opened: int
    signed_in: int
    practised: int
    reported: int
    correct: int
    on_time: int


@dataclass(frozen=True)
class Cohort:
    """The steps of one part of a group: ``kind`` is a key of :data:`COHORTS`."""

    kind: str
    value: str
    steps: Steps


@dataclass(frozen=True)
class Funnel:
    """The figures of one group.

    Attributes:
        not_delivered: Invitations that came back; those people stay in the denominator.
        cohorts: Those of at least :data:`LEAST` people.
        too_few: Kind to how many people are in cohorts that are too small to show.
        channels: First reports by how they came; "" where that is not known.
        errors: Wrong cells of first reports, by kind.
        help: Times that anybody asked for help.
        called, reached, recovered: People whom staff called, and got hold of; late reports won so.
        surveyed: People who answered the questions at the end.
        seconds_to: Share in percent to the seconds from the drill's opening after which so many
            had reported; None while that is not so.
    """

    steps: Steps
    not_delivered: int = 0
    cohorts: tuple[Cohort, ...] = ()
    too_few: dict[str, int] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    help: int = 0
    called: int = 0
    reached: int = 0
    recovered: int = 0
    surveyed: int = 0
    seconds_to: dict[int, float | None] = field(default_factory=dict)


def group_of(mark: Mark) -> str:
    """Which of :data:`GROUPS` somebody belongs to."""
    if mark.volunteer.source != "volunteer":
        return "robots"
    return "insiders" if mark.volunteer.insider else "volunteers"


def funnels(marks: Iterable[Mark], *, opened: float | None) -> dict[str, Funnel]:
    """The funnel of each group that has anybody in it.

    Args:
        opened: When the drill was, in Unix seconds.
    """
    ordered = sorted(marks, key=lambda each: GROUPS.index(group_of(each)))
    return {
        name: funnel(list(members), opened=opened) for name, members in groupby(ordered, group_of)
    }


def funnel(marks: Sequence[Mark], *, opened: float | None, cohorts: bool = True) -> Funnel:
    """The figures of one group; see :func:`funnels`.

    Args:
        cohorts: Whether anybody wants to see them: they take most of the time.
    """
    first = [each.first for each in marks if each.first is not None]
    shown, too_few = _cohorts(marks) if cohorts else ((), {})
    return Funnel(
        steps(marks),
        sum(Happening.NOT_DELIVERED in each.journey.times for each in marks),
        shown,
        too_few,
        dict(Counter(each.sighting.channel for each in first).most_common()),
        dict(Counter(kind for each in first for kind in each.score.kinds).most_common()),
        sum(len(each.journey.helps) for each in marks),
        sum(bool(each.journey.calls) for each in marks),
        sum(any(call.reached for call in each.journey.calls) for each in marks),
        sum(each.recovered is not None for each in marks),
        sum(each.journey.survey is not None for each in marks),
        _seconds_to(marks, opened),
    )


def steps(marks: Iterable[Mark]) -> Steps:
    """How many came to each step."""
    everybody = list(marks)
    return Steps(
        invited=len(everybody),
        opened=sum(each.opened is not None for each in everybody),
        signed_in=sum(each.signed_in is not None for each in everybody),
        practised=sum(each.practised is not None for each in everybody),
        reported=sum(each.reported is not None for each in everybody),
        correct=sum(bool(each.correct) for each in everybody),
        on_time=sum(
            each.first is not None and bool(each.first.score.correct) and each.first.score.on_time
            for each in everybody
        ),
    )


def _cohorts(marks: Sequence[Mark]) -> tuple[tuple[Cohort, ...], dict[str, int]]:
    """Cohorts large enough to show, and how many people are in smaller ones."""
    shown: list[Cohort] = []
    too_few: dict[str, int] = {}
    for kind, value_of in COHORTS.items():
        ordered = sorted(marks, key=value_of)
        for value, members in groupby(ordered, value_of):
            found = list(members)
            if value and len(found) >= LEAST:
                shown.append(Cohort(kind, value, steps(found)))
            elif value:
                too_few[kind] = too_few.get(kind, 0) + len(found)
    return tuple(shown), too_few


def _seconds_to(marks: Sequence[Mark], opened: float | None) -> dict[int, float | None]:
    """Seconds to each of :data:`SHARES`, of everybody invited."""
    if opened is None:
        return dict.fromkeys(SHARES)
    times = [each.reported for each in marks]
    after = [None if at is None else max(0.0, at - opened) for at in times]
    return {share: time_to(share / 100, after) for share in SHARES}


def time_to(share: float, times: Sequence[float | None]) -> float | None:
    """When so large a share of all was done: the inverse of the Kaplan-Meier curve.

    E. L. Kaplan and P. Meier, "Nonparametric Estimation from Incomplete Observations", Journal
    of the American Statistical Association 53 (1958), 457-481. Nobody leaves before the end, so
    the curve is the share done among all, and whoever is not done keeps it down.

    Args:
        times: When each was done; None for who is not.

    Returns:
        None while fewer are done.

    Example:
        >>> time_to(0.5, [30.0, 10.0, None, 20.0])
        20.0
        >>> time_to(0.9, [30.0, 10.0, None, 20.0]) is None
        True
    """
    done = sorted(each for each in times if each is not None)
    needed = max(1, math.ceil(share * len(times) - 1e-9))
    return done[needed - 1] if times and needed <= len(done) else None
