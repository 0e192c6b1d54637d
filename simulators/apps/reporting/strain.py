"""How the app gives way under load, where a defect makes it: ``accepts_then_drops_under_load``,
``slow_under_load`` and ``mixed_up_in_rush``.

Times here are wall seconds: load is what arrives in wall time, whatever the drill's speed. The
night of Iowa offers about 26 reports a wall second at its peak at scale 0.05 and speed 1200,
and about 52 at full scale and speed 120; the thresholds lie well below both.
"""

from __future__ import annotations

from collections import deque

from simulators.apps.reporting.defects import Switches

WINDOW = 1.0
CALM = 5  # reports in a window that are all kept
STEP = 0.25  # wait for each other report of the last window
LONGEST = 12.0
MIXED_UP = 4  # one in so many reports of a rush


class Strain:
    """Sees every report that comes in, and does what the switched-on defects say."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._recent: deque[float] = deque()
        self._excess = 0
        self._rushed = 0
        self._before = ""

    def arrive(self, now: float) -> int:
        """Count a report; returns how many others came in the window before it.

        Args:
            now: Seconds on any clock that only goes forward.
        """
        while self._recent and self._recent[0] <= now - WINDOW:
            self._recent.popleft()
        self._recent.append(now)
        return len(self._recent) - 1

    def delay(self, others: int) -> float:
        """Seconds that a report waits when ``others`` came shortly before it."""
        return min(LONGEST, STEP * others) if self._switches.slow_under_load else 0.0

    def precinct(self, record: str, others: int) -> str:
        """The precinct that a report is stored under when ``others`` came shortly before it."""
        before, self._before = self._before, record
        if not (self._switches.mixed_up_in_rush and before) or others < CALM:
            return record
        self._rushed += 1
        return before if self._rushed % MIXED_UP == 1 else record

    def drops(self, others: int) -> bool:
        """Whether a report is answered and thrown away when ``others`` came shortly before."""
        if not self._switches.accepts_then_drops_under_load or others < CALM:
            return False
        self._excess += 1
        return self._excess % 2 == 1
