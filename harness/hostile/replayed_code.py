"""A code that is good for one sign-in, used a second time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from harness.hostile.attempt import Attempt, says
from harness.hostile.raid import Raid
from harness.target.wire import Answered
from simulators.behaviours.protocol import Outcome


async def tries(raid: Raid) -> AsyncIterator[Attempt]:
    """Have a code issued for one's own account, sign in with it, and do so again elsewhere."""
    use, how, record = raid.flows.code_use, raid.model.replayed_code, raid.own.record
    assert use is not None
    assert how is not None
    code, why = await _issued(raid, how.get.role)
    if why:
        yield raid.cannot_tell(why, record)
        return
    first = raid.device(raid.own)
    answered = await first.sign_in(flow=use, extra=code)
    if answered.answer_class.outcome is not Outcome.OK:
        yield raid.cannot_tell(f"the code did not work once: {says(answered)}", record)
        return
    second = raid.device(raid.own)

    async def again() -> Answered:
        await raid.pace()
        return await second.sign_in(flow=use, extra=code)

    yield await raid.trying(second, record, again)


async def _issued(raid: Raid, role: str | None) -> tuple[dict[str, Any], str]:
    """What the issuing flow captured, or why it failed."""
    get = raid.flows.code_get
    assert get is not None
    issuer = raid.as_role(role)
    if why := await raid.signed_in(issuer):
        return {}, why
    issuer.session.facts = raid.device(raid.own).session.facts  # templates name its owner
    answered = await raid.patiently(lambda: issuer.follow(get, raid.own.record))
    if answered.answer_class.outcome is not Outcome.OK:
        return {}, f"no code was issued: {says(answered)}"
    return answered.captures, ""
