"""Fields that nobody offered, sent with an honest write; then somebody reads the record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from harness.hostile.attempt import HARMED, LET_IN, REFUSED, UNKNOWN, Attempt, outcome_of, says
from harness.hostile.body import with_fields
from harness.hostile.raid import Raid
from harness.target.answer import Seen
from harness.target.jar import Jar
from harness.target.json_path import MISSING
from harness.target.wire import Answered, Request
from simulators.behaviours.protocol import Outcome


async def tries(raid: Raid) -> AsyncIterator[Attempt]:
    """Write one's own record with each field added, and look whether it stuck."""
    how, own, record = raid.model.mass_assignment, raid.device(raid.own), raid.own.record
    assert how is not None
    if why := await raid.signed_in(own) or await raid.owner_writes(own, how.write):
        yield raid.cannot_tell(why, record)
        return
    for name, value in how.fields.items():
        held, why = await _held(raid, name)
        if why or _same(held, value):
            yield raid.cannot_tell(why or f"{name} is {held!r} without any try", record)
            continue

        async def once(name: str = name, value: Any = value) -> Attempt:
            put: list[Request] = []

            def change(request: Request) -> Request:
                changed = with_fields(request, {name: value}, how.within)
                put.extend([] if changed is None else [changed])
                return changed or request

            await raid.pace()
            answered = await own.perform(
                how.write, record, raid.values, version=raid.next_version(), change=change
            )
            if not put:
                return raid.cannot_tell("the write has no JSON object or form to add to", record)
            return await _judge(raid, answered, name, value)

        yield await raid.settled(once)
    if why := await raid.still_in(own):
        yield raid.cannot_tell(why, record)


async def _judge(raid: Raid, answered: Answered, name: str, value: Any) -> Attempt:
    """Whether the field stuck, whatever the app said to the write."""
    who, record, status = raid.own.key, raid.own.record, answered.status
    outcome = outcome_of(answered)
    if outcome not in (LET_IN, REFUSED):  # whether it looked at the field, nobody can tell
        outcome = HARMED if outcome == HARMED else UNKNOWN
        return Attempt(outcome, who, record, status, says(answered))
    if answered.stored_id:
        raid.stored.append(answered.stored_id)
    held, why = await _held(raid, name)
    if why:
        return Attempt(UNKNOWN, who, record, status, why)
    if _same(held, value):
        return Attempt(LET_IN, who, record, status, f"{name} stuck: the app holds {held!r}")
    return Attempt(REFUSED, who, record, status, f"{name} is {held!r}")


async def _held(raid: Raid, name: str) -> tuple[Any, str]:
    """What a reader sees of a field, or why nothing can be seen."""
    how, seen = raid.model.mass_assignment, raid.flows.seen
    assert how is not None
    assert seen is not None
    reader = raid.as_role(how.read.role)
    if why := await raid.signed_in(reader):
        return None, why
    answered = await raid.patiently(lambda: reader.follow(seen, raid.own.record))
    if answered.answer_class.outcome is not Outcome.OK or reader.last is None:
        return None, f"the record could not be read: {says(answered)}"
    found = raid.flows.places[name](Seen(reader.last, Jar()))
    return (None if found is MISSING else found), ""


def _same(held: Any, value: Any) -> bool:
    return held is not None and (held == value or str(held).lower() == str(value).lower())
