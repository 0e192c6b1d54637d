"""Whole drills of the packaged night against the practice app, over loopback.

At ``--scale 0.05 --speed 1200`` the night takes about half a minute. That is ten times faster
than the scenario declares, so a timing that fails would be unknown; nothing else changes.
"""

from __future__ import annotations

import html
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest

from harness.record import Finding, RunFolder, Status
from harness.scenario import packaged
from simulators.apps.reporting.defects import DEFECTS

pytestmark = [pytest.mark.live, pytest.mark.slow]

SMALL = ("--scale", "0.05", "--speed", "1200")
# Defects drilled two at a time: each is meant for a finding that the other leaves alone.
TOGETHER = (
    ("one_delegate_precincts", "cross_precinct_write"),
    ("stale_totals", "pin_lockout_storm"),
    ("last_cell_dropped", "lost_on_restart"),
)
FAST = tuple(each for each in DEFECTS if each.name != "slow_under_load")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "harness.cli", *arguments]


def drill(out: Path, *arguments: str, scenario: str = "iowa-caucus-night") -> tuple[int, RunFolder]:
    """Run a drill as a vendor's CI would: its exit code and its folder."""
    done = subprocess.run(
        command("run", scenario, "--out", str(out), *arguments),
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode in (0, 1, 3), done.stderr
    assert "Traceback" not in done.stderr
    return done.returncode, RunFolder.open(out)


def verdict(folder: RunFolder) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads((folder.path / "verdict.json").read_bytes())
    return found


def by_name(folder: RunFolder) -> dict[str, Finding]:
    return {each.name: each for each in folder.findings}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    code, folder = drill(tmp_path_factory.mktemp("drill") / "clean", *SMALL, "--seed", "1")
    assert code == 0, verdict(folder)["reasons"]
    return folder


def quiet(folder: RunFolder) -> None:
    """Every check passes or does not apply, and every objective is met.

    A twentieth of the people are too few to say how soon they get through again after a fault.
    """
    for finding in folder.findings:
        quiet = {Status.PASS, Status.NOT_APPLICABLE}
        if finding.check in ("recovery", "retry_storm"):
            quiet.add(Status.UNKNOWN)
        assert finding.status in quiet, finding
    assert verdict(folder)["word"] == "GO"


def test_the_clean_app_is_go_and_no_check_fires(clean: RunFolder) -> None:
    """No false alarm, and nothing is left unknown."""
    quiet(clean)


@pytest.mark.parametrize("seed", ["2"])
def test_other_seeds_are_go_too(seed: str, tmp_path: Path) -> None:
    """The verdict of the clean app does not hang on the seed."""
    code, folder = drill(tmp_path / "run", *SMALL, "--seed", seed, "--workers", "2")
    assert code == 0, verdict(folder)["reasons"]
    quiet(folder)


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
        tried = history.filter(pl.col("kind") == kind, pl.col("outcome") == outcome)
        assert len(tried), f"no {kind} was ever {outcome}"
    astray = history.filter(
        pl.col("home") != "", pl.col("record") != pl.col("home"), pl.col("sent").is_not_null(),
        pl.col("kind") == "submit_report",
    )  # fmt: skip
    assert set(astray["outcome"]) == {"refused"}
    assert (clean.calls.collect()["cause"].cast(pl.String) == "served").any()


@pytest.fixture(scope="module")
def defective(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[int, RunFolder]]:
    """Drills the app with a defect switched on, once for all that are drilled with it."""
    place = tmp_path_factory.mktemp("defective")

    @cache
    def together(group: tuple[str, ...]) -> tuple[int, RunFolder]:
        switched_on = [word for name in group for word in ("--defect", name)]
        return drill(place / "+".join(group), *SMALL, "--seed", "1", *switched_on)

    def play(defect: str) -> tuple[int, RunFolder]:
        return together(next((each for each in TOGETHER if defect in each), (defect,)))

    return play


@pytest.mark.parametrize("defect", FAST, ids=lambda each: each.name)
def test_each_defect_is_no_go_by_the_check_meant_for_it(
    defect: Any, defective: Callable[[str], tuple[int, RunFolder]]
) -> None:
    """The check that is meant to catch it fails, decides the verdict, and names a record."""
    code, folder = defective(defect.name)
    assert code == 1
    assert verdict(folder)["word"] == "NO-GO"
    finding = by_name(folder)[defect.caught_by]
    assert finding.status is Status.FAIL
    assert finding.offenders > 0
    page = html.unescape((folder.path / "report.html").read_text())
    assert finding.question in page
    if finding.witnesses and finding.witnesses[0].record:
        assert f"--record {finding.witnesses[0].record}" in page


def test_a_slow_app_is_no_go_at_the_declared_speed(tmp_path: Path) -> None:
    """Timings are judged where the scenario declares the speed; the clean app is quick there."""
    declared = tmp_path / "fast-night.yaml"
    text = packaged()["iowa-caucus-night"].read_text()
    assert "\nspeed: 120\n" in text
    declared.write_text(text.replace("\nspeed: 120\n", "\nspeed: 1200\n"))
    code, folder = drill(
        tmp_path / "run", *SMALL, "--seed", "1", "--defect", "slow_under_load",
        scenario=str(declared),
    )  # fmt: skip
    assert code == 1
    assert by_name(folder)["response_time:submit_report"].status is Status.FAIL


def test_replay_shows_a_lost_cell_again(
    defective: Callable[[str], tuple[int, RunFolder]],
) -> None:
    """The command that a finding prints shows its record: same app, same defect."""
    _, folder = defective("partial_export")
    record = by_name(folder)["altered:export"].witnesses[0].record
    done = subprocess.run(
        command("replay", str(folder.path), "--record", record, "--json"),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    held = {each["reader"]: each for each in orjson.loads(done.stdout)["held"]}
    assert held["records"]["wrong"] == []
    assert held["export"]["wrong"]


def begin(out: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command("run", "iowa-caucus-night", "--out", str(out), *SMALL, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for_load(out: Path, size: int = 100_000) -> None:
    """Until the ledgers hold so many bytes."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if sum(each.stat().st_size for each in (out / "ledger").glob("engine-*.jsonl")) > size:
            return
        time.sleep(0.1)
    raise AssertionError("nothing was sent within a minute")


def children_of(pid: int) -> list[int]:
    """Processes below one, from the kernel's own list."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True).stdout
    parents = {int(a): int(b) for a, b in (line.split() for line in listed.splitlines())}
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found[1:]


def engines_of(pid: int) -> list[int]:
    names = {}
    for child in children_of(pid):
        ask = ["ps", "-o", "args=", "-p", str(child)]
        names[child] = subprocess.run(ask, capture_output=True, text=True).stdout.strip()
    return [child for child, args in names.items() if args.endswith("-m harness.engine")]


def test_ctrl_c_stops_in_order_and_judges_what_was_recorded(tmp_path: Path) -> None:
    """The drill ends soon, its ledger is whole, and the verdict claims nothing for the rest."""
    running = begin(tmp_path / "run")
    wait_for_load(tmp_path / "run")
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=60)
    folder = RunFolder.open(tmp_path / "run")
    assert folder.info["state"] == "stopped"
    assert folder.info["ledger"]["complete"]
    assert verdict(folder)["word"] == "NOT ENOUGH EVIDENCE"
    assert running.returncode == 3
    assert "Traceback" not in said


def test_a_killed_worker_is_never_silently_short(tmp_path: Path) -> None:
    """One of two engines dies: its intents are kept, and the verdict says the ledger is open."""
    running = begin(tmp_path / "run", "--workers", "2")
    wait_for_load(tmp_path / "run")
    os.kill(engines_of(running.pid)[0], signal.SIGKILL)
    said, _ = running.communicate(timeout=120)
    folder = RunFolder.open(tmp_path / "run")
    assert folder.info["workers_lost"] == 1
    assert not folder.info["ledger"]["complete"]
    assert verdict(folder)["word"] == "NOT ENOUGH EVIDENCE", said
    held = folder.readback.filter(pl.col("round").cast(pl.String) == "again").collect()["key"]
    assert set(held.drop_nulls()) <= set(folder.history.collect()["op"])


def test_a_killed_drill_leaves_what_recheck_can_judge(tmp_path: Path) -> None:
    """SIGKILL of everything: the folder is readable, sealed later, and never a GO."""
    running = begin(tmp_path / "run")
    wait_for_load(tmp_path / "run")
    family = children_of(running.pid)
    for pid in (running.pid, *family):
        os.kill(pid, signal.SIGKILL)
    running.wait()
    assert running.stdout is not None
    running.stdout.close()
    done = subprocess.run(
        command("recheck", str(tmp_path / "run")), capture_output=True, text=True, timeout=120
    )
    folder = RunFolder.open(tmp_path / "run")
    assert done.returncode == 3, done.stderr
    assert folder.info["state"] == "crashed"
    assert folder.history.collect().height > 0
    assert verdict(folder)["word"] == "NOT ENOUGH EVIDENCE"
