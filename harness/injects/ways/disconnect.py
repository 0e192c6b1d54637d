"""A service is taken off its networks, and put back under the names it had there."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from harness.injects.service import Service


@runtime_checkable
class Networked(Protocol):
    """A service that can be taken off its networks."""

    def disconnect(self) -> list[str]:
        """Take it off all of them; their names."""
        ...

    def reconnect(self) -> list[str]:
        """Put it back on them; what is not as it was, in words."""
        ...


class Disconnect:
    """It runs, and nobody reaches it."""

    def unable(self, service: Service) -> str:
        """Only a container has networks of its own."""
        if isinstance(service, Networked):
            return ""
        return f"{service.role} is a process, and only containers can be taken off their networks"

    def begin(self, service: Service) -> str:
        """Take it off its networks."""
        assert isinstance(service, Networked)
        return f"taken off {', '.join(service.disconnect()) or 'no network, for it has none'}"

    def finish(self, service: Service) -> str:
        """Put it back."""
        assert isinstance(service, Networked)
        return " ".join(["connected again", *service.reconnect()])
