"""The services of a target: brought up in order, found by role, taken down in the end.

A role is the name under ``services`` in the description; ``app`` is the target's main process.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from harness.injects import container_undo
from harness.injects.docker_host import DockerError, ForeignEngineError, engine
from harness.injects.guardian import guarded
from harness.injects.lease import Leases
from harness.injects.service import Service
from harness.injects.undo import UndoError
from harness.target.blocking import Driver
from harness.target.compose import Project
from harness.target.container import Container
from harness.target.errors import SafetyError, TargetError
from harness.target.local_service import LocalService
from harness.target.process import Process
from harness.target.service_process import ServedProcess
from harness.target.target import Target

_LOOK = 0.1  # seconds between looks at a target that is coming up


class Services:
    """Everything of one target that runs on this machine for a drill, but its main process.

    Args:
        folder: The run folder, for logs and data.
        leases: Where it is written down what must be ended and undone.
        app: The main process, None where the description has none.

    Attributes:
        by_role: What an inject may break.
        left: Why something could not be taken down in the end; empty if all of it was.
    """

    def __init__(
        self, target: Target, folder: Path, leases: Leases, app: Process | None = None
    ) -> None:
        self.target, self.leases = target, leases
        self.processes = {
            role: ServedProcess(target, role, model.process, folder, leases)
            for role, model in target.description.services.items()
            if model.process is not None
        }
        compose = target.description.compose
        self.project = None if compose is None else Project(target, folder, leases)
        self.left = ""
        self.by_role: dict[str, Service] = {}
        for role, running in self.processes.items():
            volume = target.description.services[role].volume or ""
            self.by_role[role] = LocalService(role, running, leases, volume=volume)
        if app is not None:
            self.by_role["app"] = LocalService("app", app, leases)

    @contextmanager
    def standing(self, extra: Mapping[str, str] | None = None) -> Iterator[Services]:
        """Bring them up in the order of the description, and down in the end.

        Args:
            extra: Added to the environment of each process.

        Raises:
            TargetError: If one does not come up, or a container is not there.
            SafetyError: If they could be reached from other machines.
        """
        with ExitStack() as stack:
            if self.project is not None:
                stack.callback(self._take_down)
                self.project.up()
            self._find_containers()
            for running in self.processes.values():
                running.environment |= extra or {}
                stack.callback(running.stop)
                running.start()
            if self.project is not None:
                self._wait_for_target(self.project.model.ready_within_s)
            yield self

    def _take_down(self) -> None:
        """Take the project down; what was recorded is worth more than a network that stays."""
        assert self.project is not None
        try:
            self.project.down()
        except UndoError as error:
            self.left = str(error)

    def _find_containers(self) -> None:
        for role, model in self.target.description.services.items():
            if model.container is None:
                continue
            found = self._find(role, model.container)
            self.by_role[role] = Container(
                role, found, self.leases, volume=model.volume or "", ours=self.project is not None
            )

    def _find(self, role: str, name: str) -> object:
        path = ("services", role, "container")
        try:
            if self.project is not None:
                found = self.project.container(name)
                where = f"the Compose project has no service {name!r}"
            else:
                engine()
                found = container_undo.find(name)
                where = f"there is no container {name!r}; `docker ps --all` lists them"
        except ForeignEngineError as error:
            raise SafetyError(str(error)) from error
        except DockerError as error:
            raise TargetError(self.target.document.problem(path, str(error))) from error
        if found is None:
            raise TargetError(self.target.document.problem(path, where))
        return found

    def _wait_for_target(self, within: float) -> None:
        """Wait until what Compose started answers, well or ill."""
        health = self.target.description.health
        request = self.target.get(health.path if health is not None else "/", timeout=2.0)
        deadline = time.monotonic() + within
        with Driver(self.target) as driver:
            while True:
                answer = driver.fetch(request)
                if answer.fault is None and answer.status < 500:
                    return
                if time.monotonic() > deadline:
                    said = f"nothing answers at {self.target.base_url} within {within:g} s"
                    raise TargetError(self.target.document.problem(("compose",), said))
                time.sleep(_LOOK)


@contextmanager
def kept(leases: Leases) -> Iterator[None]:
    """While the block runs, leases are written, and a guardian stands by to undo them.

    Raises:
        TargetError: If they cannot be written: nothing may be broken then.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(guarded(leases))
        except OSError as error:
            raise TargetError(
                f"{leases.path}: cannot be written: {error.strerror}. What a drill breaks is noted "
                "there first; set XDG_STATE_HOME to a folder that can be written."
            ) from error
        yield
