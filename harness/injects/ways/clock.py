"""A service's clock is wrong: libfaketime reads by how much from a file, while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from harness.injects.service import Service

VARIABLE = "FAKETIME_TIMESTAMP_FILE"
RIGHT = "+0\n"  # what the file says of a clock that is right


@runtime_checkable
class Clocked(Protocol):
    """A service that may have been started under libfaketime."""

    def clock_file(self) -> str:
        """The file that its clock is read from; empty if it has none."""
        ...

    def set_clock(self, says: str) -> None:
        """Write what libfaketime is to read; :data:`RIGHT` puts the clock right."""
        ...


@dataclass(frozen=True)
class Clock:
    """Wrong by so many seconds: fast above zero, slow below it."""

    by_seconds: float

    def unable(self, service: Service) -> str:
        """It must have been started under libfaketime."""
        if isinstance(service, Clocked) and service.clock_file():
            return ""
        return (
            f"{service.role} has no {VARIABLE} in its environment; start it under libfaketime "
            f"(LD_PRELOAD, {VARIABLE}, and FAKETIME_NO_CACHE=1)"
        )

    def begin(self, service: Service) -> str:
        """Set it wrong."""
        assert isinstance(service, Clocked)
        service.set_clock(f"{self.by_seconds:+g}\n")
        return f"has a clock that is {abs(self.by_seconds):g} s {self._direction}"

    def finish(self, service: Service) -> str:
        """Set it right."""
        assert isinstance(service, Clocked)
        service.set_clock(RIGHT)
        return "has the right time again"

    @property
    def _direction(self) -> str:
        return "fast" if self.by_seconds > 0 else "slow"
