"""How the app gives way under load, where a defect makes it: ``accepts_then_drops_under_load``
and ``slow_under_load``.

Times here are wall seconds: load is what arrives in wall time, whatever the drill's speed. The
night of Iowa offers about 26 reports a wall second at its peak at scale 0.05 and speed 1200,
and about 52 at full scale and speed 120; the thresholds lie well below both.
"""

from __future__ import annotations

import asyncio
from collections import deque

from simulators.apps.reporting.defects import Switches

WINDOW = 1.0
CALM = 5  # reports in a window that are all kept
STEP = 0.25  # wait for each other report that waits
LONGEST = 12.0


class Strain:
    """Sees every report that comes in, and does what the switched-on defects say."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._recent: deque[float] = deque()
        self._waiting = 0
        self._excess = 0

    def drops(self, now: float) -> bool:
        """Whether the report that arrives now is answered and thrown away.

        Args:
            now: Seconds on any clock that only goes forward.
        """
        if not self._switches.accepts_then_drops_under_load:
            return False
        self._recent.append(now)
        while self._recent[0] <= now - WINDOW:
            self._recent.popleft()
        if len(self._recent) <= CALM:
            return False
        self._excess += 1
        return self._excess % 2 == 1

    async def wait(self) -> None:
        """Stand in line behind the reports that wait already."""
        if not self._switches.slow_under_load:
            return
        delay = min(LONGEST, STEP * self._waiting)
        self._waiting += 1
        try:
            await asyncio.sleep(delay)
        finally:
            self._waiting -= 1
