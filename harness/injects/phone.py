"""The phone carrier goes wrong: one of its faults is switched on and, whatever happens, off again.

The carrier itself knows the faults (``simulators.providers.carrier.faults``) and counts what each
touched; here they are put on the drill's schedule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Faulty(Protocol):
    """A carrier that can be told to go wrong."""

    def fault(self, name: str, **settings: Any) -> None:
        """Switch a fault on."""
        ...

    def mend(self, name: str) -> int:
        """Switch it off; returns how much faults of this name have touched since the start."""
        ...


@dataclass
class CarrierFault:
    """One fault of the carrier's, from ``start`` to ``end``.

    Args:
        name: As in the scenario.
        start: Drill seconds when it begins.
        end: Drill seconds when it is mended.
        kind: As in the scenario: ``phone.drop``.
        fault: The carrier's name of it.
        settings: What the carrier is told of it.
        carrier: Which carrier.
    """

    name: str
    start: float
    end: float
    kind: str
    fault: str
    settings: Mapping[str, Any]
    carrier: Faulty
    touched: int = 0
    detail: str = ""
    _before: int = field(default=0, repr=False)

    def begin(self) -> None:
        """Switch it on; what earlier faults of its name touched is theirs."""
        self._before = self.carrier.mend(self.fault)
        self.carrier.fault(self.fault, **self.settings)

    def finish(self) -> None:
        """Mend it; harmless when it is not on."""
        self.touched = self.carrier.mend(self.fault) - self._before
        set_to = ", ".join(f"{key} {value}" for key, value in self.settings.items())
        self.detail = f"{set_to}; mended" if set_to else "mended"

    def close(self) -> None:
        """Nothing is left behind once it is mended."""
