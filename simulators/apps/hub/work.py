"""How the worker learns that there are contacts to merge.

The list of contacts that are not merged is the database; a queue only says sooner. So nothing is
lost with a queue: what it did not say is found at the next look.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol, cast

from redis.exceptions import RedisError

from simulators.apps.hub.cache import PATIENCE, client
from simulators.apps.hub.merging import AT_ONCE
from simulators.apps.hub.settings import INSIDE, TABLE

LOOK = 0.1  # wall seconds between looks into the table, where nobody tells
SWEEP = 1.0  # wall seconds between looks for what the queue did not say
LIST = "hub:contacts"


class Queue(Protocol):
    """What the app needs of one."""

    @property
    def well(self) -> bool:
        """Whether it takes what it is told."""

    async def tell(self, number: int) -> None:
        """Say that a contact waits."""

    async def wait(self) -> Sequence[int]:
        """Numbers of contacts to merge, once there are some; none: look into the table."""

    async def close(self) -> None:
        """Let go of it."""


class InsideQueue:
    """For a worker in the same process."""

    well = True

    def __init__(self) -> None:
        self._told = asyncio.Event()

    async def tell(self, number: int) -> None:
        """Wake the worker."""
        self._told.set()

    async def wait(self) -> Sequence[int]:
        """Until somebody tells, or a second is over."""
        try:
            async with asyncio.timeout(SWEEP):
                await self._told.wait()
        except TimeoutError:
            return ()
        self._told.clear()
        return ()

    async def close(self) -> None:
        """Nothing to let go of."""


class TableQueue:
    """The worker looks into the table by itself, and nobody tells it."""

    well = True

    async def tell(self, number: int) -> None:
        """The table says it."""

    async def wait(self) -> Sequence[int]:
        """A moment."""
        await asyncio.sleep(LOOK)
        return ()

    async def close(self) -> None:
        """Nothing to let go of."""


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


def queue_of(where: str) -> Queue:
    """The queue that the settings name."""
    if where == INSIDE:
        return InsideQueue()
    return TableQueue() if where == TABLE else RedisQueue(where)
