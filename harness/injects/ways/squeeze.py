"""A service is left with little processor time or memory, as beside a noisy neighbour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from harness.injects.service import Service


@runtime_checkable
class Squeezable(Protocol):
    """A service whose share of the machine can be changed while it runs."""

    def why_not_squeezed(self) -> str:
        """Why it cannot be, empty if it can."""
        ...

    def squeeze(self, cpu: float | None, memory_mb: int | None) -> None:
        """Leave it so many cores and so many MiB; None leaves that as it is."""
        ...

    def relax(self) -> None:
        """Give back what it had."""
        ...


@dataclass(frozen=True)
class Squeeze:
    """So much and no more.

    Attributes:
        cpu: Cores, as 0.1; None for as many as before.
        memory_mb: MiB of memory; None for as much as before.
    """

    cpu: float | None
    memory_mb: int | None

    def unable(self, service: Service) -> str:
        """Only a container has limits that can be changed."""
        if isinstance(service, Squeezable):
            return service.why_not_squeezed()
        return f"{service.role} is a process, and only containers can be squeezed"

    def begin(self, service: Service) -> str:
        """Take it away."""
        assert isinstance(service, Squeezable)
        service.squeeze(self.cpu, self.memory_mb)
        cores = "" if self.cpu is None else f"{self.cpu:g} cores"
        memory = "" if self.memory_mb is None else f"{self.memory_mb} MiB"
        return f"left with {' and '.join(filter(None, (cores, memory)))}"

    def finish(self, service: Service) -> str:
        """Give it back."""
        assert isinstance(service, Squeezable)
        service.relax()
        return "given it back" if service.alive else "given it back, but it had ended meanwhile"
