"""A Compose project that a drill brings up for itself, and takes down with all it made.

The program is ``docker compose`` where that is installed, else ``docker-compose``. What it made is
looked at before it is started: ports of a practice app open on this machine alone.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.injects import container_undo
from harness.injects.docker_host import (
    DockerError,
    ForeignEngineError,
    engine,
    engine_address,
    told,
)
from harness.injects.lease import Lease, Leases
from harness.injects.undo import Undo
from harness.target.errors import SafetyError, TargetError
from harness.target.filling import Filling
from harness.target.group import OVERDUE, Group, surroundings
from harness.target.origins import is_loopback
from harness.target.target import Target

SERVICE = "com.docker.compose.service"
_BUILD_WITHIN = 900.0  # wall seconds that images may take
_LINES = 500  # of each container's output that are kept
_TAIL = 600  # characters of what Compose said, shown when it fails


class Project:
    """One Compose project of one run.

    Attributes:
        name: Of the project: begins with ``drillhall-``, and is this run's alone.
    """

    def __init__(self, target: Target, folder: Path, leases: Leases) -> None:
        model = target.description.compose
        assert model is not None
        self.target, self.model, self.leases = target, model, leases
        self.name = project_name(target.run.id)
        self.file = (target.folder / model.file).absolute()
        self.log = folder / "compose.log"
        self._filling = Filling(target, folder, folder / "app-data")
        self._environment = self._filling.environment(model.env, ("compose", "env")) | {
            "DOCKER_HOST": engine_address(),
            "COMPOSE_PROJECT_NAME": self.name,
        }
        self._lease: Lease | None = None
        # Were the drill killed, a program that goes on would make again what is being taken down.
        self._group = Group("Compose", self.log, stop="SIGKILL", stop_within=1.0, leases=leases)

    def up(self) -> None:
        """Build and create its containers, look at what they open, start them, and wait.

        Raises:
            TargetError: If Docker is not there, or the project does not come up.
            SafetyError: If it opens ports to other machines.
        """
        if not self.file.is_file():
            raise self._failed(f"file: there is no {self.model.file} beside the description")
        try:
            engine()
        except ForeignEngineError as error:
            raise SafetyError(str(error)) from error
        except DockerError as error:
            raise self._failed(str(error)) from error
        undo = Undo(
            "compose.down", f"take down the Compose project {self.name}", {"project": self.name}
        )
        self._lease = self.leases.take(undo)
        for i, command in enumerate(self.model.before):
            words = self._filling.words(command, ("compose", "before", i))
            self._run(f"before[{i}]: {words[0]}", words, surroundings(words, self._environment))
        build = ["--build"] if self.model.build else []
        self._compose("up", "--no-start", *build)
        try:
            refuse_open(self.containers())
            self._compose("up", "-d", "--no-build")
            self._wait()
        except DockerError as error:
            raise self._failed(str(error)) from error

    def containers(self) -> list[Any]:
        """All its containers."""
        mine = {"label": f"{container_undo.PROJECT}={self.name}"}
        with told():
            found: list[Any] = engine().containers.list(all=True, filters=mine)
        return found

    def container(self, service: str) -> Any | None:
        """The container of one of its services; None if there is none."""
        for each in self.containers():
            if each.labels.get(SERVICE) == service:
                return each
        return None

    def down(self) -> None:
        """Take it down with its volumes and networks; harmless when it is down.

        The last that its containers said stays in the run folder.
        """
        if self._lease is not None:
            self._keep_words()
            self._lease.undo()
            self._lease = None

    def _keep_words(self) -> None:
        kept = self.log.with_name("containers.log")
        with contextlib.suppress(DockerError, OSError), kept.open("a") as log:
            for each in self.containers():
                with told():
                    said = each.logs(tail=_LINES, timestamps=True).decode("utf-8", "replace")
                log.write(f"--- {each.labels.get(SERVICE, each.name)}\n{self.target.redact(said)}")

    def _wait(self) -> None:
        """Wait until everything that goes on running is well by its own health check."""
        for each in self.containers():
            now = container_undo.state(each)
            if not now["Running"] and now["ExitCode"] == 0:
                continue  # it had something to do once, and has done it
            try:
                container_undo.wait_until_healthy(each, self.model.ready_within_s)
            except DockerError as error:
                with told():
                    said = each.logs(tail=5).decode("utf-8", "replace")
                words = " ".join(said.split())[-_TAIL:]
                raise self._failed(f"{error}; its last words: {words}") from error

    def _compose(self, *arguments: str) -> None:
        words = [*compose_program(self.target), "-f", str(self.file), "-p", self.name, *arguments]
        self._run(arguments[0], words, self._environment)

    def _run(self, called: str, words: list[str], environment: Mapping[str, str]) -> None:
        try:
            status = self._group.run(words, self.file.parent, environment, _BUILD_WITHIN)
        except OSError as error:
            raise self._failed(f"{called} cannot be started: {error.strerror}") from None
        if status == OVERDUE:
            raise self._failed(f"{called} took longer than {_BUILD_WITHIN:g} s")
        if status:
            said = " ".join(self.log.read_text("utf-8", "replace")[-_TAIL:].split())
            raise self._failed(f"{called} ended with {status}; it said: {said}")

    def _failed(self, message: str) -> TargetError:
        return TargetError(self.target.document.problem(("compose",), self.target.redact(message)))


def project_name(run: str) -> str:
    """A project's name for a run: in Compose's letters, and no other process's.

    Example:
        >>> project_name("Narwhal 2020")[:23]
        'drillhall-narwhal-2020-'
    """
    plain = re.sub(r"[^a-z0-9]+", "-", run.lower()).strip("-")[:40]
    return f"drillhall-{plain}-{os.getpid()}"


def compose_program(target: Target | None = None) -> list[str]:
    """The command that is Compose here.

    Raises:
        TargetError: If there is none.
    """
    found = find_compose()
    if found is None:
        said = "Compose is not installed; `drillhall doctor` says how to install it"
        raise TargetError(target.document.problem(("compose",), said) if target else said)
    return found


def find_compose() -> list[str] | None:
    """The command that is Compose here, or None."""
    if shutil.which("docker"):
        asked = subprocess.run(
            ["docker", "compose", "version"], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=30, check=False,
        )  # fmt: skip
        if asked.returncode == 0:
            return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else None


def refuse_open(containers: list[Any]) -> None:
    """Refuse containers that can be reached from other machines.

    Raises:
        SafetyError: Names the service and the port.
    """
    for each in containers:
        given: Mapping[str, Any] = each.attrs["HostConfig"]
        service = each.labels.get(SERVICE, each.name)
        if given.get("NetworkMode") == "host":
            raise SafetyError(
                f"the Compose service {service} is on the host's own network, so its ports may be "
                "open to other machines; give it a network of its own and publish at 127.0.0.1"
            )
        for inside, places in (given.get("PortBindings") or {}).items():
            for place in places or []:
                if not is_loopback(place.get("HostIp") or "0.0.0.0"):  # noqa: S104 - refused
                    raise SafetyError(
                        f"the Compose service {service} publishes its port {inside} to other "
                        f'machines; write it as "127.0.0.1:{place.get("HostPort") or "PORT"}:'
                        f'{inside.partition("/")[0]}"'
                    )
        if given.get("PublishAllPorts"):
            raise SafetyError(f"the Compose service {service} publishes all its ports")
