"""An honest visitor who looks, on new connections, how the app is while it is crowded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from harness.hostile.attempt import HARMED, REFUSED, Attempt, says
from harness.hostile.guest import Guest
from harness.hostile.raid import Raid
from harness.target.hostile_model import Crowding
from harness.target.wire import Request, Response
from simulators.behaviours.protocol import Outcome

_EVERY = 0.2  # wall seconds between two looks
_CROWDS = 2  # at most: a second one only where the first did harm


@dataclass
class Look:
    """What the honest visitor met.

    Attributes:
        answers: How many honest answers came.
        slowest: Wall seconds of the slowest.
        failed: What went wrong, in a few words; empty if nothing did.
    """

    answers: int = 0
    slowest: float = 0.0
    failed: str = ""


async def crowded(raid: Raid, how: Crowding, crowd: Callable[[], Awaitable[str]]) -> Attempt:
    """Let a crowd in, and see whether an honest visitor gets through all the while.

    Args:
        crowd: Comes, stays for ``how.seconds`` and goes; returns what it did, in words.
    """
    if (why := await raid.other_reads()) or (visitor := raid.phone) is None:
        return raid.cannot_tell(why)
    whose = raid.other.key, raid.other.record

    async def once() -> Attempt:
        look, over = Look(), asyncio.Event()
        began = time.monotonic()
        looking = asyncio.create_task(_look(raid, visitor, how.within_s, over, look))
        try:
            did = await crowd()
        finally:
            over.set()
            await looking
        took = time.monotonic() - began
        seen = f"{look.answers} honest answers, the slowest after {look.slowest * 1000:.0f} ms"
        if look.failed:
            return Attempt(HARMED, *whose, 0, f"{did}: {look.failed} ({seen})", took)
        return Attempt(REFUSED, *whose, 200, f"{did}: {seen}", took)

    return await raid.settled(once, _CROWDS)


async def _look(raid: Raid, visitor: Guest, within: float, over: asyncio.Event, look: Look) -> None:
    """Ask for one's own record again and again, until the crowd has gone or something fails."""
    while not look.failed and (not over.is_set() or not look.answers):
        wire, kept = raid.new_wire(1), visitor.wire
        visitor.wire = wire
        began = time.monotonic()
        try:
            async with asyncio.timeout(within):
                answered = await raid.private(visitor, raid.other.record)
        except TimeoutError:
            look.failed = f"an honest visitor waited for more than {within:g} s"
            look.slowest = time.monotonic() - began
            return
        finally:
            wire.close()
            visitor.wire = kept
            await asyncio.sleep(0)
        look.slowest = max(look.slowest, time.monotonic() - began)
        if answered.answer_class.outcome is Outcome.OK:
            look.answers += 1
        else:
            look.failed = f"an honest visitor was not served: {says(answered)}"
        await asyncio.sleep(_EVERY)


async def request_of(raid: Raid, operation: str) -> Request | None:
    """The honest request with a body that an operation of the intruder's begins with.

    It is made and not sent; None where the operation has no request with a body.
    """
    own = raid.device(raid.own)
    if await raid.signed_in(own):
        return None
    values = raid.values if operation in ("submit_report", "amend_report") else None
    asking = raid.target.perform(
        own.operation(operation, raid.own.record, values, raid.next_version()), own.session
    )
    try:
        request = next(asking)
        while not request.body:
            response: Response = await raid.wire.fetch(request)
            request = asking.send(response)
    except StopIteration:
        return None
    finally:
        asking.close()
    return replace(request, timeout=min(request.timeout, 10.0))
