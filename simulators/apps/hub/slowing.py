"""Wrong passwords slow an account down, the longer the more of them there are in a row."""

from __future__ import annotations

import threading
from collections import Counter

from simulators.apps.serving.clock import Clock

FREE = 5  # wrong passwords in a row that cost nothing
FIRST, MOST = 30.0, 15 * 60.0  # drill seconds


class Slowing:
    """Counts wrong passwords by account. Kept in memory: a restart forgives everybody."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: Counter[str] = Counter()
        self._until: dict[str, float] = {}

    def left(self, user: str) -> float:
        """Wall seconds until the account may be tried again; 0 if it may now."""
        with self._lock:
            return max(0.0, self._until.get(user, 0.0) - self._clock.now())

    def wrong(self, user: str) -> None:
        """Count a wrong password."""
        with self._lock:
            self._wrong[user] += 1
            beyond = self._wrong[user] - FREE
            if beyond >= 0:
                pause = min(MOST, FIRST * 2**beyond)
                self._until[user] = self._clock.now() + self._clock.wall(pause)

    def right(self, user: str) -> None:
        """Forget the wrong ones."""
        with self._lock:
            self._wrong.pop(user, None)
            self._until.pop(user, None)
