"""The RTP side of one call: a socket of its own, keys heard and keys pressed.

Every call has its own port, so that a late packet of another call is nobody's key.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from random import Random

from simulators.phones.sip.dtmf import PACE, KeyReader, packets
from simulators.phones.sip.peers import PeerError, Peers
from simulators.phones.sip.rtp import Packet, Reception, parse, write
from simulators.phones.sip.sdp import Stream

_TRIES = 64  # ports looked at before giving up on an even one
_LONGEST = 2048  # bytes of an RTP packet
_BATCH = 32


class Media:
    """One call's RTP socket on an even port (RFC 3550 section 11 leaves the odd one to RTCP).

    Args:
        host: Our address.
        peers: Who may be sent to.

    Raises:
        PeerError: If there is no free port.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, host: str, peers: Peers) -> None:
        self._loop, self._peers = loop, peers
        self._socket = _even_socket(host)
        self.port: int = self._socket.getsockname()[1]
        self.keys = KeyReader()
        self.reception = Reception()
        self.events: int | None = None  # payload type of telephone events
        self._far: tuple[str, int] | None = None
        self._pressing: asyncio.TimerHandle | None = None
        loop.add_reader(self._socket.fileno(), self._read)

    def agree(self, stream: Stream) -> None:
        """Take what the far end's description says of where and how."""
        self.events = stream.events
        self._far = (stream.host, stream.port) if self._peers.allows(stream.host) else None

    # -- in ---------------------------------------------------------------------------------

    def _read(self) -> None:
        for _ in range(_BATCH):
            try:
                data = self._socket.recv(_LONGEST)
            except BlockingIOError:
                return
            except OSError:  # an ICMP error for what we sent: the far end has hung up
                continue
            packet = parse(data)
            if packet is not None:
                self._take(packet)

    def _take(self, packet: Packet) -> None:
        if packet.payload_type == self.events:
            self.keys.take(packet)
        self.reception.take(packet, self._loop.time())

    # -- out --------------------------------------------------------------------------------

    def press(self, digits: str, rng: Random, done: Callable[[], None]) -> bool:
        """Press keys at a person's pace and call ``done`` when the last one is up.

        Returns:
            False if the far end takes no telephone events, or is not allowed to be sent to.
        """
        if self.events is None or self._far is None:
            return False
        row = packets(
            digits,
            payload_type=self.events,
            ssrc=rng.getrandbits(32),
            sequence=rng.getrandbits(15),
            timestamp=rng.getrandbits(31),
        )
        self._pressing = self._loop.call_later(0, self._press, row, self._loop.time(), done)
        return True

    def _press(
        self, row: Iterator[tuple[float, Packet]], start: float, done: Callable[[], None]
    ) -> None:
        due, packet = next(row, (0.0, None))
        if packet is None:
            self._pressing = None
            done()
            return
        wait = start + due - self._loop.time()
        if wait > PACE / 4:
            self._pressing = self._loop.call_later(wait, self._send, packet, row, start, done)
        else:
            self._send(packet, row, start, done)

    def _send(
        self,
        packet: Packet,
        row: Iterator[tuple[float, Packet]],
        start: float,
        done: Callable[[], None],
    ) -> None:
        assert self._far is not None
        with contextlib.suppress(OSError):  # lost, as a packet may be
            self._socket.sendto(write(packet), self._far)
        self._press(row, start, done)

    def lift(self) -> None:
        """Keys not yet pressed stay unpressed."""
        if self._pressing is not None:
            self._pressing.cancel()
            self._pressing = None

    def close(self) -> None:
        """Close the socket, with what it has received read first."""
        self.lift()
        if self._socket.fileno() >= 0:
            self._read()  # what the kernel holds was sent before the end
            self._loop.remove_reader(self._socket.fileno())
            self._socket.close()


def _even_socket(host: str) -> socket.socket:
    odd = list[socket.socket]()
    try:
        for _ in range(_TRIES):
            opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            opened.setblocking(False)
            opened.bind((host, 0))
            if opened.getsockname()[1] % 2 == 0:
                return opened
            odd.append(opened)  # kept until the end, lest the kernel gives it again
    except OSError as error:
        raise PeerError(f"no port for RTP on {host}: {error.strerror}.") from error
    finally:
        for each in odd:
            each.close()
    raise PeerError(f"no even port for RTP on {host} in {_TRIES} tries.")
