"""SIP transactions over UDP: one request, its retransmissions and its answers.

RFC 3261 section 17, with the Accepted state of RFC 6026 so that a lost ACK, or an INVITE that
comes twice, rings nobody's phone twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulators.phones.sip.message import (
    MAGIC,
    Message,
    Request,
    Response,
    parameter,
    sequence,
    split_list,
    write,
)
from simulators.phones.sip.timers import (
    AFTER_REFUSAL,
    GIVE_UP,
    T2,
    T4,
    Lingering,
    Resending,
    Timers,
)

Address = tuple[str, int]
Key = tuple[str, ...]
Send = Callable[[bytes, Address], None]
Answered = Callable[[Response | None], None]  # None: nobody answered within 32 seconds
Asked = Callable[["Request", Address, "ServerTransaction | None"], None]


@dataclass(slots=True)
class Resent:
    """Datagrams sent again, and received again: the sign of loss, or of a stalled machine."""

    requests: int = 0
    answers: int = 0
    heard_again: int = 0


class ClientTransaction:
    """A request of ours. ``answered`` hears every answer once, or None if there is none."""

    def __init__(
        self, layer: Transactions, key: Key, request: bytes, to: Address, answered: Answered
    ) -> None:
        self._layer, self._key, self._request, self._to = layer, key, request, to
        self._answered = answered
        self._invite = key[-1] == "INVITE"
        self._final = 0
        self._ack = b""
        self._ack_to = to
        layer.send(request, to)
        longest = None if self._invite else T2
        self._resending = Resending(layer.timers, self._again, self._silent, longest=longest)

    def _again(self) -> None:
        self._layer.resent.requests += 1
        self._layer.send(self._request, self._to)

    def _silent(self) -> None:
        self._layer.forget(self._key)
        self._answered(None)

    def receive(self, response: Response) -> None:
        """Take an answer."""
        if self._final:
            self._layer.resent.heard_again += 1
            if self._ack and (response.status >= 300) == (self._final >= 300):
                self._layer.send(self._ack, self._ack_to)
            return
        if response.status < 200:
            if self._invite:
                self._resending.stop()
            else:
                self._resending.slow_down()
            self._answered(response)
            return
        self._resending.stop()
        self._final = response.status
        stays = T4
        if self._invite:
            stays = GIVE_UP if response.status < 300 else AFTER_REFUSAL
            if response.status >= 300:
                self.acknowledge(self._ack_of(response), self._to)
        self._layer.linger(self._key, stays)
        self._answered(response)

    def acknowledge(self, ack: bytes, to: Address) -> None:
        """Send the ACK, and again whenever the answer comes again."""
        self._ack, self._ack_to = ack, to
        self._layer.send(ack, to)

    def _ack_of(self, response: Response) -> bytes:
        """The ACK to a refusal: the INVITE's own Via and route, the answer's To (17.1.1.3)."""
        head = self._request.partition(b"\r\n\r\n")[0].decode()
        first, *lines = head.split("\r\n")
        kept = [each for each in lines if each.startswith(("Via:", "Route:", "From:", "Call-ID:"))]
        uri, number = first.split(" ")[1], sequence(response.headers)[0]
        more = [f"To: {response.headers['to'][0]}", f"CSeq: {number} ACK", "Max-Forwards: 70"]
        return write(f"ACK {uri} SIP/2.0", [*kept, *more])

    def stop(self) -> None:
        """End it here and now, without telling anybody."""
        self._resending.stop()


class ServerTransaction:
    """A request of the far end's, and our answers to it."""

    def __init__(self, layer: Transactions, key: Key, request: Request, source: Address) -> None:
        self._layer, self._key, self.request = layer, key, request
        self.source = source
        self._to = _reply_to(request, source)
        self._invite = request.method == "INVITE"
        self._last = b""
        self._final = 0
        self._resending: Resending | None = None
        self._unacknowledged: Callable[[], None] | None = None

    def respond(
        self, status: int, response: bytes, unacknowledged: Callable[[], None] | None = None
    ) -> None:
        """Send an answer; a final one to an INVITE again until its ACK comes (17.2.1, 13.3.1.4).

        Args:
            unacknowledged: Called if 32 seconds pass without the ACK.
        """
        if self._final:
            return
        self._last = response
        self._layer.send(response, self._to)
        if status < 200:
            return
        self._final = status
        if self._invite:
            self._unacknowledged = unacknowledged
            self._resending = Resending(self._layer.timers, self._again, self._over)
        else:
            self._layer.linger(self._key, GIVE_UP)

    def _again(self) -> None:
        self._layer.resent.answers += 1
        self._layer.send(self._last, self._to)

    def _over(self) -> None:
        self._resending = None
        self._layer.forget(self._key)
        if self._unacknowledged is not None:
            self._unacknowledged()

    @property
    def answered(self) -> bool:
        """Whether a final answer has been sent."""
        return bool(self._final)

    def receive_again(self) -> None:
        """The request came once more: what was said last is said again."""
        self._layer.resent.heard_again += 1
        if self._last and (self._resending is None or not self._final):
            self._layer.send(self._last, self._to)
        elif self._last:
            self._again()

    def acknowledged(self) -> None:
        """The ACK has come."""
        if self._resending is None:
            return
        self._resending.stop()
        self._resending = None
        self._unacknowledged = None
        if self._final < 300:
            self._last = b""  # a late copy of the INVITE is absorbed (RFC 6026)
        self._layer.linger(self._key, GIVE_UP if self._final < 300 else T4)

    def drop(self) -> None:
        """Forget the request as if it had never come; it is new when it comes again."""
        self._layer.forget(self._key)

    def stop(self) -> None:
        """End it here and now, without telling anybody."""
        if self._resending is not None:
            self._resending.stop()


