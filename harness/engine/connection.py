"""One HTTP/1.1 connection: sends a request, parses the response, says how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter_ns
from typing import Protocol

import httptools

from harness.engine.encoding import CodingError, decode
from harness.engine.known_head import END, KnownHeads, remember
from harness.target.wire import Fault, Request, Response

NEVER = 1 << 63  # nanoseconds: the deadline of a connection that carries nothing
_NO_BODY = b"\r\n"
_WITH_LENGTH_ZERO = frozenset({"POST", "PUT", "PATCH"})
_LOWEST = 100  # status codes have three digits from here on: RFC 9110, section 15


class _SurplusError(Exception):
    """More came than was asked for."""


class Transfer:
    """A request on its way, and whom to tell.

    Attributes:
        deadline: Nanoseconds of ``perf_counter_ns`` by which the whole answer must be here.
        sent: When its first bytes went to the socket; 0 if none did.
        over: Whether ``done`` has been called.
    """

    __slots__ = ("cookies", "deadline", "done", "follow", "over", "request", "sent")

    def __init__(self, request: Request, done: Callable[[Response], None], deadline: int) -> None:
        self.request = request
        self.done = done
        self.deadline = deadline
        self.follow = request.follow
        self.sent = 0
        self.over = False
        self.cookies: list[tuple[bytes, bytes]] | None = None  # set by redirects on the way


class Owner(Protocol):
    """The pool a connection belongs to."""

    def released(self, connection: Connection) -> None:
        """The connection is free for another request."""
        ...

    def lost(self, connection: Connection) -> None:
        """The connection is closed."""
        ...

    def finished(self, transfer: Transfer, response: Response) -> None:
        """A transfer that the connection carried has ended."""
        ...


class Connection(asyncio.Protocol):
    """One connection; it carries one transfer at a time.

    Args:
        owner: The pool, told of everything that ends.
        limit: Most bytes of a body, before and after decoding; a longer one is cut short.
        heads: Heads of answers known so far, shared by the connections to one server.
    """

    __slots__ = (
        "_began", "_body", "_complete", "_headed", "_headers", "_heads", "_keep", "_limit",
        "_owner", "_parser", "_room", "_spent", "closed", "deadline", "idle_since",
        "transfer", "transport",
    )  # fmt: skip

    def __init__(self, owner: Owner, limit: int, heads: KnownHeads) -> None:
        self._owner = owner
        self._limit = limit
        self._heads = heads
        self._parser = httptools.HttpResponseParser(self)
        self.transport: asyncio.Transport
        self.transfer: Transfer | None = None
        self.deadline = NEVER
        self.idle_since = 0
        self.closed = False
        self._clear()

    def _clear(self) -> None:
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._room = self._limit
        self._began = self._headed = self._complete = self._spent = False
        self._keep = True

    def begin(self, transfer: Transfer) -> None:
        """Send a request; the connection must be idle."""
        request = transfer.request
        body = request.body
        if body:
            data = b"%bContent-Length: %d\r\n\r\n%b" % (request.head, len(body), body)
        elif request.method in _WITH_LENGTH_ZERO:
            data = request.head + b"Content-Length: 0\r\n\r\n"
        else:
            data = request.head + _NO_BODY
        self.transfer = transfer
        self.deadline = transfer.deadline
        if not transfer.sent:
            transfer.sent = perf_counter_ns()
        self.transport.write(data)

    def expire(self) -> None:
        """The deadline has passed: end the transfer, and the connection with it."""
        self._keep = False
        self._finish(Fault.TIMEOUT)

    # -- asyncio.Protocol -----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # a stream's transport is whole

    def data_received(self, data: bytes) -> None:
        transfer = self.transfer
        if transfer is None:
            self._close()  # nobody asked
            return
        first = not self._began
        if first:
            known = self._heads.get(data[: data.find(END) + len(END)])
            if known is not None and known.size == len(data):
                self.transfer = None
                self.deadline = NEVER
                self._owner.released(self)
                response = Response(known.status, known.headers, data[known.end :])
                self._owner.finished(transfer, response)
                return
        self._began = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._keep = False
        except httptools.HttpParserError:
            self._keep = False
            if not self._complete:
                self._finish(Fault.TRUNCATED)
                return
        if self._room < 0:
            self._keep = False
            self._finish(Fault.TRUNCATED)
        elif self._complete:
            if first and self._keep and not self._spent:
                status, body = self._parser.get_status_code(), b"".join(self._body)
                if status >= _LOWEST:
                    remember(self._heads, data, status, self._headers, body)
            self._finish(None)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.closed = True
        if self.transfer is not None:
            self._keep = False
            if not self._began:
                self._finish(Fault.RESET)
            else:
                self._finish(None if exc is None and self._ends_at_close() else Fault.TRUNCATED)
        self._owner.lost(self)

    # -- httptools --------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self._complete:
            raise _SurplusError  # the parser gives up, and the connection with it

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self._headed = True
        transfer = self.transfer
        if transfer is None or transfer.request.method != "HEAD" or self._complete:
            return
        if self._parser.get_status_code() >= 200:
            # No body follows, whatever the length says; the parser cannot know that and
            # would wait for one, so the next answer gets a new parser.
            self._keep = self._parser.should_keep_alive()
            self._complete = self._spent = True

    def on_body(self, body: bytes) -> None:
        self._room -= len(body)
        if self._room >= 0:
            self._body.append(body)

    def on_message_complete(self) -> None:
        if self._complete:
            return
        status = self._parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            self._headed = False
            self._headers = []  # an interim answer: the one that counts is still to come
            return
        self._keep = self._parser.should_keep_alive()
        self._complete = True

    # -- endings ----------------------------------------------------------------------------

    def _ends_at_close(self) -> bool:
        """Whether the answer has all its headers, and no length but the end of the connection."""
        names = {name for name, _ in self._headers}
        return self._headed and not names & {b"content-length", b"transfer-encoding"}

    def _finish(self, fault: Fault | None) -> None:
        transfer = self.transfer
        assert transfer is not None
        body = b"".join(self._body)
        status = self._parser.get_status_code() if self._headed else 0
        if status < _LOWEST and fault is None:
            fault = Fault.TRUNCATED
        for name, value in self._headers:
            if name == b"content-encoding" and body and fault is None:
                try:
                    body = decode(body, value, limit=self._limit)
                except CodingError:
                    fault = Fault.TRUNCATED
        response = Response(status, self._headers, body, fault)
        keep = self._keep
        if self._spent:
            self._parser = httptools.HttpResponseParser(self)
        self.transfer = None
        self.deadline = NEVER
        self._clear()
        if keep and not self.closed:
            self._owner.released(self)
        else:
            self._close()
        self._owner.finished(transfer, response)

    def _close(self) -> None:
        if not self.closed:
            self.closed = True
            self.transport.abort()
