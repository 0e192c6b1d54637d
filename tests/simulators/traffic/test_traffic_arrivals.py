"""Arrivals: exact inhomogeneous Poisson, even spacing, and recorded traces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kstest

from simulators.people.draws import many
from simulators.traffic import Arrivals, read_trace

RUSH = Arrivals(rate=((100, 0.0), (200, 4.0), (500, 4.0), (500, 1.0), (900, 3.0), (1000, 0.0)))


def cumulated(arrivals: Arrivals, times: np.ndarray) -> np.ndarray:
    """Area under the rate by brute force: a fine grid, apart from the code under test."""
    grid = np.linspace(0, 1100, 1_100_001)
    seconds = np.array([point[0] for point in arrivals.rate])
    rates = np.array([point[1] for point in arrivals.rate])
    # At the jump np.interp takes the later of two points at the same second.
    area = np.concatenate([[0.0], np.cumsum(np.interp(grid, seconds, rates, 0, 0)[1:]) * 0.001])
    return np.asarray(np.interp(times, grid, area))


def test_rescaled_arrivals_are_a_unit_poisson_process() -> None:
    """Through the cumulated rate, gaps are exponential with mean 1 (time-rescaling theorem)."""
    times = RUSH.times(many(7, "test"), scale=20.0)
    gaps = np.diff(cumulated(RUSH, times) * 20.0, prepend=0.0)
    assert kstest(gaps, "expon").pvalue > 0.01
    assert abs(np.corrcoef(gaps[1:], gaps[:-1])[0, 1]) < 0.03


def test_arrivals_follow_the_shape_of_the_rate() -> None:
    """The share of arrivals by any time is the share of the area by then."""
    times = RUSH.times(many(8, "test"), scale=20.0)
    shares = cumulated(RUSH, times) / cumulated(RUSH, np.array([1100.0]))
    assert kstest(shares, "uniform").pvalue > 0.01


def test_counts_are_poisson() -> None:
    """The number of arrivals has the mean and the variance of a Poisson count."""
    counts = [len(RUSH.times(many(seed, "count"), scale=0.1)) for seed in range(2000)]
    # Standard errors at 2,000 draws: 0.29 for the mean, 5.4 for the variance.
    assert np.mean(counts) == pytest.approx(RUSH.expected * 0.1, abs=1.2)
    assert np.var(counts) == pytest.approx(RUSH.expected * 0.1, abs=22)


def test_the_expected_number_is_the_area_under_the_rate() -> None:
    """Trapezoids: 200 and 1,200 before the jump, 800 and 150 after it."""
    assert RUSH.expected == pytest.approx(200 + 1200 + 800 + 150)
    assert RUSH.peak == 4.0


def test_even_arrivals_split_the_area_evenly() -> None:
    """Even spacing puts the same area between any two arrivals, and draws nothing."""
    even = Arrivals(rate=RUSH.rate, spacing="even")
    times = even.times(many(1, "a"))
    assert len(times) == 2350
    assert np.diff(cumulated(even, times)) == pytest.approx(np.ones(2349), abs=0.01)
    assert (times == even.times(many(2, "b"))).all()


def test_no_arrival_lies_where_the_rate_is_zero() -> None:
    """A gap in the rate stays empty."""
    gap = Arrivals(rate=((0, 5.0), (100, 5.0), (100, 0.0), (200, 0.0), (200, 5.0), (300, 5.0)))
    times = gap.times(many(3, "gap"))
    assert not ((times > 100.0) & (times < 200.0)).any()
    assert len(times) > 800


def test_nobody_comes_without_a_rate() -> None:
    """No rate and a scale of nothing both give nobody."""
    assert len(Arrivals().times(many(1, "x"))) == 0
    assert len(RUSH.times(many(1, "x"), scale=0.0)) == 0


def test_a_trace_is_played_as_recorded(tmp_path: Path) -> None:
    """At scale 1 a trace's arrivals are its own, in order."""
    path = tmp_path / "trace.csv"
    path.write_text("who,drill_second\na,30\nb,10.5\nc,20\n")
    assert Arrivals(trace=str(path)).times(many(1, "x")).tolist() == [10.5, 20, 30]


@pytest.mark.parametrize(("scale", "count"), [(0.5, 5), (2.0, 20)])
def test_a_trace_is_thinned_and_repeated_evenly(tmp_path: Path, scale: float, count: int) -> None:
    """A scaled trace keeps its shape: every part of it is thinned or repeated alike."""
    path = tmp_path / "trace.csv"
    path.write_text("drill_second\n" + "\n".join(map(str, range(10))))
    times = Arrivals(trace=str(path)).times(many(1, "x"), scale=scale)
    assert len(times) == count
    assert times.mean() == pytest.approx(4.5, abs=0.51)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("second\n1\n", "no column drill_second"),
        ("drill_second\n1\nsoon\n", "line 3: drill_second is 'soon'"),
        ("drill_second\n-1\n", "line 2"),
        ("drill_second\nnan\n", "line 2"),
    ],
)
def test_a_bad_trace_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    """What is wrong in a trace is said with file and line."""
    path = tmp_path / "trace.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_trace(path)


def test_a_missing_trace_is_named(tmp_path: Path) -> None:
    """A trace that is not there is said to be so."""
    with pytest.raises(ValueError, match=r"nowhere\.csv: cannot read"):
        read_trace(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("rate", "message"),
    [
        (((5, 1.0), (3, 1.0)), "out of order"),
        (((0, -1.0), (3, 1.0)), "negative"),
        (((0, 1.0),), "two points"),
        (((0, float("nan")), (3, 1.0)), "not finite"),
    ],
)
def test_a_rate_that_cannot_be_followed_is_refused(
    rate: tuple[tuple[float, float], ...], message: str
) -> None:
    """A wrong rate is refused when the scenario is built."""
    with pytest.raises(ValueError, match=message):
        Arrivals(rate=rate)


def test_a_rate_and_a_trace_exclude_each_other() -> None:
    """Two answers to one question are refused."""
    with pytest.raises(ValueError, match="leave one out"):
        Arrivals(rate=RUSH.rate, trace="x.csv")
