"""json-server says yes before it has written: killed in a burst of writes it loses reports.

The drill finds exactly those that are missing from its file, and says NO-GO for that reason. A
crash drill that called it GO would be broken.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ledger_oracle import in_flight, killed_at, reports_told
from target_drills import HERE, Played, check_target, drill, found_lost

pytestmark = [pytest.mark.thirdparty, pytest.mark.slow]

JSON_SERVER = HERE / "json-server.yaml"
SEEDS = (1, 2, 3, 4, 5)


@pytest.fixture(scope="module")
def kills(node_environment: None, tmp_path_factory: pytest.TempPathFactory) -> list[Played]:
    """Five bursts of other people, each with a kill in the middle."""
    folder = tmp_path_factory.mktemp("json-server")
    return [
        drill(
            HERE / "burst.yaml",
            *("--scale", "0.8", "--seed", str(seed)),
            target=JSON_SERVER,
            folder=folder / f"run-{seed}",
        )
        for seed in SEEDS
    ]


def missing(run: Path) -> set[str]:
    """Reports that were accepted and are not in json-server's own file."""
    there = {row["id"] for row in json.loads((run / "app-data" / "db.json").read_text())["reports"]}
    return {key for key, told in reports_told(run).items() if told.accepted} - there


def test_its_probes_come_out_as_declared(node_environment: None) -> None:
    """It has no accounts, and a repeated key is a 500 that means: already there."""
    probes = {probe["name"]: probe["found"] for probe in check_target(JSON_SERVER)}
    assert probes["repeat"].startswith("already_have_it (500)")
    assert "sign_in" not in probes


def test_at_least_fifty_writes_are_in_flight_at_the_kill(kills: list[Played]) -> None:
    """Each kill strikes the burst: over fifty tries were sent and not yet answered."""
    for run in kills:
        told = reports_told(run.path)
        assert in_flight(told, killed_at(run.path)) >= 50
        assert any("unknown" in each.answers for each in told.values())


def test_the_lost_reports_are_those_missing_from_its_file(kills: list[Played]) -> None:
    """Not one more and not one less, in every run."""
    for run in kills:
        assert found_lost(run.path) == missing(run.path)
        assert run.finding("lost")["offenders"] == len(missing(run.path))
        shown = {op for each in run.finding("lost")["witnesses"] for op in each["operations"]}
        assert shown <= missing(run.path)


def test_a_run_that_lost_reports_is_no_go_for_that(kills: list[Played]) -> None:
    """Of five kills one at least costs reports, and no other requirement fails."""
    losses = [run for run in kills if missing(run.path)]
    assert losses
    for run in kills:
        required = {"lost"} if run in losses else set()
        assert run.states("fail") - {"completeness"} == required
        assert (run.word == "NO-GO") == (run in losses)
        assert run.code == (1 if run in losses else 0)
