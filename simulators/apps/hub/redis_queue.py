"""A list in a Redis server as the queue."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import cast

from redis.exceptions import RedisError

from simulators.apps.hub.merging import AT_ONCE
from simulators.apps.hub.redis_client import PATIENCE, client
from simulators.apps.hub.work import LOOK, SWEEP

LIST = "hub:contacts"


class RedisQueue:
    """A list in a Redis server; several workers may take from it."""

    def __init__(self, url: str) -> None:
        self._teller, self._taker = client(url, PATIENCE), client(url, SWEEP + PATIENCE)
        self._swept = time.monotonic()
        self._quiet_until = 0.0
        self.well = True

    async def tell(self, number: int) -> None:
        """Say that a contact waits; not said while the server is away."""
        if time.monotonic() < self._quiet_until:
            return
        try:
            await _awaited(self._teller.rpush(LIST, number))
        except (RedisError, OSError):
            self.well, self._quiet_until = False, time.monotonic() + SWEEP
        else:
            self.well = True

    async def wait(self) -> Sequence[int]:
        """Numbers that were told, or none when it is time for a look at the table."""
        left = self._swept + SWEEP - time.monotonic()
        if left > 0:
            try:
                first = await _awaited(self._taker.blpop([LIST], timeout=max(0.01, left)))
                if first is not None:
                    more = await _awaited(self._taker.lpop(LIST, AT_ONCE - 1))
                    return [int(each) for each in (first[1], *(more or ()))]
            except (RedisError, OSError):
                await asyncio.sleep(LOOK)
        self._swept = time.monotonic()
        return ()

    async def close(self) -> None:
        """Let go of it."""
        await self._teller.aclose()
        await self._taker.aclose()


async def _awaited(answer: object) -> list[bytes]:
    # The library tells its commands' answers as "an answer, or one to wait for".
    return await cast("asyncio.Future[list[bytes]]", answer)
