"""Anchors of a live drill: measured from its record, where it was a whole night of Iowa."""

from __future__ import annotations

from typing import Any

import pytest

from harness.drill_anchors import measure_drill
from harness.record import RunFolder
from harness.scenario import load_scenario
from harness.simulate import simulate
from harness.simulation import anchors_as_info

SPEED = 120.0


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The night as it was, on the record of a drill that was played at its own speed."""
    scenario = load_scenario("iowa-caucus-night")
    return simulate(scenario, out=tmp_path_factory.mktemp("night") / "run", cast="as-it-was")


def info_of(night: RunFolder, **changes: Any) -> dict[str, Any]:
    return {**night.info, **changes}


def test_a_whole_night_shows_what_it_can_be_measured_on(night: RunFolder) -> None:
    """The same figures as in virtual time, without those of its sister nights."""
    found = {each.anchor.id: each for each in measure_drill(night, info_of(night))}
    assert {"A1", "A2", "A3", "A4", "A5", "A6"} <= set(found)
    assert not {"A8a", "A13a", "A13b"} & set(found)
    simulated = {each["anchor"]: each["value"] for each in night.info["anchors"]}
    assert {name: each.value for name, each in found.items()} == {
        name: simulated[name] for name in found
    }
    assert all(found[name].holds for name in ("A1", "A2", "A3"))


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "stopped"},
        {"ledger": {"complete": False, "problems": []}},
        {"scale": 0.5},
        {"scenario": "elsewhere"},
        {"cast": "rehearsal"},
    ],
)
def test_what_is_not_a_whole_night_has_none(night: RunFolder, changes: dict[str, Any]) -> None:
    """Stopped, torn, smaller, of another story, or with people who were not there."""
    assert measure_drill(night, info_of(night, **changes)) == []


def test_the_figures_carry_the_speed_they_were_measured_at(night: RunFolder) -> None:
    """A live drill says it; in virtual time it is 1."""
    rows = anchors_as_info(measure_drill(night, info_of(night)), speed=SPEED)
    assert {row["speed"] for row in rows} == {SPEED}
    assert {row["speed"] for row in night.info["anchors"]} == {1.0}


def test_a_day_of_poll_watchers_shows_when_its_line_died(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The other packaged drill is measured by anchors of its own."""
    scenario = load_scenario("houdini-election-day")
    day = simulate(scenario, out=tmp_path_factory.mktemp("day") / "run", cast="as-it-was")
    found = {each.anchor.id: each.value for each in measure_drill(day, info_of(day))}
    assert found == {each["anchor"]: each["value"] for each in day.info["anchors"]}
    assert found
