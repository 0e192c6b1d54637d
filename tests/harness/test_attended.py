"""Attended drills: keys at a terminal, what they mean, and how they are scored."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from harness.attended import Attendant, AttendError, refuse_unattended
from harness.checks import detection
from harness.cli import main
from harness.ledger import handling_log
from harness.prove.attending import somebody_attends
from harness.record import HEALTH, INJECTS, RunFolder, Status
from harness.scenario import ClockModel, Scenario, load_scenario

RESTART = {"kind": "process.restart", "name": "it is down", "begins": "19:00", "ends": "19:10"}
RUNBOOK = {"step": "Start it again.", "owner": "on-call", "detect_within": 300, "fix_within": 600}
CLOCK = ClockModel(zone="any", opens="18:59", doors="18:59", begins="19:00", ends="20:00")
SPEED = 3600.0


def models(*injects: dict[str, Any]) -> list[Any]:
    data = yaml.safe_load(Path("tests/targets/burst.yaml").read_text()) | {"injects": [*injects]}
    return Scenario.model_validate(data).injects


class Stand:
    """An attendant beside a schedule that says what we like."""

    def __init__(self, folder: Path, *injects: dict[str, Any], terminal: int | None = None) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.said: list[str] = []
        self.journal = folder / handling_log.NAME
        self.attendant = Attendant(
            models(*injects), clock=CLOCK, speed=SPEED, happened=self.table, journal=self.journal,
            say=self.said.append, terminal=terminal,
        )  # fmt: skip

    def table(self) -> pl.DataFrame:
        return pl.DataFrame(
            [
                {"name": name, "kind": "process.restart", "planned_start_drill": 0.0,
                 "planned_end_drill": 0.0, "started_drill": None, "ended_drill": None,
                 "touched": 1, "undone": True, "detail": ""} | row
                for name, row in self.rows.items()
            ],
            schema=INJECTS,
        )  # fmt: skip

    def begin(self, *, ago: float = 0.0) -> None:
        """Begin so many drill seconds ago."""
        self.attendant.begin(time.time() - ago / SPEED)

    @property
    def keys(self) -> list[tuple[str, str, bool]]:
        return [(each.press, each.inject, each.taken) for each in handling_log.read(self.journal)]


def test_nothing_is_told_before_it_is_noticed(tmp_path: Path) -> None:
    """The fault goes on the screen with the key that notices it, and its runbook with it."""
    stand = Stand(tmp_path, RESTART | {"runbook": RUNBOOK})
    stand.begin(ago=120)
    stand.rows["it is down"] = {"started_drill": 60.0}
    stand.attendant.press("x")
    assert not any("it is down" in each for each in stand.said)
    stand.attendant.press("d")
    assert "It is: it is down. Runbook (on-call): Start it again." in stand.said[-1]
    stand.attendant.press("f")
    assert "noted as fixed: it is down, " in stand.said[-1]
    assert stand.keys == [("noticed", "it is down", True), ("fixed", "it is down", True)]
    stand.attendant.press("F")
    assert stand.said[-1] == "nothing is noticed that is not fixed: press d first"


def test_a_key_for_nothing_is_noted_as_one(tmp_path: Path) -> None:
    """Before the drill nothing is taken; without a fault it is an alarm that was false."""
    stand = Stand(tmp_path, RESTART)
    stand.attendant.press("d")
    assert stand.said == ["the drill has not begun yet"]
    stand.begin(ago=60)
    stand.attendant.press("d")
    assert stand.said[-1].endswith("noted; nothing is broken on purpose just now")
    stand.rows["it is down"] = {"started_drill": 1.0, "ended_drill": 2.0}
    stand.begin(ago=2.0 + 31 * SPEED)  # half a minute on the wall after it ended
    stand.attendant.press("d")
    assert stand.keys == [("noticed", "", False)] * 2


def test_a_fault_that_has_just_ended_can_still_be_noticed(tmp_path: Path) -> None:
    """And what is on comes before what is over."""
    stand = Stand(tmp_path, RESTART, RESTART | {"name": "other"})
    stand.begin(ago=3000)
    stand.rows = {"it is down": {"started_drill": 1.0, "ended_drill": 2900.0},
                  "other": {"started_drill": 2000.0}}  # fmt: skip
    stand.attendant.press("d")
    stand.attendant.press("d")
    assert [name for _, name, _ in stand.keys] == ["other", "it is down"]


def test_what_an_owner_who_is_away_must_fix_is_not_fixed(tmp_path: Path) -> None:
    """The key is not taken, the screen says why, and so does the record."""
    away = {"kind": "people.unreachable", "name": "away", "begins": "19:00", "ends": "19:30",
            "owner": "on-call"}  # fmt: skip
    stand = Stand(tmp_path, RESTART | {"runbook": RUNBOOK}, away)
    stand.begin(ago=600)
    stand.rows["it is down"] = {"started_drill": 60.0}
    stand.attendant.press("d")
    assert stand.said[-1].endswith("on-call cannot be reached, so nothing of theirs is fixed now.")
    stand.attendant.press("f")
    assert "not taken. on-call cannot be reached" in stand.said[-1]
    assert stand.keys[-1] == ("fixed", "it is down", False)
    stand.begin(ago=32 * 60)
    stand.attendant.press("f")
    assert stand.keys[-1] == ("fixed", "it is down", True)
    planned = [{"name": "it is down", "runbook": RUNBOOK}]
    health, keys = HEALTH.to_frame(), handling_log.read(stand.journal)
    (row,) = handling_log.table(planned, stand.table(), health, keys).to_dicts()
    assert row["by"] == "attended"
    assert row["fixed_drill"] >= 32 * 60 > row["detected_drill"]
    assert row["detail"].startswith("1 keys not taken: on-call cannot be reached")


def test_keys_come_from_a_terminal_which_is_left_as_it_was(tmp_path: Path) -> None:
    """One key is enough, without a line's end; afterwards lines are lines again."""
    keyboard, terminal = pty.openpty()
    stand = Stand(tmp_path, RESTART, terminal=terminal)
    stand.rows["it is down"] = {"started_drill": 0.0}
    before = termios.tcgetattr(terminal)
    with stand.attendant.attending():
        assert not termios.tcgetattr(terminal)[3] & termios.ICANON
        stand.begin(ago=10)
        os.write(keyboard, b"d")
        until(lambda: len(stand.keys) == 1)
        os.write(keyboard, b"f")
        until(lambda: len(stand.keys) == 2)
    assert termios.tcgetattr(terminal) == before
    assert [press for press, _, _ in stand.keys] == ["noticed", "fixed"]
    os.close(keyboard)
    os.close(terminal)


