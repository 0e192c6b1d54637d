"""Whole drills of the packaged night against the practice app, over loopback.

At ``--scale 0.05 --speed 1200`` the night takes about half a minute. That is ten times faster
than the scenario declares, so a timing that fails would be unknown; nothing else changes.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest

from harness.checks.reconcile.register import PREFLIGHT
from harness.record import RunFolder, Status

pytestmark = [pytest.mark.live, pytest.mark.slow]

SMALL = ("--scale", "0.05", "--speed", "1200")


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


def quiet(folder: RunFolder) -> None:
    """Every check passes or does not apply, and every objective is met.

    A twentieth of the people are too few to say how soon they get through again after a fault,
    and half a minute is too short to say that a health page never cries wolf.
    """
    for finding in folder.findings:
        quiet = {Status.PASS, Status.NOT_APPLICABLE}
        if finding.check in ("recovery", "retry_storm", "health_truth"):
            quiet.add(Status.UNKNOWN)
        assert finding.status in quiet, finding
    assert verdict(folder)["word"] == "GO"


def test_the_clean_app_is_go_and_no_check_fires(tmp_path: Path) -> None:
    """The packaged night, as it is packaged but smaller and faster: no false alarm, nothing open.

    Its defects are drilled in test_prove_reporting.py, on a shorter night.
    """
    code, folder = drill(tmp_path / "run", *SMALL, "--seed", "2", "--workers", "2")
    assert code == 0, verdict(folder)["reasons"]
    quiet(folder)


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
    read = folder.readback.filter(pl.col("round").cast(pl.String) == "again").collect()
    held = {key for key in read["key"].drop_nulls() if not key.startswith(PREFLIGHT)}
    assert held <= set(folder.history.collect()["op"])


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
