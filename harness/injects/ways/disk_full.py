"""The disk that a service's data is on has no room left: a balloon file takes it all.

Only a small disk is filled, and never one that anything else is on: the machine's own, or the one
that the run is recorded on.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from harness.injects.service import Service

BALLOON = ".drillhall-balloon"
SMALL = 1 << 30  # bytes free at most on a disk that may be filled


@runtime_checkable
class Stored(Protocol):
    """A service that keeps data on a disk."""

    def why_not_filled(self) -> str:
        """Why its disk cannot be filled; empty if it can."""
        ...

    def fill(self) -> int:
        """Take all the room there is on its disk; how many bytes that was."""
        ...

    def free(self) -> None:
        """Give the room back."""
        ...


class DiskFull:
    """No room left."""

    def unable(self, service: Service) -> str:
        """The disk must be small and its own."""
        if isinstance(service, Stored):
            return service.why_not_filled()
        return f"nobody knows where {service.role} keeps its data"

    def begin(self, service: Service) -> str:
        """Blow the balloon up."""
        assert isinstance(service, Stored)
        return f"has a full disk, {service.fill() / 1e6:.1f} MB less"

    def finish(self, service: Service) -> str:
        """Let the air out."""
        assert isinstance(service, Stored)
        service.free()
        return "has room again" if service.alive else "has room again, but had ended meanwhile"


def why_too_large(role: str, free: int) -> str:
    """Why a disk with so many bytes free is not filled; empty if it may be."""
    if free <= SMALL:
        return ""
    return (
        f"the disk of {role} has {free / 2**30:.0f} GiB free, and only one with 1 GiB or less is "
        "filled; give its data a small volume of its own"
    )
