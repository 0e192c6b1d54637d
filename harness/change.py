"""What has changed since the last drill, and whether that is more than chance.

A difference whose 95 % interval holds no change is within noise, and is called nothing else.
Times are compared by :func:`harness.durations.ratio_of_means`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.statistics import wilson

NOISE = 0.05
"""How often chance alone may look like a change."""


@dataclass(frozen=True)
class Change:
    """A difference of two shares, new less old, with its 95 % interval."""

    difference: float
    low: float
    high: float

    @property
    def real(self) -> bool:
        """Whether the interval leaves out no change at all."""
        return not self.low <= 0.0 <= self.high

    @property
    def words(self) -> str:
        """``real`` or ``within noise``."""
        return "real" if self.real else "within noise"


def change_of_shares(new: tuple[int, int], old: tuple[int, int]) -> Change:
    """The difference of two shares, each as (k, n), of different people.

    Method 10 of R. G. Newcombe, "Interval Estimation for the Difference between Independent
    Proportions", Statistics in Medicine 17 (1998), 873-890: from the two Wilson intervals.

    Raises:
        ValueError: If an n is below 1, or a k not within 0 to n.

    Example:
        >>> change = change_of_shares((56, 70), (48, 80))
        >>> round(change.difference, 4), round(change.low, 4), round(change.high, 4)
        (0.2, 0.0524, 0.3339)
    """
    (low_new, high_new), (low_old, high_old) = wilson(*new), wilson(*old)
    share_new, share_old = new[0] / new[1], old[0] / old[1]
    difference = share_new - share_old
    return Change(
        difference,
        difference - math.hypot(share_new - low_new, high_old - share_old),
        difference + math.hypot(high_new - share_new, share_old - low_old),
    )


def chance_of_pairs(better: int, worse: int) -> float:
    """How often chance alone would part the same people so unevenly, either way.

    Exact test of Q. McNemar, "Note on the Sampling Error of the Difference between Correlated
    Proportions or Percentages", Psychometrika 12 (1947), 153-157. Whoever did the same both times
    says nothing of a change and is not counted.

    Args:
        better: People who managed this time and not the last.
        worse: People who managed last time and not this.

    Raises:
        ValueError: If a count is negative.

    Example:
        >>> round(chance_of_pairs(8, 1), 4)
        0.0391
    """
    if min(better, worse) < 0:
        raise ValueError(f"better={better!r}, worse={worse!r}: counts of people are 0 or more.")
    n = better + worse
    tail = sum(math.comb(n, each) for each in range(min(better, worse) + 1))
    return min(1.0, float(2 * tail / 2**n))


def pairs_changed(better: int, worse: int) -> bool:
    """Whether the same people did otherwise than the last time, beyond chance.

    Example:
        >>> pairs_changed(8, 1), pairs_changed(5, 2)
        (True, False)
    """
    return chance_of_pairs(better, worse) <= NOISE
