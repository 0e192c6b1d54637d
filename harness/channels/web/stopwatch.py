"""A persona's own time: wall time without what is ours, such as looks at a page and queues."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stopwatch:
    """Runs while the persona acts or waits, and stands still while we do something of our own.

    Args:
        speed: Drill seconds in a wall second.
        clock: Wall seconds that only go forward.
    """

    def __init__(self, speed: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._speed, self._clock = speed, clock
        self._zero = clock()
        self._drill = 0.0
        self._stood = 0.0

    def set(self, drill: float, *, waited: float = 0.0) -> None:
        """It is this drill second now, of which wall seconds were spent in a queue of ours."""
        if not self._drill:
            self._zero, self._drill, self._stood = self._clock(), drill, waited
        else:  # what stood still before stays out of their time
            ours = self._stood + waited
            self._zero, self._drill, self._stood = self._clock(), drill, ours

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stand still while the block runs."""
        began = self._clock()
        try:
            yield
        finally:
            self._stood += self._clock() - began

    @property
    def drill(self) -> float:
        """Drill seconds since the drill began, without what was ours."""
        return self._drill + (self._clock() - self._zero - self._stood) * self._speed
