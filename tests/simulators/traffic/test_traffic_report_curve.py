"""Report curves: the shifted log-normal, its county effect and its cut tail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest, lognorm

from simulators.people.draws import many
from simulators.traffic import CAUCUS_2008, CAUCUS_2016, ReportCurve


def draw(curve: ReportCurve, counties: np.ndarray, seed: int = 7) -> np.ndarray:
    return curve.minutes(counties, many(seed, "own"), many(seed, "shared"))


def uncut(curve: ReportCurve) -> ReportCurve:
    return replace(curve, latest_minutes=1e9)


@pytest.mark.parametrize("curve", [CAUCUS_2008, CAUCUS_2016])
def test_times_are_shifted_log_normal(curve: ReportCurve) -> None:
    """With a county of its own for every precinct, times follow the published fit."""
    minutes = draw(uncut(curve), np.arange(20_000))
    theory = lognorm(s=curve.sigma, loc=curve.shift_minutes, scale=curve.median_minutes)
    assert kstest(minutes, theory.cdf).pvalue > 0.01


def test_the_2016_curve_has_its_published_points() -> None:
    """In 2016 70 % were in two hours after the start, nearly all by 4 h 50 min."""
    assert CAUCUS_2016.share_by(120) == pytest.approx(0.70, abs=0.01)
    assert CAUCUS_2016.share_by(290) > 0.99
    assert CAUCUS_2016.share_by(24) == 0.0
    assert CAUCUS_2016.share_by(400) == 1.0


def test_times_cluster_by_county() -> None:
    """The intraclass correlation of log time within counties is that of 2008."""
    counties = np.repeat(np.arange(4000), 5)
    scores = np.log(draw(uncut(CAUCUS_2008), counties)).reshape(4000, 5)
    between, within = scores.mean(axis=1).var(ddof=1), scores.var(axis=1, ddof=1).mean()
    icc = (between - within / 5) / (between - within / 5 + within)
    assert icc == pytest.approx(0.475, abs=0.03)


def test_the_tail_is_cut_and_not_piled_up() -> None:
    """No report is later than the last minute, and few wait just before it."""
    curve = replace(CAUCUS_2008, latest_minutes=100.0)
    minutes = draw(curve, np.arange(20_000))
    assert minutes.max() <= 100.0
    assert np.mean(minutes > 99.0) < 0.02
    shares = [curve.share_by(each) for each in minutes[:2000]]
    assert kstest(shares, "uniform").pvalue > 0.01


def test_2008_keeps_its_median_when_cut() -> None:
    """The cut at 190 minutes moves the median by less than a minute."""
    assert np.median(draw(CAUCUS_2008, np.arange(20_000))) == pytest.approx(55.0, abs=1.5)


def test_a_precinct_keeps_its_time_when_more_are_drawn() -> None:
    """A longer draw begins with the shorter one."""
    counties = np.repeat(np.arange(20), 10)
    assert (draw(CAUCUS_2008, counties)[:50] == draw(CAUCUS_2008, counties[:50])).all()


def test_no_precincts_give_no_times() -> None:
    """A night without sites has no report times."""
    assert len(draw(CAUCUS_2008, np.array([], dtype=np.int64))) == 0


def test_a_curve_that_ends_before_it_begins_is_refused() -> None:
    """Nothing can be ready between a shift and an earlier last minute."""
    with pytest.raises(ValueError, match="latest_minutes=20"):
        ReportCurve(shift_minutes=24, latest_minutes=20)
