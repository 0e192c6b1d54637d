"""Whole drills in which services of the target go wrong, and one that is killed on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from harness.injects.lease import left_behind
from harness.record import RunFolder

pytestmark = [pytest.mark.live, pytest.mark.slow]

IOWA = Path(__file__).parents[2] / "scenarios" / "iowa-caucus-night.yaml"
INJECTS = [
    {"kind": "service.pause", "name": "frozen", "service": "app", "begins": "18:00"},
    {"kind": "service.kill", "name": "killed", "service": ["app"], "begins": "19:30"},
    {"kind": "service.stop", "name": "stopped", "service": "app", "begins": "20:30"},
    {"kind": "service.disconnect", "name": "cut off", "service": "app", "begins": "21:30"},
    {"kind": "service.kill", "name": "no cache", "service": "cache", "begins": "21:30"},
]


def scenario(folder: Path) -> Path:
    """Iowa's night with other faults, and nobody who intrudes."""
    night: dict[str, Any] = yaml.safe_load(IOWA.read_text())
    ends = {"18:00": "18:20", "19:30": "19:50", "20:30": "20:50", "21:30": "21:50"}
    night["injects"] = [{**each, "ends": ends[str(each["begins"])]} for each in INJECTS]
    night["scenario"] = "services-go-wrong"
    night.pop("intruder", None)
    path = folder / "services-go-wrong.yaml"
    path.write_text(yaml.safe_dump(night))
    return path


def begun(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    words = ["run", str(scenario(folder)), "--out", str(folder / "run"), *arguments]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "harness.cli", *words],
        env={**os.environ, "XDG_STATE_HOME": str(folder / "state")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def test_services_of_a_drill_go_wrong_and_are_put_right(tmp_path: Path) -> None:
    """Each fault is in the record with what was done; what could not be done is named."""
    drill = begun(tmp_path, "--scale", "0.02", "--speed", "2400")
    _, said = drill.communicate(timeout=200)
    assert drill.returncode in (0, 1, 3), said.decode()
    run = RunFolder.open(tmp_path / "run")
    rows = {each["name"]: each for each in run.injects.collect().to_dicts()}
    assert {name: each["detail"] for name, each in rows.items()} == {
        "frozen": "app frozen, app thawed",
        "killed": "app killed, app started again",
        "stopped": "app stopped, app started again",
    }
    for each in rows.values():
        assert each["undone"]
        assert each["touched"] == 1
        assert each["planned_start_drill"] <= each["started_drill"] < each["ended_drill"]
    assert run.info["target"]["not_drilled"] == [
        "cut off: app is a process, and only containers can be taken off their networks",
        "no cache: the target's description has no service cache (it has: app)",
    ]
    assert left_behind(tmp_path / "state" / "drillhall" / "leases") == []


def test_a_drill_that_is_killed_leaves_nothing_running(tmp_path: Path) -> None:
    """The guardian ends the app that the drill had started, within a second or two."""
    drill = begun(tmp_path, "--scale", "0.02", "--speed", "120")
    while not list((tmp_path / "run" / "ledger").glob("engine-*.jsonl")):
        assert drill.poll() is None
        time.sleep(0.1)
    family = psutil.Process(drill.pid).children(recursive=True)
    assert any("simulators.apps.reporting" in each.cmdline() for each in family)
    drill.send_signal(signal.SIGKILL)
    drill.communicate()
    assert psutil.wait_procs(family, timeout=20)[1] == []
    assert left_behind(tmp_path / "state" / "drillhall" / "leases") == []
