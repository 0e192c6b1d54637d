"""Junk at a stated rate, whether it is answered or not."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace

from harness.hostile.attempt import HARMED, LET_IN, Attempt
from harness.hostile.body import with_body
from harness.hostile.crowd import crowded, request_of
from harness.hostile.raid import Raid

_JUNK = b'{"flood": '
_IN_FLIGHT = 200


async def tries(raid: Raid) -> AsyncIterator[Attempt]:
    """Send half a JSON again and again, and see whether an honest visitor gets through."""
    how = raid.model.flood
    assert how is not None
    request = await request_of(raid, how.of)
    if request is None:
        yield raid.cannot_tell(f"{how.of} sends no body")
        return
    junk = with_body(request, _JUNK)
    rate = min(how.per_second, raid.most_per_second)
    statuses: Counter[int] = Counter()

    async def crowd() -> str:
        statuses.clear()
        wire, gate = raid.new_wire(_IN_FLIGHT), asyncio.Semaphore(_IN_FLIGHT)
        loop = asyncio.get_running_loop()

        async def one(due: float) -> None:
            await asyncio.sleep(due - loop.time())
            async with gate:
                response = await wire.fetch(replace(junk, timeout=how.within_s))
            statuses[response.status] += 1

        began, count = loop.time(), int(rate * how.seconds)
        await asyncio.gather(*(one(began + n / rate) for n in range(count)))
        wire.close()
        await asyncio.sleep(0)
        told = ", ".join(f"{n} times {status or 'no answer'}" for status, n in statuses.items())
        return f"{count} requests of junk at {rate:g} a second ({told})"

    attempt = await crowded(raid, how, crowd)
    worst = max(statuses, default=0)
    if attempt.decided and worst >= 500:
        attempt = replace(attempt, outcome=HARMED, status=worst)
    elif attempt.decided and any(200 <= status < 300 for status in statuses):
        attempt = replace(attempt, outcome=LET_IN, status=min(s for s in statuses if s >= 200))
    yield attempt
