"""Exact bounds, against published and independently computed figures."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, hypergeom

from harness import statistics

# k, n, Wilson low, Wilson high, Clopper-Pearson one-sided lower: measured independently.
VECTORS = [
    (5, 5, 0.566, 1.0, 0.549),
    (9, 10, 0.596, 0.982, 0.606),
    (10, 10, 0.722, 1.0, 0.741),
    (29, 30, 0.833, 0.994, 0.851),
    (30, 30, 0.886, 1.0, 0.905),
    (49, 50, 0.895, 0.996, 0.909),
    (99, 100, 0.946, 0.998, 0.953),
]
# Share asked for: clean n needed with 0, 1, 2 and 3 failures.
NEEDED = {
    0.80: (14, 22, 30, 37),
    0.90: (29, 46, 61, 76),
    0.95: (59, 93, 124, 153),
    0.98: (149, 236, 313, 386),
    0.99: (299, 473, 628, 773),
}


@pytest.mark.parametrize(("k", "n", "low", "high", "lower"), VECTORS)
def test_bounds_match_the_vectors(k: int, n: int, low: float, high: float, lower: float) -> None:
    """Wilson and Clopper-Pearson bounds are the published ones to three decimals."""
    assert statistics.wilson(k, n) == pytest.approx((low, high), abs=0.00051)
    assert statistics.share_lower(k, n) == pytest.approx(lower, abs=0.00051)


@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_bounds_agree_with_scipy(counts: tuple[int, int]) -> None:
    """SciPy's binomial test gives the same intervals, for any count."""
    k, n = counts
    test = binomtest(k, n, alternative="greater")
    wilson = binomtest(k, n).proportion_ci(0.95, "wilson")
    exact = test.proportion_ci(0.95, "exact")
    assert statistics.wilson(k, n) == pytest.approx((wilson.low, wilson.high), abs=1e-9)
    assert statistics.share_lower(k, n) == pytest.approx(exact.low, abs=1e-9)
    assert statistics.share_upper(n - k, n) == pytest.approx(1 - exact.low, abs=1e-9)


@pytest.mark.parametrize("share", NEEDED)
def test_needed_n_matches_the_table(share: float) -> None:
    """The smallest n that can show a share is the tabled one, whatever the failures."""
    found = tuple(statistics.needed_n(share, failures) for failures in range(4))
    assert found == NEEDED[share]


@given(st.floats(0.5, 0.995), st.integers(0, 5))
def test_needed_n_is_the_smallest(share: float, failures: int) -> None:
    """One observation fewer than needed could not show the share."""
    n = statistics.needed_n(share, failures)
    assert statistics.share_lower(n - failures, n) >= share
    if n - 1 > failures:
        assert statistics.share_lower(n - 1 - failures, n - 1) < share


def test_no_failures_seen_still_leave_some_possible() -> None:
    """None of ten leaves 26 in 100 possible, where the rule of three says 30."""
    assert statistics.zero_failure_bound(10) == pytest.approx(0.2589, abs=1e-4)
    assert statistics.zero_failure_bound(10) == pytest.approx(statistics.share_upper(0, 10))
    assert statistics.zero_in_words(10) == "0 of 10; could still be up to 26 in 100"
    assert statistics.zero_in_words(1765) == "0 of 1,765; could still be up to 17 in 10,000"


def test_a_big_part_of_a_fixed_roster_leaves_few_bad() -> None:
    """600 clean of 1,765 leave at most 7 bad ones; all of them seen leave none."""
    assert statistics.most_bad(1765, 600) == 7
    assert statistics.most_bad(1765, 1765) == 0


@given(st.integers(2, 200).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))))
def test_the_fixed_population_bound_agrees_with_scipy(sizes: tuple[int, int]) -> None:
    """The largest likely count of bad ones is the one that the hypergeometric law gives."""
    population, seen = sizes
    likely = [
        bad
        for bad in range(population + 1)
        if hypergeom.cdf(0, population, bad, seen) > 0.05 + 1e-12  # a tie is not above it
    ]
    assert statistics.most_bad(population, seen) == max(likely)


def test_ninetieth_percentile_needs_29() -> None:
    """28 values cannot bound the slowest tenth from above; 29 can, by the slowest seen."""
    assert statistics.needed_n_for_quantile(0.90) == 29
    assert statistics.quantile_ranks(28, 0.90)[1] is None
    assert statistics.quantile_ranks(29, 0.90)[1] == 29


@given(st.integers(1, 400), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_order_statistics_have_their_confidence(n: int, q: float) -> None:
    """Each bound covers with at least 95 %, and the next rank inwards would not."""

    def below(count: int) -> float:  # P(at most count of n lie below the quantile)
        return sum(math.comb(n, i) * q**i * (1 - q) ** (n - i) for i in range(count + 1))

    lower, upper = statistics.quantile_ranks(n, q)
    if upper is None:
        assert below(n - 1) < 0.95
    else:
        assert below(upper - 1) >= 0.95 - 1e-9
        assert upper == 1 or below(upper - 2) < 0.95 + 1e-9
    if lower is None:
        assert 1 - below(0) < 0.95
    else:
        assert 1 - below(lower - 1) >= 0.95 - 1e-9
        assert 1 - below(lower) < 0.95 + 1e-9


def test_a_quantile_lies_between_its_bounds() -> None:
    """Of a thousand evenly spaced values the bounds stand close on both sides."""
    value, lower, upper = statistics.quantile_bounds([float(i) for i in range(1, 1001)], 0.95)
    assert value == 950
    assert lower is not None
    assert upper is not None
    assert 930 < lower < 950 < upper < 965


def test_words_are_the_fixed_phrases() -> None:
    """Officials read the same phrase for the same bound, and never a promise of everyone."""
    assert statistics.in_words(1.0) == "nearly everyone"
    assert statistics.in_words(0.905) == "at least 9 in 10"
    assert statistics.in_words(0.80) == "at least 8 in 10"
    assert statistics.in_words(0.741) == "we cannot promise more than 7 in 10"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: statistics.wilson(1, 0), "at least 1 observation"),
        (lambda: statistics.share_lower(3, 2), "k must be from 0 to n"),
        (lambda: statistics.needed_n(1.0), "Declare the objective as a census"),
        (lambda: statistics.needed_n_for_quantile(0), "between 0 and 1"),
        (lambda: statistics.most_bad(10, 11), "see 1 to all of it"),
    ],
)
def test_impossible_counts_are_refused(call: object, words: str) -> None:
    """A bound of nothing, or of more than there is, is an error that says why."""
    assert callable(call)
    with pytest.raises(ValueError, match=words):
        call()
