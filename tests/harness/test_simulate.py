"""Nights in virtual time as run folders: whole, repeatable, judged like drills."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from harness.record import CALLS, HISTORY, INJECTS, READBACK, RecordError, RunFolder
from harness.scenario import Scenario, ScenarioError, load_scenario
from harness.simulate import WhatIf, faults_of, measure_night, simulate
from harness.verdict import Word, judge
from simulators.model import Cut, Outage


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """The packaged night."""
    return load_scenario("iowa-caucus-night")


def night(
    scenario: Scenario, out: Path, seed: int = 7, *defects: str, scale: float = 0.1
) -> RunFolder:
    """A rehearsal in virtual time."""
    return simulate(scenario, out=out, cast="rehearsal", seed=seed, scale=scale, defects=defects)


def failing(run: RunFolder) -> set[str]:
    """Names of the findings that fail."""
    return {each.name for each in run.findings if each.status == "fail"}


def test_the_folder_has_every_table_of_a_drill(scenario: Scenario, tmp_path: Path) -> None:
    """History, calls, injects, read-back and truth are there with the columns of a live drill."""
    run = night(scenario, tmp_path / "run")
    assert run.history.collect_schema() == HISTORY
    assert run.calls.collect_schema() == CALLS
    assert run.injects.collect_schema() == INJECTS
    assert run.readback.collect_schema() == READBACK
    for name in ("precincts", "reports"):
        assert run.table(f"truth/{name}").collect().height == run.info["records"]
    assert run.info["virtual"] is True
    assert run.info["state"] == "finished"
    rounds = run.readback.select(pl.col("round").cast(pl.String)).unique().collect()["round"]
    assert set(rounds) == {"baseline", "settled", "again"}


def test_the_seed_decides_the_night(scenario: Scenario, tmp_path: Path) -> None:
    """The same seed gives the same tables, another seed others."""
    one, two, other = (
        night(scenario, tmp_path / name, seed) for name, seed in (("a", 7), ("b", 7), ("c", 8))
    )
    for table in ("history", "calls", "readback"):
        assert getattr(one, table).collect().equals(getattr(two, table).collect())
    assert not one.history.collect().equals(other.history.collect())
    assert one.info["plan_hash"] == two.info["plan_hash"] != other.info["plan_hash"]


def test_the_injects_of_the_scenario_happen_in_virtual_time(
    scenario: Scenario, tmp_path: Path
) -> None:
    """The restart and the cut answers come at their hours and touch somebody."""
    rows = night(scenario, tmp_path / "run").injects.collect().to_dicts()
    assert {row["kind"] for row in rows} == {"process.restart", "network.cut_answers"}
    assert all(row["touched"] > 0 and row["undone"] for row in rows)
    restart = next(row for row in rows if row["kind"] == "process.restart")
    planned = next(each for each in scenario.injects if each.kind == "process.restart")
    assert restart["started_drill"] == scenario.clock.seconds(planned.begins)


def test_historical_casts_are_played_without_the_rehearsals_injects(scenario: Scenario) -> None:
    """Nobody restarted the app on the night as it was."""
    kinds = {type(fault) for fault in faults_of(scenario, "rehearsal", {})}
    assert kinds == {Outage, Cut}
    assert faults_of(scenario, "as-it-was", {}) == ()


@pytest.mark.slow
def test_no_check_fires_on_the_sound_app_over_twenty_seeds(
    scenario: Scenario, tmp_path: Path
) -> None:
    """On a sound app every check passes or does not apply, whatever the seed."""
    for seed in range(1, 21):
        run = night(scenario, tmp_path / str(seed), seed, scale=1.0)
        assert judge(run).word is Word.GO
        # After ten in the evening too few people try anything to say whether they get through.
        crowded = [each for each in run.findings if each.check not in ("recovery", "retry_storm")]
        assert {each.status.value for each in crowded} <= {"pass", "not_applicable"}


@pytest.mark.parametrize(
    ("defect", "caught_by"),
    [
        ("partial_export", "altered:export"),
        ("no_idempotency", "duplicate:records"),
        ("lost_on_restart", "lost:records"),
        ("last_cell_dropped", "altered:records"),
        ("stale_totals", "mis_totalled:totals"),
        ("one_delegate_precincts", "rules:records"),
        ("cross_precinct_write", "authorization"),
        ("accepts_then_drops_under_load", "lost:records"),
        ("slow_under_load", "response_time:submit_report"),
    ],
)
def test_a_defect_of_the_model_is_caught_by_the_check_meant_for_it(
    scenario: Scenario, tmp_path: Path, defect: str, caught_by: str
) -> None:
    """Each defect makes the night NO-GO, and its own check says so."""
    run = night(scenario, tmp_path / "run", 1, defect)
    assert judge(run).word is Word.NO_GO
    assert caught_by in failing(run)


def test_a_lockout_storm_is_seen_by_those_who_typed_nothing_wrong(
    scenario: Scenario, tmp_path: Path
) -> None:
    """Over the whole state counties are locked out for their neighbours' slips."""
    run = night(scenario, tmp_path / "run", 1, "pin_lockout_storm", scale=1.0)
    judge(run)
    assert "lockouts" in failing(run)


