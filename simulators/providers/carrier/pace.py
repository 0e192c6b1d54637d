"""So many a second: the next one waits, or is turned down."""

from __future__ import annotations

from collections import deque

__all__ = ["Gate", "Pace"]


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


class Gate:
    """Lets so many pass within any second; below one a second, one within its stretch of time.

    Example:
        >>> gate = Gate(2)
        >>> [gate.passes(at) for at in (0.0, 0.1, 0.2, 1.0, 1.05, 1.1)]
        [True, True, False, True, False, True]
    """

    __slots__ = ("_passed", "_stretch")

    def __init__(self, per_second: float | None) -> None:
        """``per_second`` above zero; None lets everything pass."""
        places = max(1, round(per_second)) if per_second is not None else 0
        self._passed: deque[float] = deque(maxlen=places)
        self._stretch = places / per_second if per_second is not None else 0.0

    def passes(self, now: float) -> bool:
        """Whether one may pass at ``now``, in seconds; one that may is counted."""
        passed = self._passed
        if passed.maxlen and len(passed) == passed.maxlen and now - passed[0] < self._stretch:
            return False
        passed.append(now)
        return True