class Transactions:
    """All transactions of one endpoint, by what RFC 3261 17.1.3 and 17.2.3 match them by.

    Args:
        timers: What keeps time.
        send: Sends a datagram.
        asked: Called with each new request and its transaction; an ACK has none.
    """

    def __init__(self, timers: Timers, send: Send, asked: Asked) -> None:
        self.timers = timers
        self.send = send
        self.resent = Resent()
        self.strays = 0  # answers that belong to nothing of ours
        self._asked = asked
        self._clients: dict[Key, ClientTransaction] = {}
        self._servers: dict[Key, ServerTransaction] = {}
        self._lingering = Lingering(timers, self.forget)

    def __len__(self) -> int:
        return len(self._clients) + len(self._servers)

    def ask(
        self, method: str, branch: str, request: bytes, to: Address, answered: Answered
    ) -> ClientTransaction:
        """Send a request of ours whose topmost Via has ``branch``."""
        key = ("client", branch, method)
        made = self._clients[key] = ClientTransaction(self, key, request, to, answered)
        return made

    def receive(self, message: Message, source: Address) -> None:
        """Hand a message to what it belongs to.

        Raises:
            MessageError: If its CSeq cannot be read.
        """
        if isinstance(message, Response):
            branch = parameter(split_list(message.headers["via"][:1])[0], "branch") or ""
            client = self._clients.get(("client", branch, sequence(message.headers)[1]))
            if client is None:
                self.strays += 1
            else:
                client.receive(message)
            return
        number, _ = sequence(message.headers)
        key = _server_key(message, number, "INVITE" if message.method == "ACK" else message.method)
        server = self._servers.get(key)
        if message.method == "ACK":
            if server is not None:  # the ACK to a refusal has the INVITE's branch
                server.acknowledged()
            else:
                self._asked(message, source, None)
        elif server is not None:
            server.receive_again()
        else:
            server = self._servers[key] = ServerTransaction(self, key, message, source)
            self._asked(message, source, server)

    def invite_of(self, cancel: Request) -> ServerTransaction | None:
        """The INVITE that a CANCEL is about (9.2)."""
        return self._servers.get(_server_key(cancel, sequence(cancel.headers)[0], "INVITE"))

    def linger(self, key: Key, seconds: float) -> None:
        """Keep a finished transaction for so long."""
        self._lingering.add(key, seconds)

    def forget(self, key: Key) -> None:
        """A transaction is over."""
        self._clients.pop(key, None)
        self._servers.pop(key, None)

    def close(self) -> None:
        """End everything at once; nothing is sent any more."""
        self._lingering.close()
        for client in self._clients.values():
            client.stop()
        for server in self._servers.values():
            server.stop()
        self._clients.clear()
        self._servers.clear()


def _server_key(request: Request, number: int, method: str) -> Key:
    via = split_list(request.headers["via"][:1])[0]
    branch = parameter(via, "branch") or ""
    sent_by = via.partition(";")[0].split()[-1]
    if branch.startswith(MAGIC):
        return ("server", branch, sent_by, method)
    # A far end of before RFC 3261: what identifies its request stands elsewhere.
    call, from_ = request.headers["call-id"][0], request.headers["from"][0]
    return ("server", call, parameter(from_, "tag") or "", str(number), sent_by, method)


def _reply_to(request: Request, source: Address) -> Address:
    """Where answers go: to the port it came from if asked so (RFC 3581), else to Via's (18.2.2)."""
    via = split_list(request.headers["via"][:1])[0]
    if parameter(via, "rport") is not None:
        return source
    port = via.partition(";")[0].split()[-1].rpartition(":")[2]
    fits = port.isdecimal() and len(port) <= 5 and int(port) < 65_536
    return source[0], int(port) if fits else 5060
