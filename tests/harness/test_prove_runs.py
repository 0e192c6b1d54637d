"""How a proof is played: crews, clean seeds in virtual time, folders, the command line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import orjson
import psutil
import pytest

from harness.cli.commands import hear_ctrl_c_at_once
from harness.drill import Drill, interruptible
from harness.injects.lease import left_behind
from harness.prove import virtual, worker
from harness.prove.asking import asked_of
from harness.prove.catalogue import ProveError
from harness.prove.crew import Crew
from harness.prove.job import Job
from harness.prove.proving import jobs_of, prove
from harness.record import Finding, RunFolder, Status


def hopeless(folder: Path, target: str) -> Job:
    """A drill whose target is not there."""
    asking = asked_of(["reporting"], ["stale_totals"], [], folder=folder)
    (job,) = jobs_of(asking)
    return Job.of_line(
        {**job.as_line(), "defects": [], "target": target, "folder": str(folder / "runs" / target)}
    )


def test_a_drill_that_cannot_be_played_ends_no_other(tmp_path: Path) -> None:
    """Each says why, and the same process goes on with the next one."""
    jobs = [hopeless(tmp_path, "nothing.yaml"), hopeless(tmp_path, "nowhere.yaml")]
    found = list(Crew(1, tmp_path / "log").play(jobs))
    assert [each.state for each in found] == ["failed", "failed"]
    assert "no target 'nothing.yaml'" in found[0].why
    assert "no target 'nowhere.yaml'" in found[1].why
    assert not any(each.judged for each in found)


def test_a_drill_that_cannot_even_be_begun_is_told_of(tmp_path: Path) -> None:
    """Without a process to play it, nobody is left waiting for its end."""
    crew = Crew(1, tmp_path / "no folder" / "log")
    jobs = [hopeless(tmp_path, f"{n}.yaml") for n in range(2)]
    found = list(crew.play(jobs))
    assert [each.state for each in found] == ["failed", "failed"]
    assert all("no folder" in each.why for each in found)


def test_a_crew_that_is_left_early_leaves_no_process(tmp_path: Path) -> None:
    """Ctrl-C between two drills: what is done is done, and nothing is left running."""
    crew = Crew(1, tmp_path / "log")
    playing = crew.play([hopeless(tmp_path, f"{n}.yaml") for n in range(3)])
    next(playing)
    children = list(crew._children)
    playing.close()
    assert children
    assert all(each.poll() is not None for each in children)


SLEEPER = """
name: sleeper
base_url: http://127.0.0.1:{{ port }}
process: {command: [sleep, "600"], ready: {path: /, within_s: 60}}
classes: [{class: accepted, status: 200}]
operations: {read_results: {request: {path: /}}}
"""


def test_ctrl_c_ends_the_drill_that_is_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is heard by whoever waits for the drill, which is not played on, and all is undone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "sleeper.yaml").write_text(SLEEPER)
    job = hopeless(tmp_path, str(tmp_path / "sleeper.yaml"))
    job = replace(job, folder=tmp_path / "run")
    asleep: list[psutil.Process] = []

    def press() -> None:
        until = time.monotonic() + 30
        while not asleep and time.monotonic() < until:
            below = psutil.Process().children(recursive=True)
            asleep.extend(each for each in below if "600" in words(each))
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    hear_ctrl_c_at_once()
    pressing = threading.Thread(target=press)
    with pytest.raises(KeyboardInterrupt):
        pressing.start()
        list(Crew(1, tmp_path / "log").play([job]))
    assert RunFolder.open(job.folder).info["reasons"] == ["KeyboardInterrupt: "]
    assert not asleep[0].is_running()
    assert left_behind() == []


def test_nobody_reads_back_what_a_proof_gave_up(tmp_path: Path) -> None:
    """A drill of its own is stopped in good order, to be judged; a proof's is played anew."""
    for at_once in (False, True):
        with interruptible(at_once=at_once) as stop, stop.playing():
            try:
                signal.raise_signal(signal.SIGINT)
                ended = False
            except KeyboardInterrupt:
                ended = True
        assert (ended, stop.event.is_set()) == (at_once, not at_once)
    asked: list[Drill] = []

    def played(drill: Drill, progress: object) -> None:
        asked.append(drill)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(worker, "run_drill", played)
        said = worker.answer(orjson.dumps(hopeless(tmp_path, "x.yaml").as_line()))
    assert said["state"] == "stopped"
    assert asked[0].at_once


def words(process: psutil.Process) -> list[str]:
    try:
        found: list[str] = process.cmdline()
    except psutil.Error:
        return []
    return found


@pytest.mark.slow
def test_no_check_fires_on_sound_apps_in_virtual_time() -> None:
    """Two seeds of each modelled app; `drillhall prove` plays 200."""
    for row in virtual.clean_in_virtual_time([each.app for each in virtual.MODELS], 2, jobs=2):
        assert (row.alarms, row.undrilled, row.seeds) == ((), (), 2)


def test_a_check_that_fires_where_nothing_is_wrong_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The alarm has its seed and a command; a check that is left out cannot fire."""
    from harness import verdict

    usual = verdict.ask_all
    nervous = Finding("lost", Status.FAIL, "?", "3 are gone", "records")
    monkeypatch.setattr(verdict, "ask_all", lambda run: [*usual(run), nervous])
    alarms, undrilled = virtual.one_seed(virtual.MODELS[0], 4, frozenset())
    assert undrilled == []
    assert [(each.seed, each.finding) for each in alarms] == [(4, "lost:records")]
    assert "--seed 4" in alarms[0].again
    assert virtual.one_seed(virtual.MODELS[0], 4, frozenset({"lost"}))[0] == []


def test_a_seed_that_cannot_be_played_is_told() -> None:
    """It is no false alarm, and it is not quiet either."""
    broken = virtual.Model("reporting", "iowa-caucus-night", -1.0)
    alarms, undrilled = virtual.one_seed(broken, 4, frozenset())
    assert alarms == []
    assert undrilled[0].startswith("seed 4: ScenarioError: scale=-1")


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """And one of a proof of other sources: its drills would be taken for today's."""
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(ProveError, match="something else"):
        prove(asked_of(["reporting"], [], [], folder=tmp_path))
    (tmp_path / "sources.txt").write_text("of last week")
    with pytest.raises(ProveError, match="their sources have changed"):
        prove(asked_of(["reporting"], [], [], folder=tmp_path))


def test_a_wrong_name_is_a_user_s_mistake() -> None:
    """Exit code 2, one line, and no traceback."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "harness.cli", "prove", "--without", "losst"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "no check 'losst'" in done.stderr
    assert "Traceback" not in done.stderr
