"""How late this process runs: a carrier that stalls looks like an app that does.

A timer is set every 20 ms of wall time; how much later than asked for it fires is the lag.
"""

from __future__ import annotations

import asyncio

__all__ = ["Lag"]

_EVERY = 0.02
_WIDTH = 0.001


class Lag:
    """Lateness of the running loop, in wall seconds."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._counts: dict[int, int] = {}
        self._worst = 0.0
        self._due = self._loop.time() + _EVERY
        self._timer = self._loop.call_at(self._due, self._tick)

    def figures(self) -> dict[str, float]:
        """The 99th percentile (to the next millisecond) and the worst since the start."""
        total = sum(self._counts.values())
        seen = 0
        for bucket in sorted(self._counts):
            seen += self._counts[bucket]
            if seen >= 0.99 * total:
                return {"p99": (bucket + 1) * _WIDTH, "worst": self._worst}
        return {"p99": 0.0, "worst": self._worst}

    def stop(self) -> None:
        """Measure no more."""
        self._timer.cancel()

    def _tick(self) -> None:
        now = self._loop.time()
        late = max(0.0, now - self._due)
        self._worst = max(self._worst, late)
        bucket = int(late / _WIDTH)
        self._counts[bucket] = self._counts.get(bucket, 0) + 1
        self._due = now + _EVERY
        self._timer = self._loop.call_at(self._due, self._tick)
