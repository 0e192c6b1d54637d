"""Leases: before anything is broken, how to mend it is on the disk.

A run keeps one file of leases below the state folder of the user. Each line is synced before the
thing it tells of is done, so that whoever comes after a run that was killed can undo what it left:
its guardian at once, ``drillhall doctor --undo`` at any time. The file goes when nothing is open.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import orjson

from harness.injects.docker_host import engine_address, engine_at
from harness.injects.identity import birth, is_it
from harness.injects.undo import Undo, UndoError, mend


class Lease:
    """One thing that is broken, started or held, and how it is undone."""

    def __init__(self, leases: Leases, number: int, undo: Undo) -> None:
        self._leases, self._number, self.undo_by = leases, number, undo
        self.open = True

    def undo(self) -> None:
        """Undo it, and say so; harmless the second time.

        Raises:
            UndoError: If it cannot be undone; the lease stays open.
        """
        if self.open:
            mend(self.undo_by)
            self.let_go()

    def let_go(self) -> None:
        """It is over, by other means."""
        if self.open:
            self.open = False
            self._leases.note({"t": "undone", "lease": self._number})


class Leases:
    """The leases of one run, which belong to this process.

    Args:
        run: Name of the run.
        folder: Where files of leases are; the user's state folder if left out.
    """

    def __init__(self, run: str, *, folder: Path | None = None) -> None:
        name = re.sub(r"[^A-Za-z0-9._-]", "-", run)[:120]
        self.run = run
        self.path = _new_file(folder or lease_folder(), f"{name}.{os.getpid()}")
        self._numbers = 0
        self._open: set[int] = set()
        self._torn = False  # the last line was not written whole
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Write whose leases these are."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        pid = os.getpid()
        told = {"pid": pid, "born": birth(pid), "engine": engine_address()}
        self.note({"t": "run", "run": self.run, **told})
        descriptor = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)  # the file's name too must outlast a power cut
        finally:
            os.close(descriptor)

    def take(self, undo: Undo) -> Lease:
        """Write down how something will be undone. Do it only after this has returned."""
        with self._lock:
            self._numbers += 1
            number = self._numbers
        line = {"t": "lease", "lease": number, "says": undo.says, "do": undo.do, "with": undo.needs}
        self.note(line)
        return Lease(self, number, undo)

    def note(self, line: dict[str, Any]) -> None:
        """Append one line and sync it."""
        with self._lock:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                # A full disk may take half a line, which must not swallow the one after it.
                left = memoryview(b"\n" * self._torn + orjson.dumps(line) + b"\n")
                self._torn = True
                while left:
                    left = left[os.write(descriptor, left) :]
                self._torn = False
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if line["t"] == "lease":
                self._open.add(line["lease"])
            elif line["t"] == "undone":
                self._open.discard(line["lease"])

    def end(self) -> None:
        """The run is over: the file goes, unless something could not be undone."""
        if not self._open:
            self.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Left:
    """A file of leases as somebody else finds it.

    Attributes:
        run: Name of the run.
        pid: Of its controller.
        alive: Whether that still runs.
        open: What is not undone, by number, in the order in which it was taken.
        engine: Which Docker engine its containers are on, as ``DOCKER_HOST`` has it.
    """

    path: Path
    run: str
    pid: int
    alive: bool
    open: dict[int, Undo]
    engine: str


def _new_file(folder: Path, name: str) -> Path:
    """A file that is not there: numbers of processes come again, and a killed run's is kept."""
    path = folder / f"{name}.jsonl"
    for number in count(2):
        if not path.exists():
            break
        path = folder / f"{name}-{number}.jsonl"
    return path


def lease_folder() -> Path:
    """Where files of leases are: ``$XDG_STATE_HOME/drillhall/leases``."""
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "drillhall" / "leases"


def left_behind(folder: Path | None = None) -> list[Left]:
    """Every file of leases there is, of runs that go on and of those that were killed."""
    found = []
    for path in sorted((folder or lease_folder()).glob("*.jsonl")):
        with contextlib.suppress(FileNotFoundError):  # its drill has just ended well
            found.append(read_leases(path))
    return found


def read_leases(path: Path) -> Left:
    """Read a file of leases; a last line that a power cut left half written counts for nothing."""
    run, pid, born, taken = path.stem, 0, "", dict[int, Undo]()
    engine = engine_address()
    for line in path.read_bytes().splitlines():
        try:
            said = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if said["t"] == "run":
            run, pid, born = said["run"], said["pid"], said["born"]
            engine = said["engine"]
        elif said["t"] == "lease":
            taken[said["lease"]] = Undo(said["do"], said["says"], said["with"])
        else:
            taken.pop(said["lease"], None)
    return Left(path, run, pid, is_it(pid, born), taken, engine)


def undo_all(path: Path) -> tuple[list[str], list[str]]:
    """Undo what a dead run left, the latest first; what was undone, and what could not be and why.

    The file goes when everything is undone. Only one process at a time does it.
    """
    done: list[str] = []
    failed: list[str] = []
    with _alone(path):
        if not path.exists():
            return done, failed
        left = read_leases(path)
        for number, undo in reversed(left.open.items()):
            try:
                with engine_at(left.engine):
                    mend(undo)
            except UndoError as error:
                failed.append(f"{undo.says}: {error}")
                continue
            done.append(undo.says)
            with path.open("ab") as file:
                file.write(orjson.dumps({"t": "undone", "lease": number}) + b"\n")
        if not failed:
            path.unlink(missing_ok=True)
    return done, failed


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While the block runs, nobody else undoes these leases."""
    with contextlib.suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
        return
    yield
