"""Whether a provider takes on one call more: its limits on calls of an account."""

from __future__ import annotations

import asyncio

from simulators.providers.carrier.pace import Gate
from simulators.providers.carrier.profile import Profile

__all__ = ["Admission"]


class Admission:
    """Counts calls against the limits of a profile; rates are of wall time."""

    def __init__(self, profile: Profile) -> None:
        self._at_once = profile.calls_at_once
        self._inbound = Gate(profile.inbound_per_second)

    def takes(self, direction: str, open_calls: int) -> bool:
        """Whether a call of this direction may begin while ``open_calls`` are under way."""
        if self._at_once is not None and open_calls >= self._at_once:
            return False
        return direction != "inbound" or self._inbound.passes(asyncio.get_running_loop().time())
