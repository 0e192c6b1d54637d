"""A session's name that an intruder knows, because they handed it to its owner beforehand."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator

from harness.hostile.attempt import REFUSED, Attempt
from harness.hostile.guest import Guest
from harness.hostile.raid import Raid
from simulators.behaviours.protocol import Outcome


async def tries(raid: Raid) -> AsyncIterator[Attempt]:
    """Let the owner sign in on a device that holds a session of ours, and use that session."""
    how, record = raid.model.fixed_session, raid.own.record
    assert how is not None
    given = await _handed_out(raid, how.cookie)
    known = given or secrets.token_hex(16)
    victim = raid.device(raid.own)
    _give(victim, how.cookie, known)
    answered = await raid.patiently(lambda: victim.sign_in(afresh=False))
    if answered.answer_class.outcome is not Outcome.OK:
        yield raid.cannot_tell("its owner could not sign in with a session handed in", record)
        return
    if why := await raid.owner_reads(victim):
        yield raid.cannot_tell(why, record)
        return
    intruder = raid.stranger()
    _give(intruder, how.cookie, known)
    attempt = await raid.trying(intruder, record, lambda: raid.private(intruder, record))
    if attempt.outcome == REFUSED and not given and (why := await _sets_none(raid, how.cookie)):
        attempt = raid.cannot_tell(why, record)
    yield attempt


async def _sets_none(raid: Raid, cookie: str) -> str:
    """Why an app that never sets this cookie cannot be told by it; empty if it does."""
    device = raid.device(raid.own)
    if why := await raid.signed_in(device):
        return why
    if device.session.jar.get(cookie):
        return ""
    return f"neither a visit nor signing in gives a cookie called {cookie}"


async def _handed_out(raid: Raid, cookie: str) -> str:
    """A session that the app gave to somebody who has not signed in; empty if it gives none."""
    if raid.flows.visit is not None:
        passer_by = raid.stranger()
        await raid.pace()
        await passer_by.follow(raid.flows.visit)
        return passer_by.session.jar.get(cookie) or ""
    return ""


def _give(guest: Guest, cookie: str, value: str) -> None:
    guest.session.jar.take(f"{cookie}={value}".encode())
