"""Packets are lost and come again, after TCP's retransmission time-out, which doubles each time.

A loss holds up all that follows it, since TCP hands bytes over in order. The time-out begins at
200 ms, the least that Linux waits (RFC 6298 asks for a second), and doubles with each loss of
the same packet. Fast retransmission, which spares long transfers most of these waits, is left out.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from harness.injects.proxy.stage import Attributes, Waiting

TIME_OUT = 0.2
DOUBLINGS = 8  # a packet lost more often than this comes through all the same, after 102 s
PACKET = 1460  # bytes of data in a packet on Ethernet


class LossAttributes(Attributes):
    """Share of the packets that are lost, 0 to below 1."""

    share: float = Field(default=0.0, ge=0, lt=1)


class Loss(Waiting):
    """Each packet is lost with the same chance, again and again."""

    kind: ClassVar[str] = "loss"
    attributes: ClassVar[type[Attributes]] = LossAttributes

    def take(self, data: bytes) -> None:
        """Pass it on, later if any packet of it was lost."""
        told = self.toxic.told
        assert isinstance(told, LossAttributes)
        losses = max(self._losses(told.share) for _ in range(0, len(data), PACKET))
        self.toxic.touched += losses > 0
        self.later(data, TIME_OUT * (2**losses - 1))

    def _losses(self, share: float) -> int:
        """How often one packet is lost."""
        losses = 0
        while losses <= DOUBLINGS and self.rng.random() < share:
            losses += 1
        return losses
