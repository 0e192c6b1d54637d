"""The drill clock: drill seconds on the wall's time, and a heap of what is due.

Whatever is due is released in batches from one timer. While something is released, ``now`` is
the moment it was due, not the moment we got to it: what follows from it then neither drifts nor
hides our own lateness.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from time import perf_counter_ns

_BATCH = 200  # released at once, before the loop looks at its sockets again
_LEAST = 0.001  # seconds: the resolution of uvloop's timers


class DrillClock:
    """Drill time in real time; see ``simulators.stage.Clock``.

    Args:
        loop: The loop to release on.
        speed: Drill seconds in a wall second.

    Attributes:
        start: ``perf_counter_ns`` of drill second 0, once :meth:`begin` has been told it.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, speed: float) -> None:
        self.start = 0
        self.speed = speed
        self.ns_per_drill_second = 1e9 / speed
        self.releasing = False
        self._loop = loop
        self._due = 0.0
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._next = itertools.count()
        self._timer: asyncio.Handle | None = None
        self._timer_due = float("inf")
        self._going = False

    def begin(self, start: int) -> None:
        """Let drill time run, with drill second 0 at ``perf_counter_ns`` ``start``."""
        self.start = start
        self._going = True
        self._arm()

    def now(self) -> float:
        """Drill seconds since the drill began: of what is released now, or of the wall."""
        if self.releasing:
            return self._due
        return (perf_counter_ns() - self.start) / self.ns_per_drill_second

    def elapsed(self) -> int:
        """Wall nanoseconds since drill second 0."""
        return perf_counter_ns() - self.start

    def at(self, due: float, call: Callable[[], None]) -> None:
        """Call when drill time reaches ``due``."""
        heapq.heappush(self._heap, (due, next(self._next), call))
        if due < self._timer_due and self._going and not self.releasing:
            self._arm()

    def stop(self) -> None:
        """Release nothing more."""
        self._going = False
        self._heap.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timer_due = float("inf")
        if not self._going or not self._heap:
            return
        self._timer_due = due = self._heap[0][0]
        left = (due * self.ns_per_drill_second - self.elapsed()) / 1e9
        if left <= 0:
            self._timer = self._loop.call_soon(self._release)
        else:
            self._timer = self._loop.call_later(max(left, _LEAST), self._release)

    def _release(self) -> None:
        """Release what is due, at most one batch of it."""
        heap = self._heap
        limit = self.elapsed() / self.ns_per_drill_second
        self.releasing = True
        try:
            for _ in range(_BATCH):
                if not heap or heap[0][0] > limit:
                    break
                self._due, _, call = heapq.heappop(heap)
                call()
        finally:
            self.releasing = False
        self._arm()


def start_of(start_at: float) -> int:
    """``perf_counter_ns`` of a moment given in Unix seconds; looked at once, never again."""
    return perf_counter_ns() + int((start_at - time.time()) * 1e9)
