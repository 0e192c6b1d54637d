"""How the worker learns that there are contacts to merge.

The list of contacts that are not merged is the database; a queue only says sooner. So nothing is
lost with a queue: what it did not say is found at the next look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

LOOK = 0.1  # wall seconds between looks into the table, where nobody tells
SWEEP = 1.0  # wall seconds between looks for what the queue did not say


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
