"""Queues that an app puts its callers in.

A queue comes into being when a caller is put into it, holds 1,000 unless it is resized, and hands
out its callers in order of arrival (docs: voice/twiml/enqueue). Times are drill seconds.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Protocol

from simulators.providers.carrier.events import TakenOut
from simulators.providers.carrier.ids import Ids

__all__ = ["CallQueue", "Member", "Queues"]

LARGEST = 5000
"""The most that a queue can be resized to (docs: voice/api/queue-resource)."""


class Waiting(Protocol):
    """A call, as the queue it waits in sees it."""

    sid: str

    def bridge(self, taken: TakenOut) -> None:
        """Take it out of the queue."""
        ...


@dataclass(slots=True)
class Member:
    """One waiting call.

    Attributes:
        since: Drill seconds when it was put into the queue.
        enqueued: The same moment, in seconds since 1970.
        left: Drill seconds when it left the queue, however; None while it waits.
    """

    call: Waiting
    since: float
    enqueued: float
    left: float | None = None


@dataclass(slots=True)
class CallQueue:
    """One queue."""

    name: str
    sid: str
    made: float
    max_size: int = 1000
    members: OrderedDict[str, Member] = field(default_factory=OrderedDict)
    waited: float = 0.0
    left: int = 0
    most: int = 0
    turned_away: int = 0
    arrivals: list[asyncio.Future[None]] = field(default_factory=list)

    @property
    def average_wait(self) -> float:
        """Mean drill seconds that those who left had waited."""
        return self.waited / self.left if self.left else 0.0

    def join(self, member: Member, limit: float = float("inf")) -> bool:
        """Put a call last. False if the queue is full, or holds ``limit`` callers."""
        if len(self.members) >= min(self.max_size, limit):
            self.turned_away += 1
            return False
        self.members[member.call.sid] = member
        self.most = max(self.most, len(self.members))
        for arrival in self.arrivals:
            if not arrival.done():
                arrival.set_result(None)
        self.arrivals.clear()
        return True

    def leave(self, sid: str, now: float) -> Member | None:
        """Take a call out, wherever it stands; None if it is not in the queue."""
        member = self.members.pop(sid, None)
        if member is not None:
            member.left = now
            self.waited += now - member.since
            self.left += 1
        return member

    def front(self) -> Member | None:
        """Who has waited longest."""
        return next(iter(self.members.values()), None)

    def position(self, sid: str) -> int:
        """1 for the next to be answered; 0 for a call that is not in the queue."""
        for place, each in enumerate(self.members, 1):
            if each == sid:
                return place
        return 0

    def arrival(self) -> asyncio.Future[None]:
        """Done when the next call is put into the queue."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.arrivals.append(future)
        return future


class Queues:
    """All queues of the account, by name and by sid."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.by_name: dict[str, CallQueue] = {}
        self.by_sid: dict[str, CallQueue] = {}

    def open(self, name: str, made: float, max_size: int = 1000) -> CallQueue:
        """The queue of this name, made if there is none; ``made`` in seconds since 1970.

        Raises:
            ValueError: If the name has no character or more than 64, or the size is out of range.
        """
        if name in self.by_name:
            return self.by_name[name]
        if not 1 <= len(name) <= 64:
            raise ValueError(f"queue {name[:80]!r}: a name has 1 to 64 characters")
        if not 1 <= max_size <= LARGEST:
            raise ValueError(f"queue {name}: max_size={max_size}, but it is 1 to {LARGEST}")
        queue = CallQueue(name, self._ids.sid("QU", name), made, max_size)
        self.by_name[name] = self.by_sid[queue.sid] = queue
        return queue

    def close(self, sid: str) -> bool:
        """Delete an empty queue. False if calls wait in it.

        Raises:
            KeyError: If there is no such queue.
        """
        queue = self.by_sid[sid]
        if queue.members:
            return False
        del self.by_sid[sid], self.by_name[queue.name]
        return True
