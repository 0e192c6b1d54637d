"""A service that is a process started here: what a drill may do to it."""

from __future__ import annotations

from harness.target.process import Process
from harness.target.service_process import ServedProcess


class LocalService:
    """One service, or the app itself, as a drill breaks it.

    Its process is ended with the drill in any case, so that freezing it needs no lease of its own.

    Args:
        role: Its name under ``services``; ``app`` for the target's main process.
        volume: Where its data is below ``{{ data }}``; empty for all of that.
    """

    def __init__(self, role: str, running: Process | ServedProcess, *, volume: str = "") -> None:
        self.role, self.running, self.volume = role, running, volume

    @property
    def alive(self) -> bool:
        """Whether it runs now; what is frozen does."""
        return self.running.alive

    def kill(self) -> None:
        """End it and its children at once, as a power cut would."""
        self.running.kill()

    def stop(self) -> None:
        """End it politely, and wait until it is gone."""
        self.running.stop()

    def start(self) -> None:
        """Start it, and wait until it is ready; harmless when it runs."""
        self.running.start()

    def pause(self) -> None:
        """Freeze it: its connections stay open, and nothing answers."""
        self.running.group.freeze()

    def resume(self) -> None:
        """Let it go on; harmless when it does."""
        self.running.group.thaw()
