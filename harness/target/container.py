"""A service that is a container: what a drill may do to it, and how each thing is undone.

Every undoing is written down as a lease before the thing is done.
"""

from __future__ import annotations

from typing import Any

from harness.injects import container_undo
from harness.injects.docker_host import told
from harness.injects.lease import Lease, Leases
from harness.injects.undo import Undo

_STOP_WITHIN = 10  # seconds that a container gets to end politely


class Container:
    """Controls one container.

    Args:
        role: Its name under ``services``.
        found: The container, as the SDK has it.
        volume: Where in it its data is; empty if nobody says.
        ours: Whether this drill made it, and may throw its data away.
    """

    def __init__(
        self, role: str, found: Any, leases: Leases, *, volume: str = "", ours: bool = False
    ) -> None:
        self.role, self.found, self.leases = role, found, leases
        self.volume, self.ours = volume, ours
        self.id: str = found.id
        self._leases: dict[str, Lease] = {}

    @property
    def alive(self) -> bool:
        """Whether it runs now; what is frozen does."""
        return bool(container_undo.state(self.found)["Running"])

    def take(self, do: str, says: str, **needs: Any) -> None:
        """Write down how something that is about to be done is undone."""
        if do not in self._leases:
            undo = Undo(do, f"{says} {self.found.name}", {"container": self.id, **needs})
            self._leases[do] = self.leases.take(undo)

    def give(self, do: str) -> None:
        """Undo it; harmless when there is nothing to undo.

        Raises:
            UndoError: If it cannot be undone.
        """
        if do in self._leases:
            self._leases[do].undo()
            del self._leases[do]

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.take("container.start", "start")
        with told():
            if self.alive:
                self.found.kill()
                self.found.wait(timeout=_STOP_WITHIN)

    def stop(self) -> None:
        """End it politely."""
        self.take("container.start", "start")
        with told():
            self.found.stop(timeout=_STOP_WITHIN)

    def start(self) -> None:
        """Start it, and wait until it is well."""
        if "container.start" in self._leases:
            self.give("container.start")
        else:
            container_undo.start(self.id)

    def pause(self) -> None:
        """Freeze it: its connections stay open, and nothing answers."""
        self.take("container.unpause", "thaw")
        with told():
            self.found.pause()

    def resume(self) -> None:
        """Let it go on."""
        self.give("container.unpause")
