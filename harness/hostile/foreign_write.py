"""Writing in another's name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from harness.hostile.attempt import REFUSED, UNKNOWN, Attempt
from harness.hostile.raid import Raid
from harness.target.wire import Answered

_CONFLICT = 409


async def tries(raid: Raid) -> AsyncIterator[Attempt]:
    """Send a report of the other's record with one's own account, in each way that is listed."""
    how = raid.model.foreign_write
    assert how is not None
    own, record = raid.device(raid.own), raid.other.record
    if why := await raid.signed_in(own):
        yield raid.cannot_tell(why, record)
        return
    for kind in how.kinds:
        if why := await raid.owner_writes(own, kind):
            yield raid.cannot_tell(f"{kind}: {why}", record)
            continue

        async def write(kind: str = kind) -> Answered:
            await raid.pace()
            return await own.perform(kind, record, raid.values, version=raid.next_version())

        attempt = await raid.trying(own, record, write, kind)
        if attempt.outcome == REFUSED and attempt.status == _CONFLICT:
            said = f"{kind}: a report of that record was there already, whoever sends another"
            attempt = replace(attempt, outcome=UNKNOWN, detail=said)
        yield attempt
    if why := await raid.still_in(own):
        yield raid.cannot_tell(why, record)
