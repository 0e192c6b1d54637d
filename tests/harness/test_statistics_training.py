"""Satisfaction, times, changes and sample sizes, against published and independent figures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness import statistics
from harness.change import chance_of_pairs, change_of_shares, pairs_changed
from harness.durations import Times, ratio_of_means
from harness.means import half_width, needed_for_mean
from harness.sample_size import GROUPS, Watched, sample_size_line, shortfalls
from harness.satisfaction import grade, norm_words, percentile, satisfaction, sus_score

# n, and the half-width of the 95 % t interval of a mean with a standard deviation of 20.
HALF_WIDTHS = ((5, 24.8), (8, 16.7), (12, 12.7), (20, 9.4), (30, 7.5), (50, 5.7))
# Two shares and method 10 of Newcombe 1998, table II.
NEWCOMBE = (
    ((56, 70), (48, 80), 0.0524, 0.3339),
    ((9, 10), (3, 10), 0.1705, 0.8090),
    ((6, 7), (2, 7), 0.0582, 0.8062),
    ((5, 56), (0, 29), -0.0381, 0.1926),
    ((0, 10), (0, 20), -0.1611, 0.2775),
    ((10, 10), (0, 20), 0.6791, 1.0),
    ((10, 10), (0, 10), 0.6075, 1.0),
)
# n: mean and worst coverage of nominal 95 % intervals over true shares from 0.70 to 0.99.
COVERAGE = {
    "wilson": {10: (0.955, 0.836), 20: (0.956, 0.897), 30: (0.954, 0.901), 100: (0.952, 0.921)},
    "exact": {10: (0.989, 0.975), 20: (0.981, 0.960), 30: (0.977, 0.954), 100: (0.967, 0.950)},
}
times = st.lists(st.floats(1.0, 5000.0), min_size=2, max_size=30)


# -- coverage -------------------------------------------------------------------------------------


def interval(kind: str, k: int, n: int) -> tuple[float, float]:
    """The two-sided 95 % interval of one kind."""
    if kind == "wilson":
        return statistics.wilson(k, n)
    return statistics.share_lower(k, n, 0.975), statistics.share_upper(k, n, 0.975)


@pytest.mark.parametrize("kind", COVERAGE)
@pytest.mark.parametrize("n", [10, 20, 30, 100])
def test_intervals_cover_as_tabled(kind: str, n: int) -> None:
    """Wilson is right on average and dips near 1; Clopper and Pearson's never falls short."""
    shares = np.linspace(0.70, 0.99, 291)
    covered = np.zeros_like(shares)
    for k in range(n + 1):
        low, high = interval(kind, k, n)
        inside = (low <= shares) & (shares <= high)
        covered += np.where(inside, stats.binom.pmf(k, n, shares), 0.0)
    mean, worst = COVERAGE[kind][n]
    assert covered.mean() == pytest.approx(mean, abs=0.0025)
    assert covered.min() == pytest.approx(worst, abs=0.012)


@pytest.mark.parametrize(("n", "share"), [(10, 0.9), (30, 0.95), (100, 0.8)])
def test_the_gate_s_bound_holds_when_drawn(n: int, share: float) -> None:
    """Of 20,000 drawn samples, the one-sided bound lies above the truth in one of twenty at
    most."""
    drawn = np.random.default_rng(n).binomial(n, share, 20_000)
    bounds = np.array([statistics.share_lower(k, n) for k in range(n + 1)])
    too_high = float((bounds[drawn] > share).mean())
    assert too_high <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 20_000)


@pytest.mark.parametrize("n", [5, 10, 20])
def test_log_t_covers_94_to_95_of_100(n: int) -> None:
    """The geometric mean's interval holds the true one as often as it says."""
    rng, trials = np.random.default_rng(2020 + n), 3000
    drawn = np.exp(rng.normal(math.log(120.0), 0.4, (trials, n)))
    hits = 0
    for row in drawn.tolist():
        _, low, high = Times(tuple(row)).geometric_mean()
        assert low is not None
        assert high is not None
        hits += low <= 120.0 <= high
    assert hits / trials == pytest.approx(0.947, abs=0.003 + 3 * math.sqrt(0.05 * 0.95 / trials))


# -- satisfaction ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "half"), HALF_WIDTHS)
def test_half_widths_are_the_tabled_ones(n: int, half: float) -> None:
    """With a standard deviation of 20, from 24.8 at five to 5.7 at fifty."""
    assert half_width(20.0, n) == pytest.approx(half, abs=0.051)


