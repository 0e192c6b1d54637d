"""RTP packets and what a receiver counts of a stream (RFC 3550). Timestamps run at 8,000 Hz."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from simulators.quick import record

HERTZ = 8000
HEADER = 12  # bytes of a header without contributing sources
_FIXED = struct.Struct("!BBHII")


@record(frozen=True, slots=True)
class Packet:
    """One RTP packet."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def parse(data: bytes) -> Packet | None:
    """Read a datagram; None if it is no RTP packet (RTCP shares the look, not the types)."""
    if len(data) < HEADER:
        return None
    first, second, sequence, timestamp, ssrc = _FIXED.unpack_from(data)
    if first >> 6 != 2 or 200 <= second <= 211:  # RTCP's own packet types, RFC 5761 section 4
        return None
    start, end = HEADER + 4 * (first & 0x0F), len(data)
    if first & 0x10:  # an extension header
        if end < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
    if first & 0x20:  # padding, its length in the last byte
        end -= data[-1]
    if end < start:
        return None
    return Packet(second & 0x7F, second > 0x7F, sequence, timestamp, ssrc, data[start:end])


def write(packet: Packet) -> bytes:
    """The datagram of a packet."""
    second = packet.payload_type | (0x80 if packet.marker else 0)
    return (
        _FIXED.pack(0x80, second, packet.sequence & 0xFFFF, packet.timestamp & 0xFFFFFFFF,
                    packet.ssrc) + packet.payload
    )  # fmt: skip


@dataclass(slots=True)
class Reception:
    """What has come of one stream: packets, how many are missing, and jitter.

    Loss is RFC 3550 A.3: the span of extended sequence numbers less what came, never below 0;
    jitter is A.8, the running mean deviation of transit times. A new source begins a new span.
    """

    received: int = 0
    jitter: float = 0.0  # seconds
    _ssrc: int = -1
    _before: int = 0  # packets expected of earlier sources
    _first: int = 0
    _highest: int = 0  # extended sequence number
    _transit: float | None = None

    def take(self, packet: Packet, now: float) -> None:
        """Count a packet that arrived at ``now`` seconds."""
        self.received += 1
        if packet.ssrc != self._ssrc:
            self._before += self._span
            self._ssrc, self._first = packet.ssrc, packet.sequence
            self._highest, self._transit = packet.sequence, None
        else:
            step = (packet.sequence - self._highest) & 0xFFFF
            if step < 0x8000:
                self._highest += step
        transit = now - packet.timestamp / HERTZ
        if self._transit is not None:
            self.jitter += (abs(transit - self._transit) - self.jitter) / 16
        self._transit = transit

    @property
    def _span(self) -> int:
        return 0 if self._ssrc < 0 else self._highest - self._first + 1

    @property
    def missing(self) -> int:
        """Packets that were sent, by their numbers, and never came."""
        return max(0, self._before + self._span - self.received)
