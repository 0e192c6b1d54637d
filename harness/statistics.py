"""Exact bounds for shares and quantiles, and the words officials read them in.

Shown beside a share is the Wilson interval; a gate uses the one-sided Clopper-Pearson bound,
because Wilson's coverage dips near 1, where gates sit. Quantiles are bounded by order
statistics, without assuming a distribution. A census has no sampling error and needs none of
this. SciPy is imported when a bound is first asked for, since it takes a while to load.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

CONFIDENCE = 0.95
_Z = 1.959963984540054  # the 0.975 quantile of the normal distribution


def wilson(k: int, n: int) -> tuple[float, float]:
    """Two-sided 95 % interval of a share, for showing.

    E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference",
    Journal of the American Statistical Association 22 (1927), 209-212.

    Raises:
        ValueError: If n is below 1 or k is not within 0 to n.

    Example:
        >>> low, high = wilson(9, 10)
        >>> round(low, 3), round(high, 3)
        (0.596, 0.982)
    """
    _check_counts(k, n)
    share = k / n
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    # At the ends the formula gives 0 and 1 but for rounding.
    return (0.0 if k == 0 else middle - half, 1.0 if k == n else middle + half)


def share_lower(k: int, n: int, confidence: float = CONFIDENCE) -> float:
    """Exact one-sided lower bound of a share.

    C. J. Clopper and E. S. Pearson, "The Use of Confidence or Fiducial Limits Illustrated in
    the Case of the Binomial", Biometrika 26 (1934), 404-413.

    Raises:
        ValueError: If n is below 1 or k is not within 0 to n.

    Example:
        >>> round(share_lower(10, 10), 3)
        0.741
    """
    _check_counts(k, n)
    if k == 0:
        return 0.0
    from scipy.special import betaincinv

    return float(betaincinv(k, n - k + 1, 1 - confidence))


def share_upper(k: int, n: int, confidence: float = CONFIDENCE) -> float:
    """Exact one-sided upper bound of a share: the mirror of :func:`share_lower`.

    Example:
        >>> round(share_upper(0, 10), 3)
        0.259
    """
    return 1.0 - share_lower(n - k, n, confidence)


def zero_failure_bound(n: int, confidence: float = CONFIDENCE) -> float:
    """Highest share of failures that none seen in n leaves possible: 1 - 0.05^(1/n).

    The rule of three, 3/n, is close to it only from about n = 30 upwards.

    Raises:
        ValueError: If n is below 1.

    Example:
        >>> round(zero_failure_bound(10), 3)
        0.259
    """
    _check_counts(0, n)
    return float(1.0 - (1.0 - confidence) ** (1.0 / n))


def needed_n(share: float, failures: int = 0, confidence: float = CONFIDENCE) -> int:
    """Smallest n that can show a share of at least ``share`` with this many failures in it.

    Args:
        share: The share asked for, above 0 and below 1.
        failures: Failures among the n, 0 or more.
        confidence: One-sided confidence of the bound.

    Raises:
        ValueError: If the share is not between 0 and 1: no sample can show that all would.

    Example:
        >>> needed_n(0.90), needed_n(0.90, failures=1)
        (29, 46)
    """
    if not 0 < share < 1:
        raise ValueError(
            f"share={share!r}, but a sample can only show a share between 0 and 1. "
            "Declare the objective as a census to ask for every one."
        )
    low, high = failures, failures + 1
    while share_lower(high - failures, high, confidence) < share:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        enough = share_lower(middle - failures, middle, confidence) >= share
        low, high = (low, middle) if enough else (middle, high)
    return high


def needed_n_for_quantile(q: float, confidence: float = CONFIDENCE) -> int:
    """Smallest n whose largest value bounds the q-quantile from above: q^n <= 1 - confidence.

    Raises:
        ValueError: If q is not between 0 and 1.

    Example:
        >>> needed_n_for_quantile(0.90), needed_n_for_quantile(0.99)
        (29, 299)
    """
    _check_quantile(q)
    n = max(1, math.ceil(math.log(1 - confidence) / math.log(q)))
    # The logarithm may round to either side of a whole number.
    while n > 1 and q ** (n - 1) <= 1 - confidence:
        n -= 1
    return n


def quantile_ranks(
    n: int, q: float, confidence: float = CONFIDENCE
) -> tuple[int | None, int | None]:
    """Ranks (from 1) of the order statistics that bound the q-quantile, each one-sided.

    The r-th smallest of n lies at or above the quantile with probability
    P(Binomial(n, q) <= r - 1), and at or below it with probability P(Binomial(n, q) >= r):
    H. A. David and H. N. Nagaraja, Order Statistics (2003), section 7.1.

    Returns:
        Rank of the lower and of the upper bound; None where n is too small to have one.

    Example:
        >>> quantile_ranks(28, 0.90), quantile_ranks(29, 0.90)
        ((22, None), (23, 29))
    """
    _check_counts(0, n)
    _check_quantile(q)
    from scipy.special import bdtr

    def at_most(count: int) -> float:
        return float(bdtr(count, n, q)) if count >= 0 else 0.0

    upper = _first(n, lambda rank: at_most(rank - 1) >= confidence)
    past = _first(n, lambda rank: 1.0 - at_most(rank - 1) < confidence)
    lower = n if past is None else past - 1
    return (lower or None, upper)


def quantile_bounds(
    ordered: Sequence[float], q: float, confidence: float = CONFIDENCE
) -> tuple[float, float | None, float | None]:
    """The q-quantile of values in ascending order, and its one-sided bounds.

    The quantile itself is the smallest value that at least q of all do not exceed.

    Raises:
        ValueError: If there are no values.

    Example:
        >>> quantile_bounds([float(i) for i in range(1, 101)], 0.90)
        (90.0, 85.0, 96.0)
    """
    n = len(ordered)
    lower, upper = quantile_ranks(n, q, confidence)
    rank = max(1, math.ceil(q * n - 1e-9))
    return (
        ordered[rank - 1],
        None if lower is None else ordered[lower - 1],
        None if upper is None else ordered[upper - 1],
    )


def most_bad(population: int, seen: int, bad: int = 0, confidence: float = CONFIDENCE) -> int:
    """Most bad ones a fixed population can hold, when ``bad`` of ``seen`` drawn from it were bad.

    The hypergeometric bound: the largest count B with P(at most ``bad`` drawn | B) above
    1 - confidence, in exact whole-number arithmetic.

    Raises:
        ValueError: If more were seen than there are, or more bad ones than were seen.

    Example:
        >>> most_bad(1765, 600)
        7
    """
    if not 0 < seen <= population:
        raise ValueError(f"seen={seen!r} of a population of {population!r}: see 1 to all of it.")
    _check_counts(bad, seen)
    ways = math.comb(population, seen)

    def likely(total: int) -> bool:
        drawn = sum(
            math.comb(total, each) * math.comb(population - total, seen - each)
            for each in range(min(bad, total) + 1)
        )
        return drawn / ways > 1 - confidence

    low, high = bad, population - (seen - bad)  # ``bad`` is always likely; bisect for the last
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if likely(middle) else (low, middle - 1)
    return low


def in_words(lower: float) -> str:
    """The fixed phrase for a share whose lower bound this is.

    Example:
        >>> in_words(0.905), in_words(0.63)
        ('at least 9 in 10', 'we cannot promise more than 6 in 10')
    """
    if lower >= 0.98:
        return "nearly everyone"
    if lower >= 0.90:
        return "at least 9 in 10"
    if lower >= 0.80:
        return "at least 8 in 10"
    return f"we cannot promise more than {math.floor(lower * 10 + 1e-9)} in 10"


def promise(lower: float) -> str:
    """The fixed phrase as what it says of everybody.

    Example:
        >>> promise(0.905), promise(0.63)
        ('at least 9 in 10 would manage', 'we cannot promise more than 6 in 10')
    """
    words = in_words(lower)
    return words if words.startswith("we ") else f"{words} would manage"


def zero_in_words(n: int) -> str:
    """No failures in n, with what that leaves possible.

    Example:
        >>> zero_in_words(10)
        '0 of 10; could still be up to 26 in 100'
    """
    return f"0 of {n:,}; could still be up to {rate_unseen(n)}"


def rate_unseen(n: int) -> str:
    """The highest rate that none seen in n leaves possible, rounded up, in words.

    Example:
        >>> rate_unseen(1765)
        '17 in 10,000'
    """
    bound = zero_failure_bound(n)
    for base in (100, 1_000, 10_000, 100_000, 1_000_000):
        if bound * base >= (1 if base == 100 else 10):
            return f"{math.ceil(bound * base - 1e-9)} in {base:,}"
    return f"1 in {math.floor(1 / bound):,}"


def _first(n: int, holds: Callable[[int], bool]) -> int | None:
    """Smallest rank from 1 to n for which a monotone condition holds, None if none."""
    if not holds(n):
        return None
    low, high = 0, n
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _check_counts(k: int, n: int) -> None:
    if n < 1:
        raise ValueError(f"n={n!r}, but a bound needs at least 1 observation.")
    if not 0 <= k <= n:
        raise ValueError(f"k={k!r} of n={n!r}: k must be from 0 to n.")


def _check_quantile(q: float) -> None:
    if not 0 < q < 1:
        raise ValueError(f"q={q!r}, but a quantile lies between 0 and 1, such as 0.95.")
