"""So many a second, and the next one waits."""

from __future__ import annotations

__all__ = ["Pace"]


class Pace:
    """Evenly spaced turns: a provider's limit on what an account or a number sends."""

    __slots__ = ("_free", "_per_second")

    def __init__(self, per_second: float | None) -> None:
        """``per_second`` above zero; None gives every turn at once."""
        self._per_second = per_second
        self._free = float("-inf")

    def ahead(self, now: float) -> float:
        """Seconds until the next turn is free.

        Example:
            >>> pace = Pace(2)
            >>> pace.wait(10.0), pace.wait(10.0), pace.ahead(10.0)
            (0.0, 0.5, 1.0)
        """
        return max(0.0, self._free - now)

    def wait(self, now: float, turns: float = 1) -> float:
        """Take ``turns`` turns; returns the seconds until the first of them."""
        if self._per_second is None:
            return 0.0
        begins = max(now, self._free)
        self._free = begins + turns / self._per_second
        return begins - now
