"""A service that is a process on this machine: a database, a cache, a worker beside the app."""

from __future__ import annotations

import re
import time
from pathlib import Path

from harness.injects.lease import Leases
from harness.target.errors import TargetError
from harness.target.filling import Filling
from harness.target.group import Group, surroundings
from harness.target.ports import is_open
from harness.target.service_model import ServiceProcess
from harness.target.target import Target

_LOOK = 0.05  # seconds between looks at a starting process


class ServedProcess:
    """Controls one service of a target.

    Attributes:
        role: Its name under ``services``.
        data: ``{{ data }}``: a folder of its own in the run folder, kept over restarts.
    """

    def __init__(
        self, target: Target, role: str, model: ServiceProcess, folder: Path, leases: Leases | None
    ) -> None:
        self.target, self.role, self.model, self.folder = target, role, model, folder
        self.port = target.ports[role]
        self.data = folder / "services" / role
        self._filling = Filling(target, folder, self.data, port=self.port)
        self._path = ("services", role, "process")
        self.environment = self._filling.environment(model.env, (*self._path, "env"))
        self._prepared = False
        self.group = Group(
            f"the service {role}",
            folder / f"service-{role}.log",
            stop=model.stop,
            stop_within=model.stop_within_s,
            leases=leases,
        )

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self.group.alive

    def start(self) -> None:
        """Start it, and wait until something listens on its port if its command names one.

        Raises:
            TargetError: If it cannot be started, ends at once or does not listen in time.
        """
        if self.alive:
            return
        self.data.mkdir(parents=True, exist_ok=True)
        if not self._prepared:
            for i, command in enumerate(self.model.before):
                words = self._filling.words(command, (*self._path, "before", i))
                if status := self._run(words, wait=True):
                    raise self._failed(f"before[{i}]: {words[0]} ended with {status}")
            self._prepared = True
        words = self._filling.words(self.model.command, (*self._path, "command"))
        self._run(words, wait=False)
        self._wait_until_ready(words[0])

    def _run(self, words: list[str], *, wait: bool) -> int:
        environment = surroundings(words, self.environment)
        try:
            if wait:
                return self.group.run(words, self.folder, environment, self.model.ready_within_s)
            self.group.start(words, self.folder, environment)
        except OSError as error:
            raise self._failed(f"{words[0]} cannot be started: {error.strerror}") from None
        return 0

    def _wait_until_ready(self, name: str) -> None:
        if not self._listens:
            return
        deadline = time.monotonic() + self.model.ready_within_s
        while not is_open(self.port):
            if (status := self.group.status) is not None:
                raise self._failed(f"{name} ended with {status} before it was ready")
            if time.monotonic() > deadline:
                self.kill()
                within = f"within {self.model.ready_within_s:g} s"
                raise self._failed(f"{name} did not listen on port {self.port} {within}")
            time.sleep(_LOOK)

    @property
    def _listens(self) -> bool:
        """Whether it has a port or is told one; a worker, which asks and is not asked, is not."""
        said = " ".join([*self.model.command, *self.model.env.values()])
        own = rf"{{{{\s*(port|services\.{self.role}\.port|services\['{self.role}'\]\.port)\s*}}}}"
        return bool(self.model.port) or re.search(own, said) is not None

    def _failed(self, message: str) -> TargetError:
        said = self.target.redact(message + self.group.last_words())
        return TargetError(self.target.document.problem(self._path, said))

    def stop(self) -> None:
        """End it politely; whatever is left after ``stop_within_s`` is killed."""
        self.group.stop()

    def kill(self) -> None:
        """End it and its children at once, as a power cut would."""
        self.group.kill()

    def forget(self) -> None:
        """Its data is gone: its ``before`` commands are run again before the next start."""
        self._prepared = False
