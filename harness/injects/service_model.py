"""What a scenario may do to the target's services, which its description names by role."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from harness.injects.base_model import InjectBase


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


Roles = Annotated[list[str], BeforeValidator(_several), Field(min_length=1)]


class RestartModel(InjectBase):
    """The app's process is stopped or killed, and started again."""

    kind: Literal["process.restart"]
    how: Literal["stop", "kill"] = "stop"


class ServiceInject(InjectBase):
    """Something that happens to services of the target, whether containers or processes."""

    kind: str
    service: Roles = Field(
        description="Role, or roles, as under `services` in target.yaml; app is its main process."
    )


class KillModel(ServiceInject):
    """Killed as by a power cut; started again at the end."""

    kind: Literal["service.kill"]


class StopModel(ServiceInject):
    """Stopped in good order; started again at the end."""

    kind: Literal["service.stop"]


class PauseModel(ServiceInject):
    """Frozen: connections stay open and nothing answers; thawed at the end."""

    kind: Literal["service.pause"]


class RebuildModel(ServiceInject):
    """Killed and its data wiped; started again, empty, at the end."""

    kind: Literal["service.rebuild"]


class DisconnectModel(ServiceInject):
    """Taken off its networks; back on them at the end. Containers only."""

    kind: Literal["service.disconnect"]


class SqueezeModel(ServiceInject):
    """Left with so little processor time or memory; given back at the end. Containers only."""

    kind: Literal["service.squeeze"]
    cpu: Annotated[float, Field(gt=0)] | None = Field(default=None, description="Cores, as 0.1.")
    memory_mb: Annotated[int, Field(ge=8)] | None = None

    @model_validator(mode="after")
    def _something(self) -> SqueezeModel:
        if self.cpu is None and self.memory_mb is None:
            raise ValueError("needs cpu or memory_mb, or both: how much is left")
        return self


class DiskFullModel(ServiceInject):
    """The disk that its data is on has no room left; freed at the end."""

    kind: Literal["service.disk_full"]


class ClockModel(ServiceInject):
    """Its clock is wrong by so much. Only services that are started under libfaketime."""

    kind: Literal["service.clock"]
    by_seconds: float = Field(description="Fast above zero, slow below it.")

    @model_validator(mode="after")
    def _something(self) -> ClockModel:
        if not self.by_seconds:
            raise ValueError("by_seconds is 0, which is the right time: by how much is it wrong?")
        return self


ServiceModels = (
    RestartModel
    | KillModel
    | StopModel
    | PauseModel
    | RebuildModel
    | DisconnectModel
    | SqueezeModel
    | DiskFullModel
    | ClockModel
)
