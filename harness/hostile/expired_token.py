"""Going on with what signing in gave, after its time is over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

from harness.hostile.attempt import LET_IN, REFUSED, Attempt
from harness.hostile.raid import Raid


async def tries(raid: Raid) -> AsyncIterator[Attempt]:
    """Sign in, use what that gave, wait until its time is over, and use it again."""
    how, own, record = raid.model.expired_token, raid.device(raid.own), raid.own.record
    assert how is not None
    if why := await raid.signed_in(own, raid.flows.short_sign_in):
        yield raid.cannot_tell(why, record)
        return
    since = time.monotonic()
    lives = how.lifetime_s
    if lives is None:
        lives = _seconds(own.session.found.get(how.expires_in or ""))
    if lives is None:
        yield raid.cannot_tell("the app does not say for how long it signs anybody in", record)
        return
    over = since + lives + how.grace_s
    if over > raid.until:
        yield raid.cannot_tell(
            f"what signing in gives lives for {lives:,.0f} s, and the intruder is gone in "
            f"{raid.until - since:,.0f} s: ask for a shorter time in expired_token.sign_in",
            record,
        )
        return
    if why := await raid.owner_reads(own):
        yield raid.cannot_tell(f"within {lives:,.1f} s of signing in {why}", record)
        return
    await asyncio.sleep(over - time.monotonic())
    late = time.monotonic() - since - lives
    attempt = await raid.trying(own, record, lambda: raid.private(own, record))
    if attempt.outcome in (LET_IN, REFUSED):
        said = f"{attempt.detail.rstrip('.')}, {late:.1f} s after its time was over"
        attempt = replace(attempt, detail=said)
    yield attempt
    if why := await raid.signed_in(own) or await raid.still_in(own):
        yield raid.cannot_tell(why, record)


def _seconds(said: object) -> float | None:
    """What the app says of a time, in seconds; None if it is no time.

    Example:
        >>> _seconds("900"), _seconds(2.5), _seconds(-1), _seconds("soon")
        (900.0, 2.5, None, None)
    """
    try:
        seconds = float(str(said))
    except ValueError:
        return None
    return seconds if 0 < seconds < float("inf") else None
