"""Every seeded defect of the reporting app is caught by the check that is meant for it."""

from __future__ import annotations

import html
import subprocess
import sys
from pathlib import Path

import orjson
import polars as pl
import pytest
from prove_stand import caught, count, names, proven, quiet, rejudged, row

from harness.prove.matrix import Caught, Matrix
from harness.record import RunFolder
from reports import write_reports

pytestmark = [pytest.mark.live, pytest.mark.slow]

APP = "reporting"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prove") / APP


@pytest.fixture(scope="module")
def matrix(place: Path) -> Matrix:
    return proven(APP, place)


@pytest.fixture(scope="module")
def clean(matrix: Matrix, place: Path) -> RunFolder:
    return RunFolder.open(place / "runs" / f"{APP}-clean-night-1")


@pytest.mark.parametrize("defect", names(APP))
def test_each_defect_is_caught_by_the_check_meant_for_it(matrix: Matrix, defect: str) -> None:
    """Its finding fails, and the verdict is NO-GO."""
    caught(matrix, defect)


def test_no_check_fires_on_the_clean_app(matrix: Matrix, clean: RunFolder) -> None:
    """No false alarm, and nothing but timings may be left open."""
    assert matrix.alarms == 0
    quiet(clean)


def test_every_trigger_of_the_night_fired(clean: RunFolder) -> None:
    """What the defects hang on has happened: faults, double taps, amendments, slips, calls."""
    history = clean.history.with_columns(pl.col("kind", "outcome").cast(pl.String)).collect()
    injects = clean.injects.collect()
    assert (injects["touched"] > 0).all()
    assert injects["undone"].all()
    assert set(injects["kind"].cast(pl.String)) == {"process.restart", "network.cut_answers"}
    reports = history.filter(pl.col("kind") == "submit_report", pl.col("sent").is_not_null())
    taps = reports.join(reports, on="op").filter(
        pl.col("attempt") < pl.col("attempt_right"), pl.col("sent_right") < pl.col("done")
    )
    assert len(taps) > 0, "no double tap overlapped"
    for kind, outcome in (
        ("amend_report", "ok"),
        ("sign_in", "refused"),
        ("submit_report", "unknown"),
        ("send_photo", "ok"),
        ("read_results", "ok"),
        ("read_report", "ok"),
    ):
        assert count(history, kind=kind, outcome=outcome), f"no {kind} was ever {outcome}"
    astray = history.filter(
        pl.col("home") != "", pl.col("record") != pl.col("home"), pl.col("sent").is_not_null(),
        pl.col("kind") == "submit_report",
    )  # fmt: skip
    assert "ok" not in set(astray["outcome"])
    assert "refused" in set(astray["outcome"])
    assert count(clean.calls.collect(), cause="served")


def test_without_its_check_a_defect_is_missed(matrix: Matrix, place: Path) -> None:
    """A check that is taken away leaves misses in the matrix; nothing is drilled again for it."""
    again, played = rejudged(APP, place, "lost", "lockouts")
    assert played == []
    assert again.code == 1
    for found in again.rows:
        same = row(matrix, found.defect)
        if found.meant.partition(":")[0] in ("lost", "lockouts"):
            assert found.caught in (Caught.MISSED, Caught.OTHER), found.defect
            assert "left out" in found.why
        else:
            assert found.caught is same.caught


def test_a_witness_can_be_played_again_as_its_report_says(matrix: Matrix, place: Path) -> None:
    """The command that a finding prints shows its record: same app, same defects."""
    folder = RunFolder.open(place / row(matrix, "partial_export").run)
    write_reports(folder, pdf=False)
    page = html.unescape((folder.path / "report.html").read_text())
    finding = next(each for each in folder.findings if each.name == "altered:export")
    record = finding.witnesses[0].record
    assert finding.question in page
    assert f"--record {record}" in page
    done = subprocess.run(
        [sys.executable, "-P", "-m", "harness.cli", "replay", str(folder.path), "--record", record,
         "--json"],
        capture_output=True,
        text=True,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    held = {each["reader"]: each for each in orjson.loads(done.stdout)["held"]}
    assert held["export"]["wrong"]