@given(st.lists(st.floats(0, 100), min_size=5, max_size=60))
def test_the_mean_s_interval_is_scipy_s(scores: list[float]) -> None:
    """Student's interval, whatever the scores; where they are all alike it has no width."""
    spread = float(np.std(scores, ddof=1))
    if spread < 1e-6:
        return
    low, high = stats.t.interval(0.95, len(scores) - 1, np.mean(scores), stats.sem(scores))
    half = half_width(spread, len(scores))
    assert np.mean(scores) - half == pytest.approx(low, abs=1e-6)
    assert np.mean(scores) + half == pytest.approx(high, abs=1e-6)


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ([5, 1] * 5, 100.0),
        ([1, 5] * 5, 0.0),
        ([3] * 10, 50.0),
        ([4, 2] * 5, 75.0),
        ([5, 2, 4, 1, 5, 2, 4, 2, 5, 1], 87.5),
        ([None, 1, *[5, 1] * 4], 95.0),  # the neutral 3 in place of a 5
        ([None, None, *[5, 1] * 4], 90.0),
        ([None, None, None, 1, *[5, 1] * 3], None),
        ([None] * 10, None),
    ],
)
def test_a_questionnaire_is_scored_by_odd_and_even(
    answers: list[int | None], score: float | None
) -> None:
    """Odd items less 1, 5 less even ones, times 2.5; one or two left out count as neutral."""
    assert sus_score(answers) == score


@given(st.lists(st.integers(1, 5), min_size=10, max_size=10))
def test_a_score_lies_between_0_and_100(answers: list[int]) -> None:
    """In steps of 2.5; whoever answers everything the other way round has the rest of 100."""
    score = sus_score(answers)
    assert score is not None
    assert 0 <= score <= 100
    assert score % 2.5 == 0
    assert sus_score([6 - each for each in answers]) == 100 - score


@pytest.mark.parametrize("answers", [[3] * 9, [3] * 11, [0, *[3] * 9], [6, *[3] * 9]])
def test_what_is_no_questionnaire_is_refused(answers: list[int]) -> None:
    """Nine or eleven answers, or one beyond 1 to 5, are a mistake of ours."""
    with pytest.raises(ValueError, match=r"10 items|from 1 to 5"):
        sus_score(answers)


def test_few_questionnaires_say_little() -> None:
    """Under five there are only the scores; a grade is given from twelve on."""
    usual = [4, 2] * 5
    four, eleven, twelve = (satisfaction([usual] * n) for n in (4, 11, 12))
    assert (four.mean, four.scores) == (None, (75.0,) * 4)
    assert (eleven.mean, eleven.grade) == (75.0, None)
    assert (twelve.mean, twelve.grade) == (75.0, "B")


def test_an_interval_is_clipped() -> None:
    """Five enthusiasts and one who is not do not promise more than 100."""
    said = satisfaction([*[[5, 1] * 5] * 5, [3] * 10])
    assert said.high == 100.0
    assert said.low is not None
    assert said.lower is not None
    assert said.mean is not None
    assert 0 < said.low < said.lower < said.mean


def test_norms_are_the_published_points() -> None:
    """68 is the 50th of 100 products, 75 the 73rd, 52 the 15th; above 80.3 is the best tenth."""
    assert [percentile(score) for score in (52, 68, 75, 80.3)] == [15, 50, 73, 90]
    assert norm_words(75) == "better than about 7 in 10 products"
    assert norm_words(68) == "better than about 5 in 10 products"
    assert norm_words(80.4) == "among the best tenth of products"
    assert norm_words(80.3) == "better than about 9 in 10 products"
    assert norm_words(51) == "among the lowest 15 in 100 products"
    assert [grade(score) for score in (0, 51, 51.1, 68, 75, 80.3, 80.4, 84.1)] == [
        "F", "F", "D", "C", "B", "A-", "A", "A+",
    ]  # fmt: skip


def test_needed_for_a_mean_is_the_smallest() -> None:
    """One fewer would leave the bound too far away; no distance at all is never reached."""
    n = needed_for_mean(20.0, 7.0)
    assert n is not None
    assert half_width(20.0, n, sides=1) <= 7.0 < half_width(20.0, n - 1, sides=1)
    assert needed_for_mean(20.0, 0.0) is None
    assert needed_for_mean(20.0, 1e-6) is None


# -- times ----------------------------------------------------------------------------------------


@given(times)
def test_the_geometric_mean_is_scipy_s(taken: list[float]) -> None:
    """And its interval is Student's on the logarithms."""
    mean, low, high = Times(tuple(taken)).geometric_mean()
    assert mean == pytest.approx(stats.gmean(taken))
    logs = np.log(taken)
    if np.std(logs) > 1e-9:
        expected = stats.t.interval(0.95, len(logs) - 1, logs.mean(), stats.sem(logs))
        assert (low, high) == pytest.approx(tuple(np.exp(expected)), rel=1e-6)


