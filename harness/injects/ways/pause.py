"""A service is frozen: its connections stay open and nothing answers, until it is thawed.

That is what a machine does that swaps, or a disk that hangs: nobody is told that it is gone.
"""

from __future__ import annotations

from harness.injects.service import Service


class Pause:
    """Frozen where it is."""

    def unable(self, service: Service) -> str:
        """It can be done to any."""
        return ""

    def begin(self, service: Service) -> str:
        """Freeze it."""
        service.pause()
        return "frozen"

    def finish(self, service: Service) -> str:
        """Thaw it."""
        service.resume()
        return "thawed"
