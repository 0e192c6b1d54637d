"""The timetable: everybody's arrival, all roles together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulators.night import Hours, Night
from simulators.people.cast import Cast
from simulators.timetable import LAST_SIGN_IN, ROLES, Timetable, draw_timetable, peak
from simulators.traffic import CAUCUS_2016, Arrivals, Traffic
from simulators.world.spec import WorldSpec

NIGHT = Night("a-night", WorldSpec(), Cast(), Traffic(), Hours(), seed=7)
COUNTIES = np.repeat(np.arange(20), 50)
NO_SATELLITES = np.zeros(1000, bool)


def drawn(night: Night = NIGHT) -> Timetable:
    return draw_timetable(night, COUNTIES, NO_SATELLITES)


def test_positions_and_rows_lead_to_each_other() -> None:
    """``index`` finds each chair in the columns again."""
    table = drawn()
    assert (table.roles[table.index] == ROLES.index("chair")).all()
    assert table.rows[table.index].tolist() == list(range(1000))
    assert (np.diff(table.arrives) >= 0).all()


def test_sign_ins_are_spread_evenly_and_in_no_order_of_place() -> None:
    """Every tenth of the trickle has a tenth of the chairs, from all over the state."""
    table = drawn()
    sign_in = table.arrives[table.index]
    tenths = np.histogram(sign_in, bins=10, range=(0, 5400 + LAST_SIGN_IN))[0]
    assert tenths.tolist() == pytest.approx([100] * 10, abs=1)
    assert abs(np.corrcoef(sign_in, np.arange(1000))[0, 1]) < 0.1


def test_reports_follow_the_casts_curve_from_the_start() -> None:
    """No report of 2016's curve is ready before 24 minutes have gone by."""
    night = replace(NIGHT, cast=Cast(reports=CAUCUS_2016))
    ready = drawn(night).ready
    assert ready.min() >= 5400 + 24 * 60
    share = np.mean(ready <= 5400 + 7200)
    assert share == pytest.approx(CAUCUS_2016.share_by(120), abs=0.05)


def test_times_are_whole_milliseconds() -> None:
    """A last-bit difference between machines must not make another plan."""
    table = drawn()
    for times in (table.arrives, table.ready):
        assert (np.round(times, 3) == times).all()


def test_more_visitors_move_nobody_else() -> None:
    """Streams are apart: a busier public leaves chairs' times as they are."""
    busy = replace(NIGHT, traffic=Traffic(visits=Arrivals(rate=((0, 2.0), (9000, 2.0)))))
    one, two = drawn(), drawn(busy)
    assert len(two.arrives) > len(one.arrives) + 10_000
    assert (one.ready == two.ready).all()
    assert (one.arrives[one.index] == two.arrives[two.index]).all()


def test_nobody_comes_after_the_end() -> None:
    """Visits and calls that the rate has after the drill's end are left out."""
    short = replace(NIGHT, cast=Cast(end=9500.0))
    assert drawn(short).arrives.max() < 9500.0
    assert (drawn().arrives > 9500.0).any()


def test_the_peak_is_the_busiest_minute() -> None:
    """Three arrivals in one minute are a twentieth a second; nobody is nothing."""
    assert peak(np.array([61.0, 62.0, 119.0, 121.0])) == pytest.approx(0.05)
    assert peak(np.zeros(0)) == 0.0
