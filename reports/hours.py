"""When things happened, said as the time of day where the scenario has a clock."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PITCHES = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)


@dataclass(frozen=True)
class Hours:
    """The night's clock.

    Attributes:
        opens: Seconds after midnight of drill second 0; None where the scenario has no clock,
            and moments are then hours and minutes since the drill began.
        zone: Name of the time zone, for the reader.
    """

    opens: int | None = None
    zone: str = ""

    @classmethod
    def of(cls, info: Mapping[str, Any]) -> Hours:
        """The clock that ``run.json`` tells of."""
        clock = info.get("clock")
        if not isinstance(clock, dict):
            return cls()
        found = re.fullmatch(r"(\d{1,2}):(\d\d)(?::(\d\d))?", str(clock.get("opens", "")))
        if not found:
            return cls()
        hours, minutes, seconds = (int(each or 0) for each in found.groups())
        return cls(hours * 3600 + minutes * 60 + seconds, str(clock.get("zone", "")))

    @property
    def label(self) -> str:
        """What the horizontal axis shows."""
        if self.opens is None:
            return "hours since the drill began"
        return f"time of day, as played{f' ({self.zone})' if self.zone else ''}"

    def text(self, seconds: float | None) -> str:
        """A moment as hours and minutes; a dash where there is none.

        Example:
            >>> Hours(opens=19 * 3600).text(3725), Hours().text(3725), Hours().text(None)
            ('20:02', '1:02', '–')
        """
        if seconds is None:
            return "–"
        whole = math.floor(seconds + 1e-6)
        if self.opens is not None:
            whole = (self.opens + whole) % 86_400
            return f"{whole // 3600:02d}:{whole // 60 % 60:02d}"
        return f"{whole // 3600}:{whole // 60 % 60:02d}"

    def exact(self, seconds: float | None) -> str:
        """A moment to the second.

        Example:
            >>> Hours(opens=19 * 3600).exact(3725.6), Hours().exact(3725), Hours().exact(None)
            ('20:02:05', '1:02:05', '–')
        """
        if seconds is None:
            return "–"
        return f"{self.text(seconds)}:{math.floor(seconds + (self.opens or 0) + 1e-6) % 60:02d}"

    def ticks(self, end: float, most: int = 8) -> list[float]:
        """Drill seconds at which an axis up to ``end`` is labelled: round times of day.

        Example:
            >>> Hours(opens=17 * 3600 + 1800).ticks(7 * 3600)
            [1800.0, 5400.0, 9000.0, 12600.0, 16200.0, 19800.0, 23400.0]
        """
        pitch = next((each for each in _PITCHES if end / each <= most), _PITCHES[-1])
        first = -(self.opens or 0) % pitch
        return [float(at) for at in range(int(first), int(end) + 1, pitch)] or [0.0]
