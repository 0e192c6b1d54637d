"""Going on with what signing in gave, after signing out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from copy import deepcopy

from harness.hostile.attempt import Attempt, says
from harness.hostile.raid import Raid
from simulators.behaviours.protocol import Outcome


async def tries(raid: Raid) -> AsyncIterator[Attempt]:
    """Sign in, sign out, and ask for one's own record with the credentials that are over."""
    own, record = raid.device(raid.own), raid.own.record
    sign_out = raid.flows.sign_out
    assert sign_out is not None
    if why := await raid.signed_in(own) or await raid.owner_reads(own):
        yield raid.cannot_tell(why, record)
        return
    kept = raid.device(raid.own)
    kept.session.head, kept.session.query = own.session.head, own.session.query
    kept.session.jar, kept.session.found = deepcopy(own.session.jar), dict(own.session.found)
    answered = await raid.patiently(lambda: own.follow(sign_out, record))
    if answered.answer_class.outcome is not Outcome.OK:
        yield raid.cannot_tell(f"signing out failed: {says(answered)}", record)
        return
    yield await raid.trying(kept, record, lambda: raid.private(kept, record))
    if why := await raid.signed_in(own) or await raid.still_in(own):
        yield raid.cannot_tell(why, record)
