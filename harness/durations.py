"""How long people take: quantiles, geometric means, and the share that is done by a moment.

Times on a task are skewed, so their mean is geometric and its interval is made on the logarithm.
Whoever has not finished is kept: their time is longer than what they had. All times are seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from harness.means import half_width
from harness.statistics import quantile_ranks

_LEAST = 1e-3  # seconds: a logarithm needs something above 0, and no clock here tells less


@dataclass(frozen=True)
class Times:
    """Times of everybody who began.

    Attributes:
        done: Of those who finished.
        unfinished: How long the others had: their own time is longer than that.
    """

    done: tuple[float, ...]
    unfinished: tuple[float, ...] = ()

    @property
    def n(self) -> int:
        """Everybody who began."""
        return len(self.done) + len(self.unfinished)

    def quantile(self, q: float) -> tuple[float | None, float | None, float | None]:
        """The q-quantile over everybody, and its one-sided 95 % bounds by order statistics.

        For the quantile and its upper bound the unfinished count as never finished, and for the
        lower bound as finished when they stopped: each is then on the safe side.

        Returns:
            The quantile, its lower and its upper bound; None where it lies among those who never
            finished, or n is too small for a bound.

        Example:
            >>> Times(tuple(float(i) for i in range(1, 29))).quantile(0.9)
            (26.0, 22.0, None)
            >>> Times(tuple(float(i) for i in range(1, 30))).quantile(0.9)
            (27.0, 23.0, 29.0)
        """
        lower, upper = quantile_ranks(self.n, q)
        never = sorted(self.done) + [math.inf] * len(self.unfinished)
        stopped = sorted((*self.done, *self.unfinished))
        rank = max(1, math.ceil(q * self.n - 1e-9))
        return (
            _known(never[rank - 1]),
            None if lower is None else stopped[lower - 1],
            None if upper is None else _known(never[upper - 1]),
        )

    def geometric_mean(self) -> tuple[float | None, float | None, float | None]:
        """Geometric mean of those who finished, with its 95 % log-t interval.

        J. Sauro and J. R. Lewis, "Average task times in usability tests: what to report?",
        CHI 2010: below 25 it is nearer to the median than the median of the sample itself.

        Returns:
            The mean and its interval; all None if nobody finished, no interval for one alone.

        Example:
            >>> mean, low, high = Times((60.0, 90.0, 135.0)).geometric_mean()
            >>> round(mean), round(low), round(high)
            (90, 33, 246)
        """
        if not self.done:
            return None, None, None
        logs = [math.log(max(each, _LEAST)) for each in self.done]
        mean = fmean(logs)
        if len(logs) < 2:
            return math.exp(mean), None, None
        half = half_width(stdev(logs), len(logs))
        return math.exp(mean), math.exp(mean - half), math.exp(mean + half)

    def share_done(self) -> list[tuple[float, float]]:
        """From each moment on, the share that is done by then: one less Kaplan and Meier's curve.

        E. L. Kaplan and P. Meier, "Nonparametric Estimation from Incomplete Observations",
        Journal of the American Statistical Association 53 (1958), 457-481. Somebody who had less
        time than others counts as at risk only for as long as they had.

        Example:
            >>> Times((1.0, 2.0), unfinished=(5.0, 5.0)).share_done()
            [(0.0, 0.0), (1.0, 0.25), (2.0, 0.5)]
        """
        left, curve = 1.0, [(0.0, 0.0)]
        everybody = sorted((*self.done, *self.unfinished))
        ordered = sorted(self.done)
        for at in dict.fromkeys(ordered):
            at_risk = sum(each >= at for each in everybody)
            left *= 1 - ordered.count(at) / at_risk
            curve.append((at, 1 - left))
        return curve


def ratio_of_means(new: Sequence[float], old: Sequence[float]) -> tuple[float, float, float]:
    """Ratio of two geometric means, new to old, with its 95 % interval.

    Welch's t interval of the difference of the logarithms: B. L. Welch, "The Generalization of
    Student's Problem", Biometrika 34 (1947), 28-35. An interval around 1 shows no change.

    Raises:
        ValueError: If either has fewer than two times.

    Example:
        >>> ratio, low, high = ratio_of_means([50.0, 55.0, 60.0], [100.0, 110.0, 120.0])
        >>> round(ratio, 2), low < 0.5 < high
        (0.5, True)
    """
    if min(len(new), len(old)) < 2:
        raise ValueError(f"{len(new)} and {len(old)} times, but a ratio needs two of each.")
    from scipy.special import stdtrit

    logs = [[math.log(max(each, _LEAST)) for each in times] for times in (new, old)]
    parts = [stdev(each) ** 2 / len(each) for each in logs]
    difference, error = fmean(logs[0]) - fmean(logs[1]), math.sqrt(sum(parts))
    if error == 0:
        return math.exp(difference), math.exp(difference), math.exp(difference)
    freedom = sum(parts) ** 2 / sum(
        part**2 / (len(each) - 1) for part, each in zip(parts, logs, strict=True)
    )
    half = float(stdtrit(freedom, 0.975)) * error
    return math.exp(difference), math.exp(difference - half), math.exp(difference + half)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
