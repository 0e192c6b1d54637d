"""The words of ``target.yaml`` for a target's services, its Compose project and its health."""

from __future__ import annotations

import signal
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from harness.target.flow_model import Part, Seconds, Values

Command = Annotated[list[str], Field(min_length=1)]
Port = Annotated[int, Field(ge=0, le=65535)]


def _signal(name: str) -> str:
    if not hasattr(signal, name) or not name.startswith("SIG"):
        raise ValueError(f"found {name!r}, but it must be a signal's name, as SIGTERM or SIGINT")
    return name


Signal = Annotated[str, AfterValidator(_signal)]


class ServiceProcess(Part):
    """A service that is a process on this machine; started before the app, ended after it."""

    command: Command
    port: Port = 0  # 0 takes one that is free: {{ port }}
    before: list[Command] = Field(default_factory=list)
    env: dict[str, str] = Field(default_factory=dict)
    ready_within_s: Seconds = 30.0  # until something listens on its port
    stop: Signal = "SIGTERM"
    stop_within_s: Seconds = 10.0


class ServiceModel(Part):
    """One service by its role, as ``web``, ``database`` or ``cache``."""

    container: str | None = None  # a container's name, or a Compose service where `compose` is
    process: ServiceProcess | None = None
    port: Port = 0  # of a container, on this machine: {{ services.NAME.port }}; 0 takes a free one
    volume: str | None = None  # where its data is: a path in the container, or below {{ data }}

    @model_validator(mode="after")
    def _one(self) -> ServiceModel:
        if (self.container is None) == (self.process is None):
            raise ValueError("needs exactly one of container and process")
        return self


class ComposeModel(Part):
    """A Compose project that is brought up for the drill and taken down after it."""

    file: str
    before: list[Command] = Field(default_factory=list)  # what makes its images, if it does not
    env: dict[str, str] = Field(default_factory=dict)  # for its variables, such as BASE_IMAGE
    build: bool = True
    ready_within_s: Seconds = 120.0


class HealthModel(Part):
    """Where the target says how it is; asked all the while that people play."""

    path: str
    rules: Annotated[list[Values], Field(min_length=1)]  # any that fits means: well
    every_s: Seconds = 1.0
    timeout_s: Seconds = 2.0


Services = dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")], ServiceModel]
