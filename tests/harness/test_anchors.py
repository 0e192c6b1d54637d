"""Anchors: each measure on a night made by hand, and every anchor on twenty simulated nights."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import pytest
from virtual_night import call, sheet, tables

from harness.anchors import (
    ANCHORS,
    Anchor,
    Measured,
    app_share,
    corrected,
    found_by_rules,
    hold_at_ten,
    hold_early,
    longest_hold,
    mean_hold,
    published_by,
    reported_by,
    rules_broken_hard,
)
from harness.scenario import load_scenario
from harness.simulate import measure_night, sister_nights

SEEDS = range(1, 21)
GOOD = sheet()
BAD = sheet(final_warren=40)  # more people at the end than at the beginning: E1
PLAIN = {"IA-0001": (GOOD, "hotline", 90.0)}
SHEETS = {"IA-0001": GOOD, "IA-0002": GOOD, "IA-0003": GOOD, "IA-0004": GOOD}


def test_holds_are_read_at_their_hours() -> None:
    """The early hold counts who dialled at 8:05 pm, the late one who was answered at 10 pm."""
    calls = [
        call(10, 11, 20),
        call(65, 70, 80),
        call(66, 73, 80),
        call(100, 180, 190),
        call(30, 300, 310),
        call(64, None, 400, "abandoned"),
    ]
    night = tables(reports=PLAIN, worksheets=SHEETS, calls=calls)
    assert hold_early(night) == pytest.approx(6.0)
    assert hold_at_ten(night) == pytest.approx(80.0)
    assert longest_hold(night) == pytest.approx(270.0)
    assert mean_hold(night) == pytest.approx((1 + 5 + 7 + 80 + 270) / 5)


def test_a_night_without_calls_has_no_holds() -> None:
    """Nothing to measure is not zero minutes, and holds nothing."""
    night = tables(reports=PLAIN, worksheets=SHEETS)
    assert hold_early(night) is None
    assert Measured(ANCHORS[0], hold_early(night)).holds is None


def test_shares_are_of_all_sites_driven() -> None:
    """Sites that never report count against every share."""
    reports = {"IA-0001": (GOOD, "api", 30.0), "IA-0002": (GOOD, "hotline", 121.0)}
    night = tables(reports=reports, worksheets=SHEETS)
    assert app_share(night) == 25.0
    assert reported_by(2.0)(night) == 25.0
    assert reported_by(5.0)(night) == 50.0


def test_publishing_follows_the_policy_and_never_runs_ahead_of_the_reports() -> None:
    """Nothing on the night, 62 % after 21 hours, and no more than has been reported."""
    everything = dict.fromkeys(SHEETS, (GOOD, "api", 30.0))
    night = tables(reports=everything, worksheets=SHEETS)
    assert [published_by(hours)(night) for hours in (6.0, 20.9, 21.0, 63.0, 94.0)] == [
        0.0, 0.0, 62.0, 97.0, 100.0,
    ]  # fmt: skip
    assert published_by(63.0)(tables(reports=PLAIN, worksheets=SHEETS)) == 25.0


def test_broken_rules_are_counted_in_precincts_only() -> None:
    """A satellite elects no delegates, so its report counts neither way."""
    reports = dict.fromkeys(SHEETS, (GOOD, "api", 30.0))
    reports["IA-0002"] = (BAD, "api", 30.0)
    reports["IA-0004"] = (BAD, "api", 30.0)
    night = tables(reports=reports, worksheets=SHEETS, satellites=["IA-0004"])
    assert rules_broken_hard(night) == pytest.approx(100 / 3)


def test_corrected_is_what_differs_from_its_worksheet_and_breaks_a_rule() -> None:
    """A bad worksheet keyed right stays; a slip that keeps the rules is never looked at."""
    worksheets = {**SHEETS, "IA-0003": BAD}
    reports = {
        "IA-0001": (BAD, "api", 30.0),  # keyed wrong, and the rules show it
        "IA-0002": (sheet(31, 31), "api", 30.0),  # keyed wrong, and nothing shows it
        "IA-0003": (BAD, "hotline", 30.0),  # the worksheet's own error
        "IA-0004": (GOOD, "hotline", 30.0),
    }
    night = tables(reports=reports, worksheets=worksheets)
    assert corrected(night) == 25.0
    assert found_by_rules(night) == 0.5
    assert rules_broken_hard(night) == 50.0


@cache
def twenty_nights() -> dict[str, list[float]]:
    """What every anchor measures on each of the seeds."""
    scenario = load_scenario("iowa-caucus-night")
    found: dict[str, list[float]] = defaultdict(list)
    for seed in SEEDS:
        measured = measure_night(scenario, "as-it-was", seed=seed)
        for cast, night, change in sister_nights(scenario):
            measured += measure_night(scenario, cast, seed=seed, what_if=change, night=night)
        for each in measured:
            assert each.value is not None
            found[each.anchor.id].append(each.value)
    return found


GATED = [each for each in ANCHORS if each.low is not None and each.night != "what-if"]


@pytest.mark.slow
@pytest.mark.parametrize("anchor", GATED, ids=lambda anchor: anchor.id)
def test_every_anchor_holds_on_twenty_seeds(anchor: Anchor) -> None:
    """The simulated night gives the published figure, within its range, whatever the seed."""
    values = twenty_nights()[anchor.id]
    assert len(values) == len(SEEDS)
    assert [value for value in values if not Measured(anchor, value).holds] == []


def test_the_packaged_seed_reproduces_the_night() -> None:
    """With the scenario's own seed every gated anchor of the night holds."""
    scenario = load_scenario("iowa-caucus-night")
    measured = measure_night(scenario, "as-it-was", seed=scenario.seed)
    assert [each.anchor.id for each in measured if each.holds is False] == []
    assert {each.anchor.id for each in measured if each.holds} >= {
        "A1", "A2", "A3", "A4", "A5", "A5b", "A6", "A7a", "A7b", "A7c",
    }  # fmt: skip
