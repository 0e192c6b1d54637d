"""Conducting: Locust's processes start, count and stop the engines."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from engine_stand import order

from harness.engine.conduct import ConductResult, conduct
from harness.ledger import seal
from harness.record import RunFolder

ROOT = Path(__file__).parents[2]
STAND = Path(__file__).parent
PATH = f"{ROOT}{os.pathsep}{STAND}"

pytestmark = pytest.mark.live


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", PATH)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "server.log"


@pytest.fixture
def url(log: Path) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, str(STAND / "engine_stand.py"), str(log)],
        stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": PATH},
    )  # fmt: skip
    assert process.stdout is not None
    yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    process.kill()
    process.wait()
    process.stdout.close()


def play(folder: Path, url: str, workers: int, **changes: Any) -> ConductResult:
    night = {"count": 120, "every": 0.01}
    figures: list[dict[str, Any]] = []
    given = order(folder, url, night=night, **changes)
    result = conduct(given, workers, figures.append, threading.Event())
    assert figures  # at least one line, whatever happened
    return result


@pytest.mark.parametrize("workers", [1, 2, pytest.param(4, marks=pytest.mark.slow)])
def test_any_number_of_workers_plays_the_same_plan(
    tmp_path: Path, url: str, log: Path, workers: int
) -> None:
    """One, two or four workers send the same operations, each once, and count them all."""
    folder = RunFolder.create(tmp_path / "run")
    result = play(folder.path, url, workers)
    assert (result.state, result.lost, result.problems) == ("finished", (), ())
    assert result.figures["acknowledged"] == 120
    assert result.figures["lateness_p99"] is not None
    sealed = seal(folder, workers=workers)
    assert sealed.complete
    rows = folder.history.collect()
    assert sorted(rows["op"]) == [f"t-{index:04}-1" for index in range(120)]
    assert rows["worker"].n_unique() == workers
    assert sorted(log.read_text().split()) == sorted(rows["op"])


def test_stopping_ends_all_engines_in_good_order(tmp_path: Path, url: str, log: Path) -> None:
    """The stop event ends the drill within seconds; ledgers are whole and say stopped."""
    folder = RunFolder.create(tmp_path / "run")
    stop, told = threading.Event(), []
    given = order(folder.path, url, night={"count": 5000, "every": 0.01}, ends_drill=60)

    def on_statistics(figures: dict[str, Any]) -> None:
        if figures["acknowledged"] and not stop.is_set():
            told.append(time.monotonic())
            stop.set()

    result = conduct(given, 2, on_statistics, stop)
    assert time.monotonic() - told[0] < 5
    assert (result.state, result.lost) == ("stopped", ())
    sealed = seal(folder, workers=2)
    assert sealed.complete
    assert sealed.open_intents == 0
    assert len(log.read_text().split()) == sealed.operations


def test_an_interrupted_drill_leaves_nobody_playing(tmp_path: Path, url: str, log: Path) -> None:
    """A second Ctrl-C ends the engines before anything else is taken down."""
    folder = RunFolder.create(tmp_path / "run")
    given = order(folder.path, url, night={"count": 5000, "every": 0.01}, ends_drill=60)
    playing: list[psutil.Process] = []

    def on_statistics(figures: dict[str, Any]) -> None:
        if figures["acknowledged"]:
            playing.extend(
                each
                for each in psutil.Process().children(recursive=True)
                if any("harness.engine" in word for word in each.cmdline())
            )
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        conduct(given, 2, on_statistics, threading.Event())
    assert playing
    assert psutil.wait_procs(playing, timeout=5)[1] == []


def test_a_killed_worker_is_named_and_its_engine_ends(tmp_path: Path, url: str, log: Path) -> None:
    """SIGKILL a Locust worker: the loss is reported, and no engine outlives its worker."""
    folder = RunFolder.create(tmp_path / "run")
    killed: list[int] = []
    given = order(folder.path, url, night={"count": 400, "every": 0.01}, ends_drill=6)

    def on_statistics(figures: dict[str, Any]) -> None:
        if figures["acknowledged"] and not killed:
            killed.append(a_worker())
            os.kill(killed[0], signal.SIGKILL)

    result = conduct(given, 2, on_statistics, threading.Event())
    assert killed
    assert len(result.lost) == 1
    assert "was lost" in result.problems[0]
    sealed = seal(folder, workers=2)
    rows = folder.history.collect()
    assert set(log.read_text().split()) <= set(rows["op"])
    # The engine ended by itself when its standard input did, so even its ledger is whole.
    assert sealed.complete
    assert 120 < len(rows) < 400


def a_worker() -> int:
    """Process id of a Locust worker: a conductor whose parent is a conductor."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if b"harness.engine.conductor" in command:
            found[int(folder.name)] = parent
    ours = [pid for pid, parent in found.items() if parent == os.getpid()]
    return next(pid for pid, parent in found.items() if parent in ours)


def test_a_drill_that_cannot_be_made_says_why(tmp_path: Path, url: str) -> None:
    """An engine that cannot make its plan ends the drill as crashed, with its reason."""
    folder = RunFolder.create(tmp_path / "run")
    result = play(folder.path, url, 1, parts="engine_stand:no_such_parts")
    assert result.state == "crashed"
    assert "no_such_parts" in result.problems[0]
    assert result.started_at is None


def test_a_teams_locustfile_joins_as_background_load(tmp_path: Path, url: str, log: Path) -> None:
    """Its users run beside the drill; what it prints cannot be taken for our lines."""
    locustfile = tmp_path / "locustfile.py"
    locustfile.write_text(
        "from locust import HttpUser, constant, task\n"
        "print('hello from the team')\n"
        "class Visitor(HttpUser):\n"
        "    wait_time = constant(0.05)\n"
        "    @task\n"
        "    def look(self):\n"
        "        self.client.get('/results', headers={'X-Key': 'background'})\n"
    )
    folder = RunFolder.create(tmp_path / "run")
    given = order(folder.path, url, night={"count": 120, "every": 0.01})
    result = conduct(
        given, 1, lambda figures: None, threading.Event(),
        locustfile=str(locustfile), background_users=3,
    )  # fmt: skip
    assert result.state == "finished"
    seen = log.read_text().split()
    assert seen.count("background") >= 3
    assert len(seen) - seen.count("background") == 120
