"""A process of the target's that is started here, with all that it starts itself.

It gets a process group of its own, so that its children go with it, and a drill ends nothing but
what it started here. It does not begin before it is written down that it must be ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from harness.injects.identity import birth, kill_left, kill_tree, signal_tree, tree
from harness.injects.lease import Lease, Leases
from harness.injects.undo import Undo

HERE = str(Path(__file__).parents[2])  # our own packages
GATE = str(Path(__file__).with_name("gate.py"))
OVERDUE = -1  # in place of what a command ended with
TAIL = 400  # characters of a log shown when something does not start


class Group:
    """Starts, freezes and ends one process and its children.

    Args:
        called: What it is, in words.
        log: Where its output goes.
        stop, stop_within: The signal that ends it politely, and the seconds it then has.
        leases: Where it is written down that it runs, and must be ended; None to write nothing.
    """

    def __init__(
        self, called: str, log: Path, *, stop: str, stop_within: float, leases: Leases | None
    ) -> None:
        self.called, self.log = called, log
        self._stop, self._within = signal.Signals[stop], stop_within
        self.leases = leases
        self._lease: Lease | None = None
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        """Whether it runs now; what is frozen does."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int | None:
        """Its process id, None before the first start."""
        return None if self._child is None else self._child.pid

    @property
    def status(self) -> int | None:
        """What it ended with; None while it runs."""
        return None if self._child is None else self._child.poll()

    def start(self, words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        """Start it, once its lease is on the disk.

        Raises:
            OSError: If there is no such program, it may not be run, or no lease can be written.
        """
        self._let_go()
        try:
            self._child = _held_back(words, self.log, folder, environment, self._write_down)
        except BaseException:
            self._let_go()
            raise

    def _write_down(self, pid: int) -> None:
        """That a process runs under this number, and how it is ended."""
        if self.leases is not None:
            how, within = self._stop.name, self._within
            needs = {"pid": pid, "born": birth(pid), "how": how, "within": within}
            self._lease = self.leases.take(Undo("process.end", f"end {self.called}", needs))

    def run(self, words: Sequence[str], folder: Path, environment: Mapping[str, str],
            within: float) -> int:  # fmt: skip
        """Run a command to its end; what it ended with, `OVERDUE` if that was not within its time.

        Raises:
            OSError: If there is no such program, or it may not be run.
        """
        self.start(words, folder, environment)
        assert self._child is not None
        try:
            return self._child.wait(within)
        except subprocess.TimeoutExpired:
            return OVERDUE
        finally:
            self.kill()

    def stop(self) -> None:
        """End it politely; whatever is left after its time is killed."""
        if self._child is None or not self.alive:
            self._let_go()  # it ended by itself, and its number may be somebody else's by now
            return
        below = tree(self._child.pid)
        self.thaw()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, self._stop)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(self._within)
        kill_left(self._child.pid, below)
        self._child.wait()
        self._let_go()

    def kill(self) -> None:
        """End it and its children at once, as a power cut would."""
        if self._child is not None and self.alive:
            kill_tree(self._child.pid)
            self._child.wait()
        self._let_go()

    def freeze(self) -> None:
        """Stop it where it is: its connections stay open, and nothing answers."""
        if self._child is not None and self.alive:
            signal_tree(self._child.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on; harmless when it does."""
        if self._child is not None and self.alive:
            signal_tree(self._child.pid, signal.SIGCONT)

    def last_words(self) -> str:
        """The end of its log, for an error: empty if there is none."""
        with contextlib.suppress(OSError):
            if tail := " ".join(self.log.read_text("utf-8", "replace")[-TAIL:].split()):
                return f"; its last words: {tail}"
        return ""

    def _let_go(self) -> None:
        self._child = None
        if self._lease is not None:
            self._lease.let_go()
            self._lease = None


def _held_back(
    words: Sequence[str],
    log: Path,
    folder: Path,
    environment: Mapping[str, str],
    write_down: Callable[[int], None],
) -> subprocess.Popen[bytes]:
    """Start a program that does not begin before its number is written down.

    Until then a gate stands in its place, which ends by itself if we are killed meanwhile.

    Raises:
        OSError: If it cannot be run, or written down.
    """
    trouble, theirs = os.pipe()
    try:
        with log.open("ab") as output:
            child = subprocess.Popen(
                [sys.executable, "-I", "-S", GATE, str(theirs)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                pass_fds=(theirs,),
                start_new_session=True,
            )
    except BaseException:
        os.close(trouble)
        raise
    finally:
        os.close(theirs)
    assert child.stdin is not None
    try:
        write_down(child.pid)
        child.stdin.write(json.dumps([list(words), dict(environment)]).encode() + b"\n")
        child.stdin.close()
        if number := os.read(trouble, 16):  # its end alone, once the program is there
            raise OSError(int(number), os.strerror(int(number)), words[0])
    except BaseException:
        child.kill()
        child.wait()
        raise
    finally:
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()
        os.close(trouble)
    return child


def surroundings(words: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    """A command's environment: the Python that runs us finds our packages from anywhere.

    No other program does: where we are installed other packages are too, in versions that an app
    of others may not bear.

    Example:
        >>> surroundings(["/opt/app/bin/python", "app.py"], {"LANG": "C"})
        {'LANG': 'C'}
    """
    if words[0] != sys.executable:
        return dict(environment)
    paths = [HERE, *filter(None, [environment.get("PYTHONPATH")])]
    return {**environment, "PYTHONPATH": os.pathsep.join(paths)}


def left_surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    """The same before, for a Python of ours that starts other programs itself.

    Example:
        >>> left_surroundings(surroundings([sys.executable], {"LANG": "C"}))
        {'LANG': 'C'}
    """
    paths = [each for each in environment.get("PYTHONPATH", "").split(os.pathsep) if each]
    kept = os.pathsep.join(paths[1:] if paths[:1] == [HERE] else paths)
    rest = {name: value for name, value in environment.items() if name != "PYTHONPATH"}
    return rest | ({"PYTHONPATH": kept} if kept else {})
