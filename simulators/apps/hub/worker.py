"""The worker: merges contacts into people, for as long as it runs, whatever is away meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

from simulators.apps.hub.backoff import Backoff
from simulators.apps.hub.defects import Switches
from simulators.apps.hub.merging import AT_ONCE, Merger
from simulators.apps.hub.work import Queue
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.store import Store


class Worker:
    """Takes from a queue and merges, in a task of its own.

    Attributes:
        merger: Does the merges.
        failed: How many have failed since it last succeeded.
    """

    def __init__(self, store: Store, queue: Queue, switches: Switches) -> None:
        self._store, self._queue = store, queue
        self.merger = Merger(switches)
        self.failed = 0
        self._backoff = Backoff(never=switches.retry_without_backoff)

    async def run(self) -> None:
        """Merge until cancelled."""
        while True:
            numbers = await self._queue.wait()
            while await self.merge_some(numbers) == AT_ONCE:
                numbers = ()

    async def merge_some(self, only: Sequence[int] = ()) -> int:
        """Merge some that wait, trying until it works; returns how many there were.

        Args:
            only: Numbers of contacts; without any, whichever wait.
        """
        while True:
            try:
                found = await self._store.write(lambda each: self.merger.merge(each, only=only))
            except (Refusal, SQLAlchemyError):
                # The database is away, or another worker was faster; the contacts still wait.
                self.failed += 1
                await asyncio.sleep(self._backoff.pause())
            else:
                self.failed = 0
                self._backoff.reset()
                return found
