"""The target's own process, where it runs on this machine: start, stop, kill, restart."""

from __future__ import annotations

import time
from pathlib import Path

from harness.injects.lease import Leases
from harness.target.blocking import Driver
from harness.target.errors import TargetError
from harness.target.filling import Filling
from harness.target.group import Group, surroundings
from harness.target.model import ProcessModel
from harness.target.target import Target

_LOOK = 0.05  # seconds between looks at a starting process


class Process:
    """Controls the target's process.

    Args:
        target: Whose description says how it is started.
        folder: Where its log and its data go: the run folder.
        extra: Arguments added to its command (a practice app's ``--defect``).
        leases: Where it is written down that it must be ended; None to write nothing.

    Raises:
        TargetError: If the description does not say how to start it.
    """

    def __init__(
        self,
        target: Target,
        folder: Path,
        *,
        extra: tuple[str, ...] = (),
        leases: Leases | None = None,
    ) -> None:
        if target.process is None:
            raise TargetError(
                f"{target.document.name}: process: missing, so the target cannot be started; "
                "describe it, or start it yourself"
            )
        self.target = target
        self.model: ProcessModel = target.process
        self.folder = folder
        self.data = folder / self.model.data
        target.data = self.data.absolute()
        self._extra = extra
        self._prepared = False
        self._filling = Filling(target, folder, self.data)
        self.environment = self._filling.environment(self.model.env, ("process", "env"))
        self.group = Group(
            "the target's process",
            folder / self.model.log,
            stop=self.model.stop,
            stop_within=self.model.stop_within_s,
            leases=leases,
        )

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self.group.alive

    @property
    def pid(self) -> int | None:
        """Its process id, None before the first start."""
        return self.group.pid

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            TargetError: If it cannot be started, ends at once or does not answer in time.
        """
        if self.alive:
            return
        self.data.mkdir(parents=True, exist_ok=True)
        self._prepare()
        beside = self.model.cwd is None
        words = self._filling.words(self.model.command, ("process", "command"), beside=beside)
        try:
            self.group.start([*words, *self._extra], *self._surroundings(words))
        except OSError as error:
            raise self._failed(f"{words[0]} cannot be started: {error.strerror}") from None
        self._wait_until_ready(words[0])

    def forget(self) -> None:
        """Its data is gone: what prepares it is done again before the next start."""
        self._prepared = False

    def _prepare(self) -> None:
        if self._prepared:
            return
        for i, command in enumerate(self.model.before):
            beside = self.model.cwd is None
            words = self._filling.words(command, ("process", "before", i), beside=beside)
            try:
                status = self.group.run(
                    words, *self._surroundings(words), self.model.ready.within_s
                )
            except OSError as error:
                raise self._failed(f"{words[0]} cannot be started: {error.strerror}") from None
            if status:
                raise self._failed(f"before[{i}]: {words[0]} ended with {status}")
        self._prepared = True

    def _surroundings(self, words: list[str]) -> tuple[Path, dict[str, str]]:
        if self.model.cwd is None:
            return self.folder, surroundings(words, self.environment)
        return self.target.folder / self.model.cwd, self.environment

    def _wait_until_ready(self, name: str) -> None:
        ready = self.model.ready
        deadline = time.monotonic() + ready.within_s
        with Driver(self.target) as driver:
            while time.monotonic() < deadline:
                if (status := self.group.status) is not None:
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
        said = self.target.redact(message + self.group.last_words())
        return TargetError(self.target.document.problem(("process",), said))

    def stop(self) -> None:
        """End it politely; whatever is left after ``stop_within_s`` is killed."""
        self.group.stop()

    def kill(self) -> None:
        """End it and its children at once, as a power cut would."""
        self.group.kill()

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
