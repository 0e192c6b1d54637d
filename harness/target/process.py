"""The target's own process, where it runs on this machine: start, stop, kill, restart.

It gets a process group of its own, so that its children go with it, and a drill ends nothing
but what it started here.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from harness.complaint import Where
from harness.target.access import no_operation
from harness.target.blocking import Driver
from harness.target.errors import TargetError
from harness.target.model import ProcessModel
from harness.target.reading import reader_person
from harness.target.scope import Scope
from harness.target.target import Target

_LOOK = 0.05  # seconds between looks at a starting or ending process
_TAIL = 400  # characters of the log shown when it does not start


class Process:
    """Controls the target's process.

    Args:
        target: Whose description says how it is started.
        folder: Where its log and its data go: the run folder.
        extra: Arguments added to its command (a practice app's ``--defect``).

    Raises:
        TargetError: If the description does not say how to start it.
    """

    def __init__(self, target: Target, folder: Path, *, extra: tuple[str, ...] = ()) -> None:
        if target.process is None:
            raise TargetError(
                f"{target.document.name}: process: missing, so the target cannot be started; "
                "describe it, or start it yourself"
            )
        self.target = target
        self.model: ProcessModel = target.process
        self.folder = folder
        self.data = folder / self.model.data
        self.log = folder / self.model.log
        target.data = self.data.absolute()
        self._extra = extra
        self._prepared = False
        self._child: subprocess.Popen[bytes] | None = None
        self.environment = {
            **target.environment,
            **{
                name: self._fill(text, ("process", "env", name))
                for name, text in self.model.env.items()
            },
        }

    def _fill(self, text: str, path: Where) -> str:
        known = frozenset({"data", "folder"})
        leaf = self.target.templates.text(text, path, known)
        person = reader_person("operator")
        extra = {"data": str(self.data.absolute()), "folder": str(self.folder.absolute())}
        session = self.target.cast.session(person)
        return str(leaf.get(Scope(no_operation(person), session, {}, extra)))

    def _words(self, command: list[str], path: Where) -> list[str]:
        """A command with its templates filled in; ``python`` is the one that runs us.

        A word that names a file beside the description is that file, wherever the command runs.
        """
        words = [self._fill(word, (*path, i)) for i, word in enumerate(command)]
        if words[0] in ("python", "python3"):
            words[0] = sys.executable
        return [self._beside(word) for word in words]

    def _beside(self, word: str) -> str:
        path = self.target.folder / word
        plain = word and len(word) < 200 and "\n" not in word and self.model.cwd is None
        return str(path) if plain and path.is_file() else word

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int | None:
        """Its process id, None before the first start."""
        return None if self._child is None else self._child.pid

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            TargetError: If it cannot be started, ends at once or does not answer in time.
        """
        if self.alive:
            return
        self.data.mkdir(parents=True, exist_ok=True)
        self._prepare()
        words = [*self._words(self.model.command, ("process", "command")), *self._extra]
        self._child = self._spawn(words)
        self._wait_until_ready(words[0])

    def _prepare(self) -> None:
        if self._prepared:
            return
        for i, command in enumerate(self.model.before):
            words = self._words(command, ("process", "before", i))
            child = self._spawn(words)
            try:
                status = child.wait(self.model.ready.within_s)
            except subprocess.TimeoutExpired:
                _end(child, signal.SIGKILL)
                status = -1
            if status:
                raise self._failed(f"before[{i}]: {words[0]} ended with {status}")
        self._prepared = True

    def _spawn(self, words: list[str]) -> subprocess.Popen[bytes]:
        cwd = self.folder if self.model.cwd is None else self.target.folder / self.model.cwd
        environment = dict(self.environment)
        if self.model.cwd is None:  # our own packages must be found from the run folder too
            here = str(Path(__file__).parents[2])
            paths = [here, *filter(None, [environment.get("PYTHONPATH")])]
            environment["PYTHONPATH"] = os.pathsep.join(paths)
        try:
            with self.log.open("ab") as log:
                return subprocess.Popen(
                    words,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=cwd,
                    env=environment,
                    start_new_session=True,
                )
        except OSError as error:
            raise self._failed(f"{words[0]} cannot be started: {error.strerror}") from None

    def _wait_until_ready(self, name: str) -> None:
        ready = self.model.ready
        deadline = time.monotonic() + ready.within_s
        with Driver(self.target) as driver:
            while time.monotonic() < deadline:
                assert self._child is not None
                if (status := self._child.poll()) is not None:
                    raise self._failed(f"{name} ended with {status} before it was ready")
                response = driver.fetch(self.target.get(ready.path, timeout=2.0))
                good = (
                    response.status == ready.status
                    if ready.status is not None
                    else 200 <= response.status < 500
                )
                if response.fault is None and good:
                    return
                time.sleep(_LOOK)
        self.kill()
        raise self._failed(f"{name} did not answer {ready.path} within {ready.within_s:g} s")

    def _failed(self, message: str) -> TargetError:
        tail = ""
        with contextlib.suppress(OSError):
            tail = " ".join(self.log.read_text("utf-8", "replace")[-_TAIL:].split())
        said = f"; its last words: {tail}" if tail else ""
        problem = self.target.document.problem(("process",), self.target.redact(message + said))
        return TargetError(problem)

    def stop(self) -> None:
        """End it politely; whatever is left after ``stop_within_s`` is killed."""
        if self._child is None or not self.alive:
            self._child = None  # it ended by itself, and its number may be somebody else's by now
            return
        _end(self._child, signal.Signals[self.model.stop])
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(self.model.stop_within_s)
        self._finish()

    def kill(self) -> None:
        """End it and its children at once, as a power cut would."""
        if self.alive:
            self._finish()
        self._child = None

    def _finish(self) -> None:
        """Kill what is left of its process group and forget it."""
        assert self._child is not None
        _end(self._child, signal.SIGKILL)
        self._child.wait()
        self._child = None

    def restart(self) -> None:
        """Stop and start it; its data and its port stay."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop it for good."""
        self.stop()

    def __enter__(self) -> Process:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _end(child: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """Signal a child's process group: our own child, in a session of its own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, how)
