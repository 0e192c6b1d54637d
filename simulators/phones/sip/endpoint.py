"""A UDP socket that speaks SIP: datagrams in and out, counted, to allowed peers only."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from simulators.phones.sip.message import LARGEST, MAGIC, MessageError, Request, Response, parse
from simulators.phones.sip.peers import PeerError, Peers
from simulators.phones.sip.transaction import (
    Address,
    Answered,
    ClientTransaction,
    Resent,
    ServerTransaction,
    Transactions,
)

BUFFER = 4 * 1024 * 1024  # bytes; the kernel's default of 208 KiB overflows in a burst of calls
_BATCH = 64  # datagrams taken before other work of the loop gets its turn


@dataclass
class Traffic:
    """Datagrams of one endpoint.

    Attributes:
        malformed: Came and were no SIP message.
        withheld: Were not sent, since their destination is not allowed.
        unsent: The kernel had no room for; SIP sends them again.
        resent: Retransmissions, ours and the far end's.
        strays: Answers that belong to nothing of ours.
    """

    received: int = 0
    sent: int = 0
    malformed: int = 0
    withheld: int = 0
    unsent: int = 0
    strays: int = 0
    resent: Resent = field(default_factory=Resent)


class Endpoint:
    """A SIP user agent's socket and its transactions.

    Args:
        address: Where to listen; port 0 takes any that is free.
        peers: Who may be sent to.
        asked: Called with each new request, where it came from, and its transaction (None: ACK).
        rng: For branches and tags.

    Raises:
        PeerError: If the address cannot be had; or is not of this machine, nor listed as own.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        address: Address,
        peers: Peers,
        asked: Callable[[Request, Address, ServerTransaction | None], None],
        rng: Random,
    ) -> None:
        peers.check(address[0])
        self.peers = peers
        self.traffic = Traffic()
        self._loop, self._rng = loop, rng
        self.socket = open_socket(address)
        self.address: Address = self.socket.getsockname()
        self.transactions = Transactions(loop, self.send, asked)
        self.traffic.resent = self.transactions.resent
        loop.add_reader(self.socket.fileno(), self._read)

    # -- out --------------------------------------------------------------------------------

    def send(self, data: bytes, to: Address) -> None:
        """Send a datagram, if its destination is allowed."""
        if not self.peers.allows(to[0]):
            self.traffic.withheld += 1
            return
        try:
            self.socket.sendto(data, to)
            self.traffic.sent += 1
        except OSError:  # no room, or nobody listens there: to SIP it is lost, and sent again
            self.traffic.unsent += 1

    def ask(
        self, method: str, branch: str, request: bytes, to: Address, answered: Answered
    ) -> ClientTransaction:
        """Send a request as a transaction; ``answered`` hears what comes of it."""
        return self.transactions.ask(method, branch, request, to, answered)

    def branch(self) -> str:
        """A branch that no other request has."""
        return f"{MAGIC}{self._rng.getrandbits(64):016x}"

    def tag(self) -> str:
        """A tag for one dialog."""
        return f"{self._rng.getrandbits(48):012x}"

    def via(self, branch: str) -> str:
        """The Via line of a request of ours."""
        return f"Via: SIP/2.0/UDP {self.address[0]}:{self.address[1]};branch={branch};rport"

    def contact(self, user: str) -> str:
        """The Contact line that says where we are."""
        return f"Contact: <sip:{user}@{self.address[0]}:{self.address[1]}>"

    # -- in ---------------------------------------------------------------------------------

    def _read(self) -> None:
        for _ in range(_BATCH):
            try:
                data, source = self.socket.recvfrom(LARGEST)
            except BlockingIOError:
                return
            except OSError:  # an ICMP error for something sent before: SIP goes by its timers
                continue
            self._take(data, source)

    def _take(self, data: bytes, source: Address) -> None:
        if not data.strip(b"\r\n\0"):
            return  # a keep-alive
        self.traffic.received += 1
        try:
            message = parse(data)
            self.transactions.receive(message, source)
        except MessageError:
            self.traffic.malformed += 1
            return
        if isinstance(message, Response):
            self.traffic.strays = self.transactions.strays

    def close(self) -> None:
        """Close the socket and forget every transaction."""
        self.transactions.close()
        if self.socket.fileno() >= 0:
            self._loop.remove_reader(self.socket.fileno())
            self.socket.close()


def open_socket(address: Address) -> socket.socket:
    """A UDP socket of 4 MiB buffers that does not block.

    Raises:
        PeerError: If the address is taken or not ours.
    """
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setblocking(False)
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        with contextlib.suppress(OSError):  # some systems refuse more than their limit
            opened.setsockopt(socket.SOL_SOCKET, option, BUFFER)
    try:
        opened.bind(address)
    except OSError as error:
        opened.close()
        raise PeerError(
            f"{address[0]}:{address[1]} cannot be listened on: {error.strerror}. "
            "Give another port, or 0 for any that is free."
        ) from error
    return opened
