"""What happens to a contact between its check and its answer.

As it should be: it is stored, then acknowledged. Four defects do otherwise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from simulators.apps.hub.contact import Contact
from simulators.apps.hub.contacts import Accepted
from simulators.apps.hub.defects import Switches
from simulators.apps.hub.peer import Peer
from simulators.apps.serving.refusal import Refusal

HOLD = 3.0  # wall seconds that a contact is in memory only, with memory_queue
ROOM, EMPTIED = 5, 1.0  # contacts, and wall seconds, with queue_drops_when_full
COUNTERS = 4  # with pool_exhausted

Keep = Callable[[Contact], Awaitable[Accepted]]


class Intake:
    """Takes contacts.

    Args:
        keep: Stores one; returns once it is on disk.
        peer: The other region, if there is one.
    """

    def __init__(self, keep: Keep, switches: Switches, peer: Peer | None) -> None:
        self._keep, self._switches, self._peer = keep, switches, peer
        self.counters = asyncio.Semaphore(COUNTERS)
        self._held: list[Contact] = []
        self._own: list[Contact] = []  # taken down as the only leader, with two_leaders
        self._answered = 0
        self._task: asyncio.Task[None] | None = None
        if switches.memory_queue or switches.queue_drops_when_full:
            self._task = asyncio.create_task(self._empty())

    async def take(self, sent: Contact) -> Accepted:
        """Store a contact; returns once it is safe.

        Raises:
            Refusal: If it is not taken.
        """
        if self._switches.two_leaders and self._peer is not None:
            if not self._peer.well:
                self._own.append(sent)
                return self._answer(sent)
            self._own.clear()
        if self._switches.queue_drops_when_full:
            if len(self._held) < ROOM:
                self._held.append(sent)
            return self._answer(sent)
        if self._switches.memory_queue:
            self._held.append(sent)
            return self._answer(sent)
        return await self._keep(sent)

    async def close(self) -> None:
        """Store what is held, if anything is."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._store_held()

    def _answer(self, sent: Contact) -> Accepted:
        self._answered += 1
        return Accepted(replace(sent, id=self._answered), new=True)

    async def _empty(self) -> None:
        while True:
            await asyncio.sleep(HOLD if self._switches.memory_queue else EMPTIED)
            await self._store_held()

    async def _store_held(self) -> None:
        held, self._held = self._held, []
        stored = await asyncio.gather(*map(self._keep, held), return_exceptions=True)
        self._held += [
            each
            for each, found in zip(held, stored, strict=True)
            if isinstance(found, Refusal) and found.status >= 500
        ]
