"""How long to wait before trying again: longer each time, and never all at the same moment."""

from __future__ import annotations

import random

FIRST, MOST = 0.05, 2.0  # wall seconds


class Backoff:
    """Pauses between tries at something that fails.

    Args:
        never: Do not pause: the defect ``retry_without_backoff``.
    """

    def __init__(self, *, never: bool = False) -> None:
        self._never = never
        self._next = FIRST
        self._rng = random.Random()

    def pause(self) -> float:
        """Wall seconds to wait now; half of it is left to chance."""
        if self._never:
            return 0.0
        pause, self._next = self._next, min(MOST, self._next * 2)
        return pause * self._rng.uniform(0.5, 1.0)

    def reset(self) -> None:
        """It worked: begin with short pauses again."""
        self._next = FIRST
