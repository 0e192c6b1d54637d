"""Keys of a phone as RTP telephone events (RFC 4733): sent, and read back by their timestamps.

A key is one event: all of its packets carry the timestamp of its beginning and a duration that
grows, and the last three say that it has ended. A receiver that goes by the timestamp hears a
key once however many of its packets arrive, and two equal keys as two.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from simulators.phones.sip.rtp import HERTZ, Packet

KEYS = "0123456789*#ABCD"
PACE = 0.020  # seconds between packets
TONE = 0.080  # seconds a key is down
GAP = 0.060  # seconds between two keys
ENDS = 3  # packets that say the key is up, against loss (2.5.1.4)
VOLUME = 10  # dBm0 below 0
_EVENT = struct.Struct("!BBH")
_LONGEST = 0xFFFF  # of one event; a longer one goes on under a new timestamp (2.5.1.3)


def seconds_for(digits: str) -> float:
    """How long it takes to key ``digits``, the last gap included."""
    return len(digits) * (TONE + (ENDS - 1) * PACE + GAP)


def packets(
    digits: str, *, payload_type: int, ssrc: int, sequence: int, timestamp: int
) -> Iterator[tuple[float, Packet]]:
    """The packets of a row of keys, each with the seconds after the first when it is due.

    Args:
        payload_type: Of telephone events, as the far end's description has it.
        sequence: Number of the first packet.
        timestamp: When the first key goes down.
    """
    step, last = round(PACE * HERTZ), round(TONE * HERTZ)
    length = round(seconds_for("0") * HERTZ)
    for place, key in enumerate(digits):
        event, start = KEYS.index(key), place * length
        durations = [*range(step, last, step), *[last] * ENDS]
        for number, duration in enumerate(durations):
            ended = 0x80 if number >= len(durations) - ENDS else 0
            payload = _EVENT.pack(event, ended | VOLUME, duration)
            at = start / HERTZ + number * PACE
            first = number == 0
            yield at, Packet(payload_type, first, sequence, timestamp + start, ssrc, payload)
            sequence += 1


@dataclass(slots=True)
class KeyReader:
    """The keys heard so far, in the order in which they were pressed."""

    # Timestamp and key of every event, by source; sources in order of appearance.
    _sources: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def take(self, packet: Packet) -> str:
        """Read an event packet; the key if it is a new one, else an empty text."""
        if len(packet.payload) < _EVENT.size:
            return ""
        event, _, _ = _EVENT.unpack_from(packet.payload)
        if event >= len(KEYS):  # flash, tones of lines and faxes: no key
            return ""
        heard = self._sources.setdefault(packet.ssrc, [])
        if any(at == packet.timestamp for at, _ in reversed(heard)):
            return ""
        goes_on = heard and heard[-1] == ((packet.timestamp - _LONGEST) & 0xFFFFFFFF, event)
        if goes_on and not packet.marker:
            heard[-1] = (packet.timestamp, event)
            return ""
        place = len(heard)  # an event whose packets were all overtaken goes before the later one
        while place and _before(packet.timestamp, heard[place - 1][0]):
            place -= 1
        heard.insert(place, (packet.timestamp, event))
        return KEYS[event]

    @property
    def digits(self) -> str:
        """All keys."""
        return "".join(KEYS[event] for heard in self._sources.values() for _, event in heard)


def _before(one: int, other: int) -> bool:
    """Whether a timestamp lies before another, on a circle of 2**32."""
    return (one - other) & 0xFFFFFFFF > 0x7FFFFFFF
