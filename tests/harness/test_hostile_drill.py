"""Drills with an intruder against the practice app: each open door is found by its own try.

A short evening: an hour and a half at 900 times its speed, six wall seconds.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from harness.record import Finding, RunFolder, Status
from harness.scenario import packaged
from simulators.apps.reporting.open_doors import INTRUSIONS

pytestmark = [pytest.mark.live, pytest.mark.slow]

# Junk that fails is no refusal, and a killed app hides whatever comes after it.
APART = ("junk_crashes", "oversized_upload")
TOGETHER = tuple(each.name for each in INTRUSIONS if each.name not in APART)


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packaged night, cut short, with nothing going wrong but the intruder."""
    night = yaml.safe_load(packaged()["iowa-caucus-night"].read_text())
    night |= {
        "scenario": "short-evening",
        "injects": [],
        "phases": [],
        "clock": night["clock"]
        | {"opens": "18:00", "doors": "18:15", "begins": "18:30", "ends": "19:30"},
        "intruder": {"begins": "18:01", "ends": "03:00"},
        "speed": 900,
        "objectives": [each for each in night["objectives"] if each["kind"] == "invariant"],
    }
    night.pop("live", None)
    path = tmp_path_factory.mktemp("scenario") / "short-evening.yaml"
    path.write_text(yaml.safe_dump(night))
    return path


def drill(evening: Path, out: Path, *defects: str) -> tuple[int, RunFolder]:
    """Play the evening; its exit code and its folder."""
    switched_on = [word for each in defects for word in ("--defect", each)]
    done = subprocess.run(
        [
            sys.executable, "-P", "-m", "harness.cli", "run", str(evening), "--scale", "0.03",
            "--seed", "3", "--out", str(out), *switched_on,
        ],
        capture_output=True,
        text=True,
        timeout=200,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, RunFolder.open(out)


def tried(folder: RunFolder) -> dict[str, Finding]:
    """What the check says of each kind of try."""
    return {each.subject: each for each in folder.findings if each.check == "intrusions"}


def failed(found: dict[str, Finding]) -> set[str]:
    """The kinds of try that the app did not withstand."""
    return {kind for kind, each in found.items() if each.status is Status.FAIL}


def kinds_of(*doors: str) -> set[str]:
    """The kinds of try that are meant to find these doors."""
    return {each.caught_by.partition(":")[2] for each in INTRUSIONS if each.name in doors}


def test_each_open_door_is_found_by_its_own_try(evening: Path, tmp_path: Path) -> None:
    """Eleven doors stand open at once; what the intruder wrote is taken for nobody's report."""
    code, folder = drill(evening, tmp_path / "run", *TOGETHER, "cross_precinct_write")
    found = tried(folder)
    assert failed(found) == kinds_of(*TOGETHER) | {"foreign_write"}
    assert all(found[kind].witnesses for kind in failed(found))
    assert {each.status for kind, each in found.items() if kind not in failed(found)} == {
        Status.PASS
    }
    assert code == 1
    others = {each.name: each.status for each in folder.findings}
    for name in ("lost:records", "phantom:records", "altered:records", "misattributed:records"):
        assert others[name] is Status.PASS


def test_an_app_that_is_brought_down_is_found_so(evening: Path, tmp_path: Path) -> None:
    """An upload kills the app, and nothing can be read back; the finding tells what did it."""
    night = yaml.safe_load(evening.read_text())
    night["intruder"]["kinds"] = ["hostile_upload", "junk", "foreign_read"]
    short = tmp_path / "upload.yaml"
    short.write_text(yaml.safe_dump(night))
    code, folder = drill(short, tmp_path / "run", *APART)
    found = tried(folder)
    assert failed(found) == kinds_of(*APART)
    assert found["foreign_read"].status is Status.PASS
    assert "did not answer any more" in found["hostile_upload"].answer
    assert code == 1
