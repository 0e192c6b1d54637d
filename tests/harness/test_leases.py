"""Leases: whatever kills a drill, what it broke is mended by its guardian or by the doctor."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from docker_stand import base_image, container, small_target

from harness import doctor
from harness.injects import container_undo, undo
from harness.injects.docker_host import engine, engine_address
from harness.injects.identity import birth, end_tree, is_it
from harness.injects.lease import Lease, Leases, left_behind, read_leases, undo_all
from harness.injects.undo import Undo, UndoError, mend
from harness.target.group import Group

CONTROLLER = Path(__file__).with_name("lease_controller.py")
NAME = f"drillhall-test-leased-{os.getpid()}"
SMALL = """
name: small
base_url: http://127.0.0.1:9
services:
  worker: {process: {command: [sleep, "600"]}}
"""
NAMED = f"""
  database: {{container: {NAME}}}
"""
REST = """
classes: [{class: accepted, status: 200}]
operations: {read_results: {request: {path: /}}}
"""


@dataclass
class Controller:
    """A controller that has broken what it was told to."""

    process: subprocess.Popen[str]
    leases: Path
    pids: list[int]

    @property
    def guardian(self) -> psutil.Process:
        """The process that stands by."""
        (found,) = [
            each
            for each in psutil.Process(self.process.pid).children()
            if "harness.injects.guardian" in each.cmdline()
        ]
        return found

    def kill(self) -> None:
        """As when the machine runs out of memory: nobody is asked."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def controller(target: Path, folder: Path, *broken: str, **more: str) -> Iterator[Controller]:
    process = subprocess.Popen(
        [sys.executable, str(CONTROLLER), str(target), str(folder), *broken],
        stdout=subprocess.PIPE, text=True, env={**os.environ, **more},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        said = json.loads(process.stdout.readline())
        yield Controller(process, Path(said["leases"]), said["pids"])
    finally:
        process.stdout.close()
        process.kill()
        process.wait()
        with contextlib.suppress(KeyError, NameError):
            for pid in said["pids"]:
                end_tree(pid, birth(pid), "SIGKILL", 1.0)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def soon(what: Callable[[], bool], within: float = 10.0) -> bool:
    """Whether something becomes so."""
    deadline = time.monotonic() + within
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def small(tmp_path: Path, services: str = "") -> Path:
    (tmp_path / "target.yaml").write_text(SMALL + services + REST)
    (tmp_path / "run").mkdir()
    return tmp_path / "target.yaml"


def test_a_lease_is_on_the_disk_before_the_thing_is_done(tmp_path: Path) -> None:
    """Each is there while it is open; the file goes when nothing is."""
    leases = Leases("a run/1", folder=tmp_path)
    leases.begin()
    first = leases.take(Undo("file.remove", "remove x", {"path": str(tmp_path / "x")}))
    second = leases.take(Undo("file.remove", "remove y", {"path": str(tmp_path / "y")}))
    (left,) = left_behind(tmp_path)
    assert (left.run, left.pid, left.alive) == ("a run/1", os.getpid(), True)
    assert [each.says for each in left.open.values()] == ["remove x", "remove y"]
    (tmp_path / "x").touch()
    first.undo()
    assert not (tmp_path / "x").exists()
    second.let_go()
    assert read_leases(leases.path).open == {}
    leases.end()
    assert left_behind(tmp_path) == []


def test_what_cannot_be_undone_stays_on_the_list(tmp_path: Path) -> None:
    """It is named with its reason, and the rest is undone all the same."""
    leases = Leases("run", folder=tmp_path)
    leases.begin()
    (tmp_path / "x").touch()
    leases.take(Undo("file.remove", "remove x", {"path": str(tmp_path / "x")}))
    leases.take(Undo("no.such", "do wonders", {}))
    leases.end()
    done, failed = undo_all(leases.path)
    assert done == ["remove x"]
    assert failed == [
        "do wonders: nobody knows how to do 'no.such': was it written by another version?"
    ]
    assert [each.says for each in read_leases(leases.path).open.values()] == ["do wonders"]


def test_what_a_killed_run_left_is_not_written_over(tmp_path: Path) -> None:
    """In containers a run of the same name often has the same process number."""
    for each in "xy":
        leases = Leases("run", folder=tmp_path)
        leases.begin()
        leases.take(Undo("file.remove", f"remove {each}", {"path": each}))
    left = [[undo.says for undo in each.open.values()] for each in left_behind(tmp_path)]
    assert sorted(left) == [["remove x"], ["remove y"]]


def test_half_a_line_is_no_line(tmp_path: Path) -> None:
    """A power cut in the middle of writing hides nothing that was written before."""
    leases = Leases("run", folder=tmp_path)
    leases.begin()
    leases.take(Undo("file.remove", "remove x", {"path": "x"}))
    with leases.path.open("ab") as file:
        file.write(b'{"t":"lease","lease":2,"sa')
    assert [each.says for each in read_leases(leases.path).open.values()] == ["remove x"]


def test_a_full_disk_takes_no_lease_for_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that is cut short is an error before the deed, and does not swallow the next one."""
    leases, real = Leases("run", folder=tmp_path), os.write
    leases.begin()
    room = [20, 0]

    def full(descriptor: int, data: bytes) -> int:
        if not (taken := room.pop(0)):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data[:taken])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            leases.take(Undo("file.remove", "remove x", {"path": "x"}))
    leases.take(Undo("file.remove", "remove y", {"path": "y"}))
    assert [each.says for each in read_leases(leases.path).open.values()] == ["remove y"]


def test_whatever_is_in_the_way_of_one_spares_the_others(tmp_path: Path) -> None:
    """An error that nobody thought of is named, and the leases before it are undone."""
    leases = Leases("run", folder=tmp_path)
    leases.begin()
    (tmp_path / "x").touch()
    leases.take(Undo("file.remove", "remove x", {"path": str(tmp_path / "x")}))
    leases.take(Undo("file.remove", "remove what is no path", {"path": "\0"}))
    leases.take(
        Undo("toxiproxy.forget", "remove proxies", {"control": "127.0.0.1:none", "names": []})
    )
    done, failed = undo_all(leases.path)
    assert done == ["remove x"]
    assert len(failed) == 2


def test_containers_are_looked_for_on_the_engine_that_they_were_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever mends may have another one by default; what is not there is not mended by that."""
    asked: list[str] = []
    monkeypatch.setitem(
        undo.WAYS, "container.start", lambda container: asked.append(engine_address())
    )
    monkeypatch.setenv("DOCKER_HOST", "unix:///theirs.sock")
    leases = Leases("run", folder=tmp_path)
    leases.begin()
    leases.take(Undo("container.start", "start web", {"container": "web"}))
    monkeypatch.delenv("DOCKER_HOST")
    assert undo_all(leases.path) == (["start web"], [])
    assert asked == ["unix:///theirs.sock"]
    assert "DOCKER_HOST" not in os.environ


def test_a_number_that_is_anothers_by_now_is_left_alone() -> None:
    """A process is known by its number and its birth."""
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        assert is_it(child.pid, birth(child.pid))
        end_tree(child.pid, "earlier", "SIGTERM", 1.0)
        assert child.poll() is None
        end_tree(child.pid, birth(child.pid), "SIGTERM", 5.0)
        assert child.wait(5) == -signal.SIGTERM
    finally:
        child.kill()
        child.wait()


def test_every_way_of_undoing_is_known_by_name() -> None:
    """A lease that names none is an error that says so."""
    assert {"process.end", "container.start", "compose.down"} <= set(undo.WAYS)
    with pytest.raises(UndoError, match="nobody knows how"):
        mend(Undo("x", "x"))


KILLED = """
import os, signal, sys
from pathlib import Path
from harness.injects.lease import Leases
from harness.target.group import Group
class Killed(Leases):
    def take(self, undo):
        print(undo.needs["pid"], flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
place = Path(sys.argv[1])
leases = Killed("killed", folder=place)
group = Group("x", place / "log", stop="SIGTERM", stop_within=1.0, leases=leases)
group.start(["touch", "begun"], place, {"PATH": "/usr/bin:/bin"})
"""


def test_a_drill_killed_before_its_lease_is_written_has_started_nothing(tmp_path: Path) -> None:
    """Nobody would know of the process then: not the guardian, and not the doctor."""
    command = [sys.executable, "-P", "-c", KILLED, str(tmp_path)]
    killed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert soon(lambda: not birth(int(killed.stdout)))
    assert not (tmp_path / "begun").exists()


def test_what_cannot_be_written_down_is_not_started(tmp_path: Path) -> None:
    """A full disk is an error before the program begins; nothing waits for it to go on."""

    class Full(Leases):
        def take(self, undo: Undo) -> Lease:
            pids.append(undo.needs["pid"])
            raise OSError(errno.ENOSPC, "No space left on device")

    pids: list[int] = []
    full = Full("run", folder=tmp_path)
    group = Group("x", tmp_path / "log", stop="SIGTERM", stop_within=1.0, leases=full)
    with pytest.raises(OSError, match="No space"):
        group.start(["touch", "begun"], tmp_path, {"PATH": "/usr/bin:/bin"})
    assert not birth(pids[0])
    assert not (tmp_path / "begun").exists()


@pytest.mark.live
def test_the_guardian_ends_what_a_killed_drill_started(tmp_path: Path, state: Path) -> None:
    """Only the controller is killed; nobody has to call the doctor. Frozen processes end too."""
    with controller(small(tmp_path), tmp_path / "run", "service.pause:worker") as drill:
        assert all(psutil.pid_exists(pid) for pid in drill.pids)
        guardian = drill.guardian
        drill.kill()
        assert soon(lambda: not any(birth(pid) for pid in drill.pids))
        assert soon(lambda: not drill.leases.exists())
        psutil.wait_procs([guardian], timeout=5)
        assert not guardian.is_running()


@pytest.mark.live
def test_the_doctor_ends_what_is_left_when_the_guardian_is_killed_too(
    tmp_path: Path, state: Path
) -> None:
    """While the drill goes on the doctor leaves it alone; afterwards it mends, and says what."""
    with controller(small(tmp_path), tmp_path / "run") as drill:
        said: list[str] = []
        assert doctor.mend(said.append)
        assert "killed drill: goes on" in said[0]
        drill.guardian.kill()
        drill.kill()
        left = doctor.as_info([], left_behind())["leases"]
        assert [each["open"] for each in left] == [["end the service worker"]]
        assert all(birth(pid) for pid in drill.pids)
        done = subprocess.run(
            [sys.executable, "-P", "-m", "harness.cli", "doctor", "--undo"],
            capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"},
        )  # fmt: skip
        assert "killed drill: did end the service worker" in done.stdout
        assert done.returncode == 0
        assert not any(birth(pid) for pid in drill.pids)
        assert left_behind() == []


@pytest.mark.live
@pytest.mark.slow
def test_containers_are_mended_after_a_kill(tmp_path: Path, state: Path) -> None:
    """A container of others that was frozen goes on, one that was killed is started again."""
    base_image()
    with container(NAME, "sleep", "600") as found:
        for broken, by_doctor in (("service.pause", False), ("service.kill", True)):
            place = tmp_path / broken
            place.mkdir()
            target = small(place, NAMED)
            with controller(target, place / "run", f"{broken}:database") as drill:
                now = container_undo.state(found)
                assert now["Paused"] or not now["Running"]
                if by_doctor:
                    drill.guardian.kill()
                drill.kill()
                if by_doctor:
                    assert not container_undo.state(found)["Running"]
                    said: list[str] = []
                    assert doctor.mend(said.append)
                    assert f"killed drill: did start {NAME}" in said
                assert soon(lambda: container_undo.state(found)["Status"] == "running")
                assert soon(lambda drill=drill: not drill.leases.exists())  # type: ignore[misc]


@pytest.mark.live
@pytest.mark.slow
def test_a_project_is_taken_down_after_a_kill(tmp_path: Path, state: Path) -> None:
    """With its networks and volumes, broken as it is; nothing secret is in the leases."""
    path, environment = small_target(tmp_path / "target")
    (tmp_path / "run").mkdir()
    faults = ("service.disk_full:web", "service.disconnect:web", "service.pause:web")
    more = {**environment, "XDG_STATE_HOME": str(state), "SECRET": "a secret of the drill"}
    with controller(path, tmp_path / "run", *faults, **more) as drill:
        assert "a secret of the drill" not in drill.leases.read_text()
        (project,) = [
            each.needs["project"]
            for each in read_leases(drill.leases).open.values()
            if each.do == "compose.down"
        ]
        mine = {"label": f"{container_undo.PROJECT}={project}"}
        assert engine().containers.list(all=True, filters=mine)
        drill.kill()
        assert soon(lambda: not drill.leases.exists(), 30.0)
        assert not engine().containers.list(all=True, filters=mine)
        assert not engine().networks.list(filters=mine)
        assert not engine().volumes.list(filters=mine)


@pytest.mark.live
def test_what_brings_a_project_up_ends_with_its_drill(tmp_path: Path, state: Path) -> None:
    """It would go on making things behind the back of whoever takes the project down."""
    path, environment = small_target(tmp_path / "target")
    path.write_text(path.read_text().replace("compose:", 'compose:\n  before: [[sleep, "600"]]'))
    (tmp_path / "run").mkdir()
    drill = subprocess.Popen(
        [sys.executable, str(CONTROLLER), str(path), str(tmp_path / "run")],
        stdout=subprocess.DEVNULL, env={**environment, "XDG_STATE_HOME": str(state)},
    )  # fmt: skip
    making: list[psutil.Process] = []

    def begun() -> bool:
        below = psutil.Process(drill.pid).children()
        making[:] = [each for each in below if each.cmdline() == ["sleep", "600"]]
        return bool(making)

    try:
        assert soon(begun, 30.0)
        drill.kill()  # its lease is there already
        drill.wait()
        assert soon(lambda: left_behind() == [], 30.0)
        assert not birth(making[0].pid)
    finally:
        drill.kill()
        drill.wait()
        for each in making:
            with contextlib.suppress(psutil.Error):
                each.kill()
