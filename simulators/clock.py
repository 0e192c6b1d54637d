"""Drill time, handed in: a heap of virtual events, or the drill clock of the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Drill time, and a way to be called when it comes."""

    def now(self) -> float:
        """Drill seconds since the drill began."""
        ...

    def at(self, due: float, call: Callable[[], None]) -> None:
        """Call when drill time reaches ``due``; in order of scheduling where two are due."""
        ...
