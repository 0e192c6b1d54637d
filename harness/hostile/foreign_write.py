"""Writing in another's name."""

from __future__ import annotations

from collections.abc import AsyncIterator

from harness.hostile.attempt import Attempt
from harness.hostile.raid import Raid
from harness.target.wire import Answered


async def tries(raid: Raid) -> AsyncIterator[Attempt]:
    """Send a report of the other's record with one's own account, in each way that is listed."""
    how = raid.model.foreign_write
    assert how is not None
    own, record = raid.device(raid.own), raid.other.record
    if why := await raid.signed_in(own):
        yield raid.cannot_tell(why, record)
        return
    for kind in how.kinds:

        async def write(kind: str = kind) -> Answered:
            await raid.pace()
            return await own.perform(kind, record, raid.values, version=raid.next_version())

        yield await raid.trying(own, record, write, kind)
