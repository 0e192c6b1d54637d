"""A service is killed and loses its data; it starts again with nothing."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from harness.injects.service import Service
from harness.injects.ways.kill import Kill


@runtime_checkable
class Wipeable(Protocol):
    """A service whose data can be thrown away."""

    def why_not_wiped(self) -> str:
        """Why it must not be; empty if it may."""
        ...

    def wipe(self) -> None:
        """Throw its data away, while it does not run."""
        ...


class Rebuild(Kill):
    """As when a machine is lost for good and another takes its place.

    Data cannot be brought back, so only what the drill itself has brought up is wiped.
    """

    def unable(self, service: Service) -> str:
        """Only what the drill started may lose its data."""
        if isinstance(service, Wipeable):
            return service.why_not_wiped()
        return f"nobody knows where {service.role} keeps its data"

    def begin(self, service: Service) -> str:
        """Take it and its data away."""
        assert isinstance(service, Wipeable)
        service.kill()
        service.wipe()
        return "killed and wiped"
