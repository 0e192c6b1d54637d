"""Two kinds of time. What people do takes drill time; what protocols allow takes wall time.

A prompt of four seconds takes 4/speed wall seconds. A webhook's 15 seconds are 15 wall seconds at
any speed, and never pass through here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

__all__ = ["Clock"]


class Clock:
    """Person time on the running event loop.

    Args:
        speed: Drill seconds in a wall second, above zero.
        unix: Wall time in seconds since 1970; handed in by tests.
    """

    __slots__ = ("_loop", "speed", "unix")

    def __init__(self, speed: float, unix: Callable[[], float] = time.time) -> None:
        self._loop = asyncio.get_running_loop()
        self.speed = speed
        self.unix = unix

    def now(self) -> float:
        """Drill seconds since some moment before the start."""
        return self._loop.time() * self.speed

    def later(self, seconds: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        """Do ``call`` when ``seconds`` of drill time have passed."""
        return self._loop.call_later(seconds / self.speed, call)

    def wall(self, seconds: float) -> float:
        """Wall seconds that a stretch of drill time takes."""
        return seconds / self.speed

    def drill(self, wall_seconds: float) -> float:
        """Drill seconds that pass in a stretch of wall time."""
        return wall_seconds * self.speed
