"""Which queue the settings name."""

from __future__ import annotations

from simulators.apps.hub.settings import INSIDE, TABLE
from simulators.apps.hub.work import InsideQueue, Queue, TableQueue


def queue_of(where: str) -> Queue:
    """The queue that the settings name."""
    if where == INSIDE:
        return InsideQueue()
    if where == TABLE:
        return TableQueue()
    from simulators.apps.hub.redis_queue import RedisQueue  # an extra: most need no such server

    return RedisQueue(where)