@given(times, st.lists(st.floats(1.0, 5000.0), max_size=10))
def test_the_share_done_is_kaplan_and_meier_s(done: list[float], left: list[float]) -> None:
    """SciPy's estimate for censored data is the same at every moment."""
    curve = dict(Times(tuple(done), tuple(left)).share_done())
    expected = stats.ecdf(stats.CensoredData(uncensored=done, right=left)).cdf
    for at, share in zip(expected.quantiles, expected.probabilities, strict=True):
        if at in curve:
            assert curve[at] == pytest.approx(share, abs=1e-9)


def test_the_unfinished_stay_in_the_denominator() -> None:
    """Two of four done are a half, however long the others had."""
    assert Times((60.0, 90.0), (3600.0, 3600.0)).share_done()[-1] == (90.0, 0.5)


def test_the_slowest_tenth_needs_29() -> None:
    """With 28 times nothing bounds it from above; with 29 the slowest seen does."""
    for n, upper in ((28, None), (29, 29.0)):
        assert Times(tuple(float(i) for i in range(1, n + 1))).quantile(0.9)[2] == upper


def test_a_quantile_among_the_unfinished_is_not_known() -> None:
    """Three of ten never finished: the ninth of ten has no time, but takes longer than they
    had."""
    value, lower, upper = Times(tuple(float(i) for i in range(1, 8)), (50.0,) * 3).quantile(0.9)
    assert (value, lower, upper) == (None, 7.0, None)


def test_nobody_finished() -> None:
    """Then there is no mean, and nothing is done."""
    assert Times((), (10.0,)).geometric_mean() == (None, None, None)
    assert Times((), (10.0,)).share_done() == [(0.0, 0.0)]
    assert Times((5.0,)).geometric_mean()[1:] == (None, None)


# -- changes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("new", "old", "low", "high"), NEWCOMBE)
def test_change_of_shares_is_newcombe_s(
    new: tuple[int, int], old: tuple[int, int], low: float, high: float
) -> None:
    """Method 10, to the four decimals of his table."""
    change = change_of_shares(new, old)
    assert (change.low, change.high) == pytest.approx((low, high), abs=6e-5)
    assert change.real == (not low <= 0 <= high)
    assert change.words == ("real" if change.real else "within noise")


@given(st.integers(0, 40), st.integers(0, 40))
def test_pairs_are_mcnemar_s_exact_test(better: int, worse: int) -> None:
    """SciPy's binomial test of an even split gives the same."""
    n = better + worse
    expected = stats.binomtest(better, n).pvalue if n else 1.0
    assert chance_of_pairs(better, worse) == pytest.approx(expected)
    assert pairs_changed(better, worse) == (chance_of_pairs(better, worse) <= 0.05)


@given(times, times)
def test_a_ratio_of_times_is_welch_s(new: list[float], old: list[float]) -> None:
    """On the logarithms, as SciPy has it."""
    logs = np.log(new), np.log(old)
    if min(np.std(each) for each in logs) < 1e-6:
        return
    expected = stats.ttest_ind(*logs, equal_var=False).confidence_interval(0.95)
    ratio, low, high = ratio_of_means(new, old)
    assert ratio == pytest.approx(stats.gmean(new) / stats.gmean(old))
    assert (low, high) == pytest.approx((math.exp(expected.low), math.exp(expected.high)), rel=1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: change_of_shares((1, 0), (1, 1)), "at least 1 observation"),
        (lambda: chance_of_pairs(-1, 0), "0 or more"),
        (lambda: ratio_of_means([1.0], [1.0, 2.0]), "two of each"),
        (lambda: half_width(1.0, 1), "at least 2"),
    ],
)
def test_too_little_is_refused(call: object, words: str) -> None:
    """What cannot be worked out is an error that says why."""
    with pytest.raises(ValueError, match=words):
        call()  # type: ignore[operator]


# -- sample size ----------------------------------------------------------------------------------


def test_thirty_and_eight_of_each_are_enough() -> None:
    """And one short of any of them is told."""
    enough = Watched(30, dict(GROUPS), {"en": 29, "es": 1})
    assert list(shortfalls(enough, ["en", "es"])) == []
    assert list(shortfalls(enough, ["en", "es", "fr"])) == ["no native speaker of fr"]
    for name in GROUPS:
        short = Watched(30, {**GROUPS, name: 7}, {"en": 30})
        who = name if name == "blind" else f"with {name}"
        assert list(shortfalls(short, ["en"])) == [f"7 of 8 {who}"]
    assert list(shortfalls(Watched(29, dict(GROUPS)), [])) == ["29 of 30 people"]
    assert "Short of the count" in sample_size_line(Watched(0), ["en"])
