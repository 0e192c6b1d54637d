"""A night's own demand on its phones: who dials when, and for how long they talk.

It is read off the night itself, played once so that nobody waits. So the struggle with an app
that fails, the injects of the night, and the time in which an agent keys a report are in it; only
the waiting is not, which is what the queue model adds. Callers who try the app again while they
hold are not in it, nor what chairs send who dialled in vain. Times are drill seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from simulators.behaviours.errand import LINE
from simulators.behaviours.nuisance import pests_of, withholds
from simulators.behaviours.operator import AWAY_AFTER
from simulators.behaviours.protocol import OK
from simulators.behaviours.sheet import HEADQUARTERS
from simulators.people.cast import Cast, Pests, Staffing
from simulators.people.parts import WAYS
from simulators.phones.callers import Away, Callers, Redial
from simulators.phones.hotline import Call
from simulators.phones.queue_model import Line
from simulators.plan import Plan
from simulators.sizing.demand import NUISANCE, Demand
from simulators.staffing import agents_of
from simulators.strike_plan import StrikePlan
from simulators.wire_model import Done

CHAIR = "chair"
PHOTO = "chair, then a photo"  # after some calls in vain
TEXT = "chair, then a text"
CORRECTION = "correction"
_KIND_OF_WAY = {"": CHAIR, "photo": PHOTO, "text": TEXT}


def caucus_demand(
    plan: Plan, cast: Cast, calls: Sequence[Call], attempts: Sequence[Done]
) -> Demand:
    """The demand on the results line of a caucus night.

    Args:
        plan: The night, with an undisturbed cast (``simulators.sizing.unhurried``).
        cast: The cast as it is.
        calls, attempts: What came of playing the plan unhurried.
    """
    night, staffing = plan.night, cast.hotline
    people = agents_of(replace(night, cast=cast))
    trunks, room = staffing.trunks, staffing.waiting_room
    unphoned_at = _in_without_phone(attempts)
    answered = [call for call in calls if call.line == LINE and call.answered is not None]
    demand = Demand(
        callers=tuple(_caucus_callers(plan, cast, answered, unphoned_at)),
        line=Line(
            people,
            trunks=None if trunks is None else max(1, round(trunks * night.scale)),
            room=None if room is None else round(room * night.scale),
            wrap_up=staffing.wrap_up_seconds,
        ),
        staffing=staffing,
        unphoned=np.sort(np.array(list(unphoned_at.values()), dtype=np.float64)),
        results=len(plan.records),
        until=night.end,
    )
    return replace(demand, line=demand.with_line(agents=people, trunks=demand.line.trunks))


def _in_without_phone(attempts: Sequence[Done]) -> dict[str, float]:
    """When the app first accepted a report of each record from its chair, or off a photo."""
    first: dict[str, float] = {}
    for done in attempts:
        operation = done.operation
        unphoned = operation.channel != "hotline" and operation.kind == "submit_report"
        if unphoned and done.reply.answer_class.outcome is OK:
            first.setdefault(operation.record, done.done)
    return first


def _caucus_callers(
    plan: Plan, cast: Cast, calls: Sequence[Call], unphoned_at: Mapping[str, float]
) -> Iterator[Callers]:
    """Everybody who dials the results line, kind by kind."""
    chairs = _chairs(plan, calls, unphoned_at)
    for kind, group in chairs.items():
        yield _columns(kind, group, _chair_habits(cast, kind))
    helpless = [call for call in calls if plan.role(call.caller) == "help_caller"]
    yield _columns("help", helpless, _help_habits(cast))
    yield from _nuisance(plan, calls)


def _chairs(
    plan: Plan, calls: Sequence[Call], unphoned_at: Mapping[str, float]
) -> dict[str, list[Call]]:
    """Calls that report, by what becomes of chairs who do not get through.

    A record's second call, or one whose report the app has, is a correction: no further result.
    """
    row = {record: n for n, record in enumerate(plan.records)}
    kinds: dict[str, list[Call]] = {CHAIR: [], PHOTO: [], TEXT: [], CORRECTION: []}
    in_already = dict(unphoned_at)
    for call in sorted(calls, key=lambda each: each.dialled):
        if not call.record:
            continue
        if in_already.setdefault(call.record, math.inf) < math.inf:
            kinds[CORRECTION].append(call)
            continue
        in_already[call.record] = call.dialled
        way = WAYS[plan.parts.gives_way_to[row[call.record]]]
        kinds[_KIND_OF_WAY[way]].append(call)
    return {kind: group for kind, group in kinds.items() if group}


def _nuisance(plan: Plan, calls: Sequence[Call]) -> Iterator[Callers]:
    """Nuisance callers by sort, each by their first call: the model makes them dial again."""
    night = plan.night
    groups: dict[tuple[int, bool], list[Call]] = {}
    kinds = (night.cast.nuisance.silent, night.cast.nuisance.message, night.cast.nuisance.abuse)
    seen: set[int] = set()
    for call in sorted(calls, key=lambda each: each.dialled):
        caller = call.caller
        if plan.role(caller) != "nuisance" or caller in seen:
            continue
        seen.add(caller)
        kind = kinds.index(pests_of(night.cast.nuisance, night.seed, caller))
        hidden = withholds(night.cast.nuisance, night.seed, caller)
        groups.setdefault((kind, hidden), []).append(call)
    for (kind, hidden), group in sorted(groups.items()):
        barred = None if hidden else night.cast.hotline.barred_after
        name = f"{NUISANCE} {('silent', 'message', 'abuse')[kind]}{' withheld' if hidden else ''}"
        yield _columns(name, group, _pest_habits(kinds[kind], barred))


def _columns(kind: str, calls: Sequence[Call], habits: Mapping[str, Any]) -> Callers:
    """One kind of callers as columns."""
    ordered = sorted(calls, key=lambda each: each.dialled)
    talk = [(call.ended or 0.0) - (call.answered or 0.0) for call in ordered]
    return Callers(
        kind,
        np.array([call.dialled for call in ordered], dtype=np.float64),
        np.array(talk, dtype=np.float64),
        **{"reports": False, **habits},
    )


def _chair_habits(cast: Cast, kind: str) -> dict[str, Any]:
    persistence, staffing = cast.persistence, cast.hotline
    calls = persistence.redials
    if kind in (PHOTO, TEXT):
        calls = min(calls, persistence.inbox_after)
    return {
        "patience": _seconds(persistence.hold_minutes),
        "redial": Redial(
            busy=1.0, abandoned=1.0, cut_off=staffing.cut_off, delay=persistence.redial_delay,
            at_most=calls,
        ),
        "reports": kind != CORRECTION,
        **_held(staffing),
    }  # fmt: skip


def _help_habits(cast: Cast) -> dict[str, Any]:
    """Who needs help gives up at a busy tone, and comes back only if cut off."""
    return {
        "patience": _seconds(cast.caller_minutes),
        "redial": Redial(cut_off=cast.hotline.cut_off, delay=cast.persistence.redial_delay),
        **_held(cast.hotline),
    }


def _pest_habits(pests: Pests, barred_after: int | None) -> dict[str, Any]:
    again = 1.0 - 1.0 / pests.calls  # geometric, whatever came of the call
    return {
        "patience": _seconds(pests.hold_minutes),
        "redial": Redial(again, again, again, delay=60.0 * pests.redial_minutes),
        "barred_after": barred_after,
    }


def _held(staffing: Staffing) -> dict[str, Any]:
    """What those who hold go through, of whatever kind they are."""
    return {
        "call_back_after": _seconds(staffing.call_back_minutes),
        "call_back_share": staffing.call_back_share,
        "away": Away(staffing.away, AWAY_AFTER, staffing.silence_seconds),
    }


def _seconds(minutes: float | None) -> float | None:
    return None if minutes is None else 60.0 * minutes


def strike_demand(plan: StrikePlan, calls: Sequence[Call]) -> Demand:
    """The demand on the trunks of an election day: every line of the group, answered at once.

    Its lines are menus of the app, and headquarters' few phones; what limits the day is the
    trunks. A busy watcher dials again as often as a round allows.

    Args:
        plan: The day.
        calls: What came of playing it :class:`Unhurried`.
    """
    watching = plan.night.cast.watchers
    redial = Redial(busy=1.0, delay=watching.redial_seconds, at_most=watching.tries)
    office = replace(redial, at_most=1 + watching.office_redials)
    answered = [call for call in calls if call.answered is not None and call.ended is not None]
    lines = sorted({call.line for call in answered})
    trunks = watching.lines
    return Demand(
        callers=tuple(
            _columns(
                line,
                [call for call in answered if call.line == line],
                {"redial": office if line == HEADQUARTERS else redial},
            )
            for line in lines
        ),
        line=Line(
            None, trunks=None if trunks is None else max(1, round(trunks * plan.night.scale))
        ),
        staffing=None,
        unphoned=np.zeros(0),
        results=0,
        until=plan.night.end,
    )
