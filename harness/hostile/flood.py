"""Junk at a stated rate. How each is answered is another question (``junk``)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace

from harness.hostile.attempt import REFUSED, Attempt
from harness.hostile.body import with_body
from harness.hostile.crowd import crowded, request_of
from harness.hostile.raid import Raid

_JUNK = b'{"flood": '
_PATIENCE = 10.0  # wall seconds for one answer
_IN_FLIGHT = 60  # at most; what an app cannot take in time is not heaped up


async def tries(raid: Raid) -> AsyncIterator[Attempt]:
    """Send half a JSON again and again, and see whether an honest visitor gets through."""
    how = raid.model.flood
    assert how is not None
    request = await request_of(raid, how.of)
    if request is None:
        yield raid.cannot_tell(f"{how.of} sends no body")
        return
    junk = replace(with_body(request, _JUNK), timeout=_PATIENCE)
    rate = min(how.per_second, raid.most_per_second)
    at_once = min(_IN_FLIGHT, raid.most_at_once)
    statuses: Counter[int] = Counter()
    most_answered = 0

    async def crowd() -> str:
        nonlocal most_answered
        statuses.clear()
        wire, gate = raid.new_wire(at_once), asyncio.Semaphore(at_once)
        loop = asyncio.get_running_loop()

        async def one(due: float) -> None:
            await asyncio.sleep(due - loop.time())
            async with gate:
                if loop.time() < over:
                    statuses[(await wire.fetch(junk)).status] += 1

        began, over = loop.time(), loop.time() + how.seconds
        await asyncio.gather(*(one(began + n / rate) for n in range(int(rate * how.seconds))))
        wire.close()
        await asyncio.sleep(0)
        told = ", ".join(f"{n} times {status or 'no answer'}" for status, n in statuses.items())
        sent = statuses.total()
        most_answered = max(most_answered, sent - statuses[0])
        return f"{sent} requests of junk at up to {rate:g} a second ({told})"

    attempt = await crowded(raid, how, crowd)
    if attempt.outcome == REFUSED and not most_answered:
        attempt = raid.cannot_tell("no junk got an answer, so nobody knows whether any arrived")
    yield attempt
