"""The schedule plays injects on the drill clock and undoes every one."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest

from harness.injects.process import Restart
from harness.injects.schedule import Schedule


@dataclass
class _Process:
    alive: bool = True
    steps: list[str] = field(default_factory=list)

    def stop(self) -> None:
        self.alive = False
        self.steps.append("stop")

    def kill(self) -> None:
        self.alive = False
        self.steps.append("kill")

    def start(self) -> None:
        self.alive = True
        self.steps.append("start")


def _schedule(tmp_path: Path, *injects: Restart) -> Schedule:
    return Schedule(injects, speed=1000.0, journal=tmp_path / "injects.jsonl")


def test_a_restart_takes_the_app_away_and_brings_it_back(tmp_path: Path) -> None:
    """Both steps happen at their drill time, and the table says so."""
    process = _Process()
    schedule = _schedule(tmp_path, Restart("night restart", 20, 120, "kill", process))
    with schedule.undone():
        schedule.begin(time.time())
        time.sleep(0.3)
    assert process.steps == ["kill", "start"]
    (row,) = schedule.table().to_dicts()
    assert row["touched"] == 1
    assert row["undone"]
    assert 20 <= row["started_drill"] < 120 <= row["ended_drill"]
    assert row["detail"] == "killed, then started again"


def test_leaving_early_undoes_what_was_begun(tmp_path: Path) -> None:
    """A drill that stops in the middle of a fault leaves the app running."""
    process = _Process()
    schedule = _schedule(tmp_path, Restart("night restart", 0, 1e9, "stop", process))
    with pytest.raises(KeyboardInterrupt), schedule.undone():
        schedule.begin(time.time())
        time.sleep(0.1)
        raise KeyboardInterrupt
    assert process.steps == ["stop", "start"]
    assert schedule.table()["undone"].to_list() == [True]


def test_an_inject_whose_time_never_came_is_recorded_as_not_begun(tmp_path: Path) -> None:
    """Nothing happened, and the table does not say that it did."""
    process = _Process()
    schedule = _schedule(tmp_path, Restart("night restart", 1e9, 2e9, "stop", process))
    with schedule.undone():
        schedule.begin(time.time())
    (row,) = schedule.table().to_dicts()
    assert process.steps == []
    assert row["started_drill"] is None
    assert row["touched"] == 0


def test_each_step_is_journalled_before_it_is_taken(tmp_path: Path) -> None:
    """What a killed drill left broken can be read from the journal."""
    process = _Process()
    schedule = _schedule(tmp_path, Restart("night restart", 0, 50, "stop", process))
    with schedule.undone():
        schedule.begin(time.time())
        time.sleep(0.2)
    lines = [orjson.loads(each) for each in (tmp_path / "injects.jsonl").read_bytes().splitlines()]
    assert [(each["step"], each["name"]) for each in lines] == [
        ("begin", "night restart"),
        ("finish", "night restart"),
    ]


@dataclass
class _Stubborn(Restart):
    """Cannot be undone, for a reason that nobody thought of."""

    raises: BaseException = field(default_factory=lambda: ValueError("no number"))

    def finish(self) -> None:
        raise self.raises


@pytest.mark.parametrize("raises", [ValueError("no number"), KeyboardInterrupt()])
def test_one_that_cannot_be_undone_spares_the_others(tmp_path: Path, raises: BaseException) -> None:
    """Whatever goes wrong with the first, a second Ctrl-C included, the next one is undone."""
    process = _Process()
    stubborn = _Stubborn("stubborn", 0, 1e9, "stop", _Process(), raises=raises)
    schedule = _schedule(tmp_path, stubborn, Restart("restart", 0, 1e9, "stop", process))
    try:
        with schedule.undone():
            for row in schedule._rows:
                schedule._begin(row)
    except KeyboardInterrupt:
        assert isinstance(raises, KeyboardInterrupt)
    assert process.steps == ["stop", "start"]
    assert schedule.table()["undone"].to_list() == [False, True]


def test_a_full_disk_breaks_nothing_and_leaves_nothing_broken(tmp_path: Path) -> None:
    """What cannot be written down is not begun; what was begun is undone all the same."""
    begun, later = _Process(), _Process()
    schedule = _schedule(
        tmp_path, Restart("begun", 0, 9, "kill", begun), Restart("later", 5, 9, "kill", later)
    )
    with schedule.undone():
        first, second = schedule._rows
        schedule._begin(first)
        (tmp_path / "injects.jsonl").unlink()
        (tmp_path / "injects.jsonl").mkdir()  # which takes no line, as a full disk does not
        schedule._begin(second)
    assert begun.steps == ["kill", "start"]
    assert later.steps == []
    rows = schedule.table().to_dicts()
    assert [each["undone"] for each in rows] == [True, True]
    assert rows[1]["started_drill"] is None
    assert rows[1]["detail"].startswith("was not begun: ")


def test_what_ends_when_something_begins_ends_first(tmp_path: Path) -> None:
    """Back to back, in whatever order the scenario has them, each takes the app away."""
    process = _Process()
    second, first = (
        Restart("second", 50, 100, "stop", process), Restart("first", 0, 50, "kill", process),
    )  # fmt: skip
    schedule = _schedule(tmp_path, second, first)
    with schedule.undone():
        schedule.begin(time.time())
        schedule._thread.join(10)
    assert process.steps == ["kill", "start", "stop", "start"]
    assert schedule.table()["touched"].to_list() == [1, 1]
