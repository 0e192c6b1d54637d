"""Drill time, for this app's own lock-outs and lifetimes."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """Wall time in seconds, with durations told in drill time.

    Attributes:
        speed: Drill seconds that pass in one wall second, above zero.
    """

    speed: float = 1.0

    def now(self) -> float:
        """Unix time in wall seconds."""
        return time.time()

    def wall(self, drill_seconds: float) -> float:
        """How long a stretch of drill time takes on the wall clock, in seconds.

        Example:
            >>> Clock(speed=120).wall(15 * 60)
            7.5
        """
        return drill_seconds / self.speed
