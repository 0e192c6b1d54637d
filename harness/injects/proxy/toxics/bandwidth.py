"""So many kilobytes a second and no more."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from harness.injects.proxy.stage import Attributes, Waiting

_STEP = 0.1  # seconds of the line that a piece takes up at most


class BandwidthAttributes(Attributes):
    """Rate in 1,000 bytes a second; 0 lets everything through."""

    rate: int = Field(default=0, ge=0)


class Bandwidth(Waiting):
    """Long pieces are cut up, so that their beginning need not wait for their end."""

    kind: ClassVar[str] = "bandwidth"
    attributes: ClassVar[type[Attributes]] = BandwidthAttributes

    def take(self, data: bytes) -> None:
        """Let it have its turn on the line."""
        told = self.toxic.told
        assert isinstance(told, BandwidthAttributes)
        if not told.rate:
            self.later(data, 0.0)
            return
        self.toxic.touched += 1
        per_second = told.rate * 1000
        step = max(1, int(per_second * _STEP))
        for start in range(0, len(data), step):
            piece = data[start : start + step]
            now = self.loop.time()
            self.later(piece, max(self.last, now) - now + len(piece) / per_second)
