"""A service goes away, at once or in good order, and is started again."""

from __future__ import annotations

from harness.injects.service import Service


class Kill:
    """As by a power cut: what it had not written to its disk is gone."""

    def unable(self, service: Service) -> str:
        """It can be done to any."""
        return ""

    def begin(self, service: Service) -> str:
        """Take it away."""
        service.kill()
        return "killed"

    def finish(self, service: Service) -> str:
        """Bring it back."""
        before = service.alive
        service.start()  # harmless when it runs, and what was noted as to be done is done then
        return "was running again already" if before else "started again"


class Stop(Kill):
    """In good order: it may finish what it does, and write what it holds."""

    def begin(self, service: Service) -> str:
        """Ask it to go."""
        service.stop()
        return "stopped"
