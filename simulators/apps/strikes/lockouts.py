"""Wrong PINs in a row lock a precinct for a while: four digits are soon tried through."""

from __future__ import annotations

import threading
from collections import Counter

from simulators.apps.serving.clock import Clock

TRIES = 10  # wrong PINs in a row before a precinct is locked
LOCKED = 15 * 60.0  # drill seconds


class Lockouts:
    """Counts wrong PINs by precinct. Kept in memory: a restart forgives everybody."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()  # phones are answered on the writer's thread, the web is not
        self._wrong: Counter[str] = Counter()
        self._until: dict[str, float] = {}

    def left(self, login: str) -> float:
        """Wall seconds until it opens again; 0 if it is open."""
        with self._lock:
            return max(0.0, self._until.get(login, 0.0) - self._clock.now())

    def wrong(self, login: str) -> None:
        """Count a wrong PIN."""
        with self._lock:
            self._wrong[login] += 1
            if self._wrong[login] >= TRIES:
                del self._wrong[login]
                self._until[login] = self._clock.now() + self._clock.wall(LOCKED)

    def right(self, login: str) -> None:
        """Forget the wrong ones."""
        with self._lock:
            self._wrong.pop(login, None)