def test_with_85_lines_nobody_can_hold_for_hours(scenario: Scenario) -> None:
    """A hard limit on lines turns holds into busy signals: the published holds cannot happen."""
    lines = WhatIf(trunks=85)
    found = {
        each.anchor.id: each.value
        for each in measure_night(scenario, "as-it-was", seed=2020, what_if=lines)
    }
    assert found["A3"] is not None
    assert found["A3"] < 30


def test_a_change_is_named_in_the_record(scenario: Scenario, tmp_path: Path) -> None:
    """What was asked stands beside the answer, and only its own anchor is measured."""
    run = simulate(
        scenario, out=tmp_path / "run", seed=1, what_if=WhatIf(agents=100), cast="as-it-was"
    )
    assert run.info["what_if"] == {"agents": 100}
    assert [row["anchor"] for row in run.info["anchors"]] == ["A13"]
    assert run.info["anchors"][0]["holds"] is True


def test_a_part_of_the_night_has_no_anchors(scenario: Scenario, tmp_path: Path) -> None:
    """Published figures are of a whole night; a tenth of one is not set beside them."""
    assert night(scenario, tmp_path / "run").info["anchors"] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"agents": 0}, "agents=0"),
        ({"trunks": 0}, "trunks=0"),
        ({"talk_minutes": 0.0}, "talk_minutes=0"),
        ({"talk_minutes": float("nan")}, "talk_minutes=nan"),
        ({"app_ready": 1.5}, r"app_ready=1\.5"),
    ],
)
def test_impossible_changes_are_refused(change: dict[str, float], message: str) -> None:
    """A what-if that cannot be played is refused by name before anything is written."""
    with pytest.raises(ScenarioError, match=message):
        WhatIf(**change)  # type: ignore[arg-type]


def test_unknown_defects_and_casts_leave_no_folder(scenario: Scenario, tmp_path: Path) -> None:
    """Bad arguments are refused before the folder is made."""
    with pytest.raises(ScenarioError, match="no_idempotence"):
        night(scenario, tmp_path / "run", 1, "no_idempotence")
    with pytest.raises(ScenarioError, match="no cast 'nobody'"):
        simulate(scenario, out=tmp_path / "run", cast="nobody")
    assert not (tmp_path / "run").exists()


def test_a_run_is_never_written_over(scenario: Scenario, tmp_path: Path) -> None:
    """A folder that holds anything is left alone."""
    (tmp_path / "note").write_text("mine")
    with pytest.raises(RecordError, match="not empty"):
        night(scenario, tmp_path)
