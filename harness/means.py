"""Student's interval of a mean, and how many observations one of a given width takes.

Student, "The Probable Error of a Mean", Biometrika 6 (1908), 1-25.
"""

from __future__ import annotations

import math

from harness.statistics import CONFIDENCE


def half_width(spread: float, n: int, *, sides: int = 2, confidence: float = CONFIDENCE) -> float:
    """How far the t interval of a mean of n reaches to either side of it.

    Args:
        spread: Standard deviation of the sample.
        sides: 2 for an interval, 1 for a bound on one side.

    Example:
        >>> round(half_width(20.0, 5), 1), round(half_width(20.0, 50), 1)
        (24.8, 5.7)
    """
    if n < 2:
        raise ValueError(f"n={n!r}, but an interval of a mean needs at least 2.")
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, 1 - (1 - confidence) / sides)) * spread / math.sqrt(n)


def needed_for_mean(spread: float, distance: float, most: int = 100_000) -> int | None:
    """Smallest n whose one-sided bound would lie no further than ``distance`` from the mean.

    None where the mean is so near that ``most`` would not do.

    Example:
        >>> needed_for_mean(20.0, 7.0)
        24
    """
    if distance <= 0 or half_width(spread, most, sides=1) > distance:
        return None
    low, high = 1, most  # the half width falls as n grows
    while high - low > 1:
        middle = (low + high) // 2
        enough = half_width(spread, middle, sides=1) <= distance
        low, high = (low, middle) if enough else (middle, high)
    return high
