"""Who has which records to bring in, and when: the lists of a campaign's day, in columns.

Every record of a source is on one list: of a canvasser, of a caller, of a clerk's batch; who signs
up on the web brings their own. Times are drill seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulators.night import Night
from simulators.people.draws import many
from simulators.world import Campaign
from simulators.world.campaign import SOURCES

Times = NDArray[np.float64]
Numbers = NDArray[np.int64]

SETTLED_IN = 5.0  # seconds from signing in to the first contact
CORRECTED = (5.0, 20.0)  # seconds from a contact to its correction
NEVER = np.inf


@dataclass(frozen=True)
class Lists:
    """The lists of one source.

    Attributes:
        source: Which one.
        people: Position of each record's person in the world, list after list; shape (n,).
        due: When it is to be written.
        amended: When it is corrected; infinite for most.
        contested: Whether another one corrects it at that very moment, too.
        arrives: When each list's owner comes; shape (lists,).
        states: Position of each owner's state.
        starts: Where each list begins among the records; one more than there are lists.
    """

    source: str
    people: Numbers
    due: Times
    amended: Times
    contested: NDArray[np.bool_]
    arrives: Times
    states: Numbers
    starts: Numbers

    def __len__(self) -> int:
        """How many lists there are."""
        return len(self.arrives)


@dataclass(frozen=True)
class Window:
    """When people may write: nobody means to begin after ``until``."""

    start: float
    until: float


def window_of(night: Night) -> Window:
    """The hours of a day in which contacts are written."""
    hours = night.hours
    quiet = min(night.cast.campaigning.quiet_seconds, (night.end - hours.start) / 2)
    return Window(hours.start, night.end - quiet)


def known_to(campaign: Campaign, source: str) -> tuple[Numbers, Numbers]:
    """Whom a source knows, and the position of each one's state."""
    people = np.flatnonzero(campaign.known[:, SOURCES.index(source)])
    states = np.searchsorted(np.array(campaign.starts), people, "right") - 1
    return people, states.astype(np.int64)


def volunteers(campaign: Campaign, night: Night, source: str, count: int) -> Lists:
    """Lists of people who knock or phone: neighbours in the same state, evenly over the hours."""
    people, states = known_to(campaign, source)
    tenants = len(campaign.spec.states)
    each = max(1, round(count * night.scale / tenants))
    size = np.bincount(states, minlength=tenants)
    within = np.arange(len(people)) - (np.cumsum(size) - size)[states]
    owner = states * each + within * each // size[states]
    window, ramp = window_of(night), night.cast.campaigning.ramp_seconds
    draws = many(night.seed, source, "arrives").random(each * tenants)
    arrives = night.hours.doors + draws * min(ramp, window.until - night.hours.doors)
    first = np.maximum(window.start, arrives + SETTLED_IN)
    starts = np.searchsorted(owner, np.arange(each * tenants + 1))
    length = np.diff(starts)
    place = np.arange(len(people)) - starts[:-1][owner]
    place = (place + many(night.seed, source, "due").random(len(people))) / length[owner]
    due = first[owner] + place * np.maximum(0.0, window.until - first[owner])
    return _lists(source, people, due, arrives, np.repeat(np.arange(tenants), each), starts)


def batches(campaign: Campaign, night: Night) -> Lists:
    """Batches of the voter file: rows of one state, one after the other; evenly over the hours."""
    people, states = known_to(campaign, "file")
    rows, window = night.cast.campaigning.batch_rows, window_of(night)
    size = np.bincount(states, minlength=len(campaign.spec.states))
    per_state = -(-size // rows)
    before = np.cumsum(per_state) - per_state
    within = np.arange(len(people)) - (np.cumsum(size) - size)[states]
    owner = before[states] + within // rows
    count = int(per_state.sum())
    lasts = rows * night.cast.campaigning.row_seconds
    turns = many(night.seed, "batches").permutation(count) + many(night.seed, "batch").random(count)
    arrives = window.start + turns / max(count, 1) * max(0.0, window.until - window.start - lasts)
    starts = np.searchsorted(owner, np.arange(count + 1))
    place = np.arange(len(people)) - starts[:-1][owner]
    due = arrives[owner] + SETTLED_IN / 2 + place * night.cast.campaigning.row_seconds
    of_state = np.repeat(np.arange(len(per_state)), per_state)
    return _lists("file", people, due, arrives, of_state, starts)


def sign_ups(campaign: Campaign, night: Night) -> Lists:
    """Everybody who signs up on the web, each with a list of one."""
    people, states = known_to(campaign, "web")
    window = window_of(night)
    draws = many(night.seed, "sign-ups").random(len(people))
    due = window.start + draws * (window.until - window.start)
    return _lists("web", people, due, due, states, np.arange(len(people) + 1))


def _lists(
    source: str, people: Numbers, due: Times, arrives: Times, states: Numbers, starts: Numbers
) -> Lists:
    due, arrives = due.round(3), arrives.round(3)
    never = np.full(len(people), NEVER)
    return Lists(
        source, people, due, never, np.zeros(len(people), bool), arrives, states, starts
    )  # fmt: skip


def with_corrections(night: Night, doors: Lists, calls: Lists) -> tuple[Lists, Lists]:
    """Doors and calls with the moments at which they are corrected.

    Some people are known from both, and both sources correct them at once; some contacts at doors
    are corrected by a second canvasser at the same moment; others by whoever wrote them alone.
    """
    seed, habits, until = night.seed, night.cast.campaigning, window_of(night).until
    both, door, call = np.intersect1d(doors.people, calls.people, return_indices=True)
    chosen = many(seed, "together").random(len(both)) < habits.together
    door, call = door[chosen], call[chosen]
    corrected = []
    for each in (doors, calls):
        draws = many(seed, each.source, "corrects").random((len(each.people), 3))
        contested = (draws[:, 1] < habits.contested) & (each.source == "field")
        wrong = (draws[:, 0] < habits.corrects) | contested
        later = CORRECTED[0] + draws[:, 2] * (CORRECTED[1] - CORRECTED[0])
        corrected.append([np.where(wrong, each.due + later, NEVER), contested])
    at = np.maximum(doors.due[door], calls.due[call]) + CORRECTED[1]
    for (amended, contested), rows in zip(corrected, (door, call), strict=True):
        amended[rows], contested[rows] = at, False
    found = []
    for each, (amended, contested) in zip((doors, calls), corrected, strict=True):
        amended = np.where(amended < until, amended, NEVER).round(3)
        contested = contested & np.isfinite(amended)
        found.append(replace(each, amended=amended, contested=contested))
    return found[0], found[1]
