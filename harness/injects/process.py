"""The app's process goes away: stopped politely or killed, and started again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Controlled(Protocol):
    """A process of the target's that the drill may stop and start."""

    def stop(self) -> None:
        """End it politely and wait until it is gone."""
        ...

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        ...

    def start(self) -> None:
        """Start it and wait until it is ready."""
        ...

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        ...


@dataclass
class Restart:
    """Stop or kill the target at ``start`` and start it again at ``end``.

    Args:
        name: As in the scenario.
        start: Drill seconds when it goes away.
        end: Drill seconds when it is started again.
        how: ``stop`` or ``kill``.
        process: What controls the target's process.
    """

    name: str
    start: float
    end: float
    how: str
    process: Controlled
    kind: str = "process.restart"
    touched: int = 0
    detail: str = ""

    def begin(self) -> None:
        """Take the process away."""
        if not self.process.alive:
            self.detail = "the target was already down when its restart was due"
            return
        if self.how == "kill":
            self.process.kill()
        else:
            self.process.stop()
        self.touched = 1
        self.detail = "killed" if self.how == "kill" else "stopped"

    def finish(self) -> None:
        """Bring it back; harmless when it runs."""
        if self.process.alive:
            return
        self.process.start()
        self.detail += ", then started again"

    def close(self) -> None:
        """Nothing is left behind once it runs again."""
