"""Reading what is another's: signed in as oneself, and not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from harness.hostile.attempt import Attempt
from harness.hostile.raid import Raid


async def tries(raid: Raid) -> AsyncIterator[Attempt]:
    """Ask for the other's record with one's own account, and as a stranger."""
    own, record = raid.device(raid.own), raid.other.record
    # What its owner cannot read either may not be there, and then a no says nothing.
    if why := await raid.signed_in(own) or await raid.owner_reads(own) or await raid.other_reads():
        yield raid.cannot_tell(why, record)
        return
    for guest in (own, raid.stranger()):
        yield await raid.trying(guest, record, partial(raid.private, guest, record))
    if why := await raid.still_in(own):
        yield raid.cannot_tell(why, record)