def test_who_attends_a_proof_fixes_nothing_while_the_owner_is_away(tmp_path: Path) -> None:
    """Both keys come again and again; a step of theirs is called fixed once they are back."""
    away = {"kind": "people.unreachable", "name": "away", "begins": "18:59", "ends": "19:30"}
    with somebody_attends() as terminal:
        stand = Stand(
            tmp_path, RESTART | {"runbook": RUNBOOK}, away | {"owner": "on-call"}, terminal=terminal
        )
        stand.rows["it is down"] = {"started_drill": 0.0}
        with stand.attendant.attending():
            stand.begin(ago=60)
            until(lambda: len(stand.keys) >= 2)
            stand.begin(ago=32 * 60)
            until(lambda: ("fixed", "it is down", True) in stand.keys)
    assert stand.keys[:2] == [("noticed", "it is down", True), ("fixed", "it is down", False)]


def test_without_a_terminal_or_a_runbook_nobody_can_attend(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is told before anything is started, with what to do instead."""
    with pytest.raises(AttendError, match="names a runbook, so there is nothing to attend to"):
        refuse_unattended(models(RESTART))
    scenario = attended_night(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["run", str(scenario), "--attended", "--out", str(tmp_path / "run")])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "--attended needs a terminal to press keys at, and this is none." in said
    assert not (tmp_path / "run").exists()


COMMAND = (sys.executable, "-P", "-m", "harness.cli", "run")


def attended_night(folder: Path) -> Path:
    """The burst, against the practice app, with a runbook for its kill."""
    data = yaml.safe_load(Path("tests/targets/burst.yaml").read_text())
    data["injects"][0]["runbook"] = RUNBOOK
    data["clock"]["ends"] = "19:12"
    data |= {"target": "practice/reporting", "objectives": data["objectives"][:1]}
    path = folder / "night.yaml"
    path.write_text(yaml.safe_dump(data))
    return path


@pytest.mark.slow
@pytest.mark.live
def test_an_engineer_attends_a_whole_drill(tmp_path: Path) -> None:
    """They hear nothing of the kill, notice it, say that it is fixed, and are scored."""
    keyboard, terminal = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, str(attended_night(tmp_path)), "--attended", "--scale", "0.05",
         "--out", str(tmp_path / "run")],
        stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    screen = _Screen(keyboard)
    journal = tmp_path / "run" / "ledger" / "injects.jsonl"
    until(lambda: journal.is_file() and b'"begin"' in journal.read_bytes(), within=90)
    assert "is killed in the burst" not in screen.text
    os.write(keyboard, b"d")
    until(lambda: "Runbook (on-call): Start it again." in screen.text)
    until(lambda: b'"finish"' in journal.read_bytes(), within=60)
    health = tmp_path / "run" / "ledger" / "health.jsonl"
    until(lambda: b'"well"' in health.read_bytes().splitlines()[-1])
    os.write(keyboard, b"f")
    until(lambda: "noted as fixed: the app is killed in the burst" in screen.text)
    assert process.wait(120) in (0, 1, 3)
    run = RunFolder.open(tmp_path / "run")
    (row,) = run.handling.with_columns(pl.col("by").cast(pl.String)).collect().to_dicts()
    assert row["by"] == "attended"
    assert row["began_drill"] < row["detected_drill"] < row["fixed_drill"]
    assert run.info["attended"] is True
    (found,) = detection.check(run)
    assert found.figures["seconds_to_detect"] is not None
    assert found.status in (Status.PASS, Status.FAIL)
    os.close(keyboard)


class _Screen:
    """Everything that a drill has shown, read as it comes."""

    def __init__(self, terminal: int) -> None:
        self._terminal, self._shown = terminal, bytearray()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while data := os.read(self._terminal, 65536):
                self._shown += data
        except OSError:  # the other side has gone
            return

    @property
    def text(self) -> str:
        """What was shown, on one line and without colours: terminals break it where they like."""
        shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self._shown.decode("utf-8", "replace"))
        return " ".join(shown.split())


def until(true: Callable[[], bool], within: float = 30.0) -> None:
    """Wait until something is so."""
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "it never was so"
        time.sleep(0.02)


def test_the_packaged_game_day_can_be_attended() -> None:
    """Each of its faults has a page of the runbook."""
    day = load_scenario("narwhal-game-day")
    assert all(each.runbook for each in day.injects if not each.kind.startswith("people."))
