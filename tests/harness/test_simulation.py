"""The course of a night in quarter hours, from a night made by hand."""

from __future__ import annotations

import pytest
from virtual_night import START, call, sheet, tables

from harness.anchors import ANCHORS, Measured
from harness.simulation import anchors_as_info, simulation_of

SHEETS = dict.fromkeys(("IA-0001", "IA-0002", "IA-0003", "IA-0004"), sheet())


def test_quarters_count_calls_holds_and_reports() -> None:
    """Each quarter hour shows who dialled, how long the answered had held, and who holds still."""
    night = tables(
        reports={
            "IA-0001": (sheet(), "api", 1.0),
            "IA-0002": (sheet(), "hotline", 29.0),
            "IA-0003": (sheet(), "hotline", 31.0),
        },
        worksheets=SHEETS,
        calls=[
            call(0, 0, 2),
            call(5, 20, 28),
            call(6, 29, 31),
            call(14, None, 44, "abandoned"),
            call(15, None, 15, "busy"),
        ],
    )
    first, second, third = simulation_of(night).quarters
    assert (first.start, first.dialled, first.answered, first.holding) == (START, 4, 1, 3)
    assert (first.reports, first.by_app) == (1, 1)
    assert (second.dialled, second.answered, second.holding) == (1, 2, 1)
    assert second.hold_median == pytest.approx((15 + 23) / 2)
    assert second.hold_p90 == pytest.approx(15 + 0.9 * 8)
    assert (second.reports, third.reports, third.holding) == (2, 3, 0)
    assert third.hold_median is None


def test_channels_calls_and_milestones_add_up() -> None:
    """Every site has one channel or none, and a share never reached is said to be never."""
    night = tables(
        reports={"IA-0001": (sheet(), "api", 1.0), "IA-0002": (sheet(), "hotline", 29.0)},
        worksheets=SHEETS,
        calls=[call(5, 20, 28), call(15, None, 15, "busy")],
    )
    found = simulation_of(night)
    assert found.channels == {"api": 1, "hotline": 1, "none": 2}
    assert found.calls == {"busy": 1, "served": 1}
    assert found.in_by == (START + 29 * 60, None, None)
    assert found.hold_mean == pytest.approx(15.0)


def test_a_night_on_which_nothing_happened_has_no_quarters() -> None:
    """No call and no report: nothing to draw, and every site is without one."""
    found = simulation_of(tables(reports={}, worksheets=SHEETS))
    assert found.quarters == ()
    assert found.channels == {"none": 4}
    assert found.hold_mean is None


def test_anchors_are_written_in_words_beside_the_published_figure() -> None:
    """A report reader sees the figure, its range and its kind without knowing our code."""
    by_id = {anchor.id: anchor for anchor in ANCHORS}
    rows = anchors_as_info(
        [Measured(by_id["A1"], 3.14), Measured(by_id["A4b"], 67.0), Measured(by_id["A2"], None)]
    )
    assert rows[0]["measured"] == "3.1 min"
    assert rows[0]["tolerance"] == "2 to 10 min"
    assert rows[0]["holds"] is True
    assert rows[1]["tolerance"] == "shown, not gated"
    assert rows[1]["holds"] is None
    assert rows[2]["measured"] == "nothing to measure"
