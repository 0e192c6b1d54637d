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
        self._stands_since: float | None = None

    def set(self, drill: float) -> None:
        """It is this drill second now, and nothing has stood still yet."""
        self._zero, self._drill, self._stood = self._clock(), drill, 0.0

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stand still while the block runs; within another such block, it does already."""
        if self._stands_since is not None:
            yield
            return
        since = self._stands_since = self._clock()
        try:
            yield
        finally:
            self._stood += self._clock() - since
            self._stands_since = None

    @property
    def drill(self) -> float:
        """Drill seconds since the drill began, without what was ours."""
        now = self._clock() if self._stands_since is None else self._stands_since
        return self._drill + (now - self._zero - self._stood) * self._speed
