"""The missing-reports list: who has not reported yet, and whom staff call next about it.

The three-call rule of quick counts: first the volunteer, then their coordinator, then the
back-up. Who these are stands in the organizer's own file; the list knows ids and precincts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.live.marking import Mark
from harness.live.model import CALLS, Happening
from harness.live.roll import Journey, Roll

GIVE = 600.0  # seconds that somebody who was reached gets before they are called about again
RINGS = 120.0  # seconds before the next of the three is called


@dataclass(frozen=True)
class Missing:
    """One report that is due.

    Attributes:
        id, number, county, record: Whose and where.
        state: How far they came, of :data:`harness.live.marking.STATES`.
        since: Seconds that it has been due.
        not_delivered: Whether their invitation came back.
        asked_help: Whether they asked for help.
        says_sent: Whether they say they have sent it: the target holds nothing all the same.
        calls: Whom was called so far, each with whether they were reached.
        next_call: Who is to be called; empty once all three were called in vain.
        wait: Seconds until then; 0 if it is time.
    """

    id: str
    number: int
    county: str
    record: str
    state: str
    since: float
    not_delivered: bool
    asked_help: bool
    says_sent: bool
    calls: tuple[tuple[str, bool], ...]
    next_call: str
    wait: float

    @property
    def due_now(self) -> bool:
        """Whether somebody is to be called at once."""
        return bool(self.next_call) and self.wait <= 0


def missing(marks: Iterable[Mark], roll: Roll, *, now: float, after: float) -> list[Missing]:
    """Who is missing, most urgent first.

    Args:
        now: Unix seconds.
        after: Seconds from opening the card after which a report is missing. Whoever has not
            opened theirs is missed so long after the drill was opened.
    """
    if roll.opened is None:
        return []
    until = now if roll.closed is None else min(now, roll.closed)
    found = [
        _about(each, due, now)
        for each in marks
        if each.reported is None
        and not each.journey.erased
        and (due := max(each.opened or 0.0, roll.opened) + after) <= until
    ]
    return sorted(found, key=lambda each: (not each.due_now, not each.says_sent, -each.since))


def _about(mark: Mark, due: float, now: float) -> Missing:
    journey, each = mark.journey, mark.volunteer
    whom, wait = next_call(journey, now)
    return Missing(
        each.id, each.number, each.county, journey.cards[0].record, mark.state, now - due,
        Happening.NOT_DELIVERED in journey.times,
        bool(journey.helps),
        Happening.SENT in journey.times,
        tuple((call.whom, call.reached) for call in journey.calls),
        whom,
        wait,
    )  # fmt: skip


def next_call(journey: Journey, now: float) -> tuple[str, float]:
    """Whom to call next, and in how many seconds.

    Whoever was reached has a while to report, and is then asked again; after somebody who did
    not answer comes the next of the three.

    Returns:
        An empty name once nobody of the three can be reached.
    """
    if not journey.calls:
        return CALLS[0], 0.0
    last = journey.calls[-1]
    if last.reached:
        return last.whom, max(0.0, last.at + GIVE - now)
    after = CALLS[CALLS.index(last.whom) + 1 :] if last.whom in CALLS else CALLS
    return (after[0], max(0.0, last.at + RINGS - now)) if after else ("", 0.0)


@dataclass(frozen=True)
class Recovery:
    """What calling has won.

    Attributes:
        called, reached, recovered: People called about, got hold of, and whose report came then.
        seconds: From the first call to the report, for each of those, shortest first.
    """

    called: int
    reached: int
    recovered: int
    seconds: tuple[float, ...]


def recovery(marks: Iterable[Mark]) -> Recovery:
    """How far calling about missing reports has helped."""
    called = [each for each in marks if each.journey.calls]
    won = sorted(
        each.recovered - each.journey.calls[0].at for each in called if each.recovered is not None
    )
    reached = sum(any(call.reached for call in each.journey.calls) for each in called)
    return Recovery(len(called), reached, len(won), tuple(won))
