"""Everything takes longer: each piece comes so many milliseconds later, give or take a jitter."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from harness.injects.proxy.stage import KIB, Attributes, Waiting


class LatencyAttributes(Attributes):
    """Milliseconds; the jitter is drawn evenly from both sides."""

    latency: int = Field(default=0, ge=0)
    jitter: int = Field(default=0, ge=0)


class Latency(Waiting):
    """Pieces overtake nobody, and wait at the same time, as on a long line."""

    kind: ClassVar[str] = "latency"
    attributes: ClassVar[type[Attributes]] = LatencyAttributes
    room: ClassVar[int] = 4096 * KIB  # what a long line holds by being long

    def take(self, data: bytes) -> None:
        """Let it come later."""
        told = self.toxic.told
        assert isinstance(told, LatencyAttributes)
        delay = float(told.latency)
        if told.jitter:
            delay += self.rng.uniform(-told.jitter, told.jitter)
        self.toxic.touched += 1
        self.later(data, max(0.0, delay) / 1000)
