"""The wire client: HTTP/1.1 over asyncio protocols, with keep-alive pools and honest faults.

A request is sent once. If a kept connection turns out to be closed, that is a reset like any
other: whether the server acted on the request is not known, and it is never quietly sent again.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter_ns

from harness.engine.connection import Connection, Transfer
from harness.engine.head import path_of, redirected, refuse_injection
from harness.engine.known_head import KnownHeads
from harness.target.wire import Fault, Origin, Request, Response

__all__ = ["Transfer", "Wire"]

_TICK = 0.05  # seconds between looks at deadlines, so a time-out is at most this late
_SECOND = 1_000_000_000
_KNOWN_HEADS = 20_000  # checked heads to remember: about one for each person


class Wire:
    """Sends requests and calls back with responses. Belongs to one event loop.

    Args:
        connections: Most connections to one origin; requests beyond that wait for one. Set it
            to at least the number of requests ever in flight, or it throttles what it measures.
        ca_file: Certificates to trust instead of the system's.
        addresses: Host names, or ``host:port``, pinned to the addresses they were checked at.
            Others are resolved once, on first use, and stay with that answer.
        body_limit: Most bytes of one response body; a longer one counts as truncated.
        connect_timeout: Seconds to wait for a connection.
        idle_limit: Seconds a kept connection may lie unused. Below the 5 seconds after which
            common servers close them, so that few requests meet a closing connection.
    """

    def __init__(
        self,
        *,
        connections: int = 100,
        ca_file: Path | None = None,
        addresses: Mapping[str, str] | None = None,
        body_limit: int = 64 * 1024 * 1024,
        connect_timeout: float = 10.0,
        idle_limit: float = 4.0,
    ) -> None:
        if connections < 1:
            raise ValueError(f"connections={connections}, but the wire needs at least 1.")
        self.connections = connections
        self.addresses = dict(addresses or {})
        self.body_limit = body_limit
        self.connect_timeout = connect_timeout
        self.idle_limit = idle_limit
        self.trouble: dict[Origin, str] = {}  # why the last connection to an origin failed
        self._ca_file = ca_file
        self._tls: ssl.SSLContext | None = None
        self._pools: dict[Origin, _Pool] = {}
        self._watch: asyncio.TimerHandle | None = None
        self._last: Origin | None = None
        self._last_pool: _Pool
        self._closed = False
        self._sound: dict[bytes, str] = {}  # heads found sound, with the paths in them

    def send(
        self,
        request: Request,
        done: Callable[[Response], None],
        *,
        timeout: float | None = None,
        origin: Origin | None = None,
    ) -> Transfer:
        """Send a request; ``done`` is called once, later, with the response or its fault.

        Args:
            timeout: Wall seconds for the whole answer, instead of the request's own.
            origin: Where to connect, instead of the request's own origin: a proxy in between.

        Raises:
            HeadError: If the head holds injected line ends. Nothing is sent then.
            RuntimeError: If the wire is closed.
        """
        if self._closed:
            raise RuntimeError("the wire is closed: make a new one to send more.")
        if request.head not in self._sound:
            self._check(request.head)
        seconds = request.timeout if timeout is None else timeout
        transfer = Transfer(request, done, perf_counter_ns() + int(seconds * _SECOND))
        to = origin or request.origin
        # Nearly always the same origin as last time; hashing one costs more than all this.
        if to is not self._last:
            self._last, self._last_pool = to, self._pool(to)
        self._last_pool.send(transfer)
        if self._watch is None:
            self._watch = asyncio.get_running_loop().call_later(_TICK, self._look)
        return transfer

    def _check(self, head: bytes) -> None:
        refuse_injection(head)
        if len(self._sound) >= _KNOWN_HEADS:
            self._sound.clear()
        self._sound[head] = path_of(head)

    async def fetch(self, request: Request) -> Response:
        """Send a request and wait for its response.

        Raises:
            HeadError: If the head holds injected line ends.
        """
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

        def done(response: Response) -> None:
            if not answer.done():  # the caller may have stopped waiting
                answer.set_result(response)

        self.send(request, done)
        return await answer

    def close(self) -> None:
        """Close every connection. Requests still on their way end as reset, or as refused."""
        self._closed = True
        if self._watch is not None:
            self._watch.cancel()
        for pool in self._pools.values():
            pool.close()

    def tls(self) -> ssl.SSLContext:
        """The TLS context of every secure connection; made on first use."""
        if self._tls is None:
            self._tls = ssl.create_default_context(cafile=self._ca_file)
        return self._tls

    def _pool(self, origin: Origin) -> _Pool:
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = _Pool(self, origin)
        return pool

    def _look(self) -> None:
        """End what is overdue, close what lies idle, and look again while anything is open."""
        now = perf_counter_ns()
        open_ones = [pool for pool in self._pools.values() if pool.look(now)]
        loop = asyncio.get_running_loop()
        self._watch = loop.call_later(_TICK, self._look) if open_ones else None


def _told(response: Response) -> None:
    """Stands where a caller was who has been told."""


class _Pool:
    """The connections to one origin, and the requests that wait for one."""

    def __init__(self, wire: Wire, origin: Origin) -> None:
        self.wire = wire
        self.origin = origin
        self.idle: list[Connection] = []  # the last one released is used first
        self.waiting: deque[Transfer] = deque()
        self.open: set[Connection] = set()
        self.opening: set[asyncio.Task[None]] = set()
        self._heads: KnownHeads = {}
        place = f"{origin.host}:{origin.port}"
        self._address: str | None = wire.addresses.get(place) or wire.addresses.get(origin.host)

    def send(self, transfer: Transfer) -> None:
        """Put a request on a kept connection, or else on a new one, or else in line."""
        while self.idle:
            connection = self.idle.pop()
            if not (connection.closed or connection.transport.is_closing()):
                connection.begin(transfer)
                return
        self.waiting.append(transfer)
        self._open_more()

    def _open_more(self) -> None:
        opening = len(self.opening)
        if opening < len(self.waiting) and opening + len(self.open) < self.wire.connections:
            task = asyncio.get_running_loop().create_task(self._connect())
            self.opening.add(task)
            task.add_done_callback(self._opened)

    def look(self, now: int) -> bool:
        """End what is overdue and close what lies idle. False if nothing is open or waiting."""
        for connection in [each for each in self.open if each.deadline <= now]:
            connection.expire()
        if any(each.deadline <= now for each in self.waiting):
            overdue = [each for each in self.waiting if each.deadline <= now]
            self.waiting = deque(each for each in self.waiting if each.deadline > now)
            for transfer in overdue:
                fault = Fault.TIMEOUT if transfer.sent else Fault.REFUSED
                self.finished(transfer, Response(0, fault=fault))
        limit = now - int(self.wire.idle_limit * _SECOND)
        stale = [each for each in self.idle if each.idle_since < limit]
        if stale:
            self.idle = [each for each in self.idle if each.idle_since >= limit]
            for connection in stale:
                connection.closed = True
                connection.transport.close()
        return bool(self.open or self.waiting or self.opening)

    def close(self) -> None:
        for task in self.opening:
            task.cancel()
        for connection in list(self.open):
            connection.transport.abort()
        while self.waiting:
            self.finished(self.waiting.popleft(), Response(0, fault=Fault.REFUSED))

    # -- the owner of its connections ---------------------------------------------------------

    def released(self, connection: Connection) -> None:
        if self.waiting:
            connection.begin(self.waiting.popleft())
        else:
            connection.idle_since = perf_counter_ns()
            self.idle.append(connection)

    def lost(self, connection: Connection) -> None:
        self.open.discard(connection)
        if connection in self.idle:
            self.idle.remove(connection)
        if self.waiting:
            self._open_more()

    def finished(self, transfer: Transfer, response: Response) -> None:
        if transfer.follow and 300 <= response.status < 400 and response.fault is None:
            onward = redirected(transfer.request, response)
            if onward is not None:
                cookies = [each for each in response.headers if each[0] == b"set-cookie"]
                transfer.cookies = [*(transfer.cookies or []), *cookies]
                transfer.request = onward
                transfer.follow -= 1
                self.send(transfer)
                return
        if transfer.cookies:
            response.headers = [*transfer.cookies, *response.headers]
        head = transfer.request.head
        response.url = self.wire._sound.get(head) or path_of(head)
        transfer.over = True
        done, transfer.done = transfer.done, _told  # break the ring of caller and transfer
        done(response)

    # -- connecting ---------------------------------------------------------------------------

    def _opened(self, task: asyncio.Task[None]) -> None:
        self.opening.discard(task)
        if self.waiting and not self.wire._closed:
            self._open_more()  # those in line behind a connection that failed try their own

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(self.wire.connect_timeout):
                connection = await self._reach()
        except (OSError, ValueError) as error:  # ValueError: a port or name beyond sense
            self.wire.trouble[self.origin] = str(error) or "no connection within the time allowed"
            if self.waiting:
                transfer = self.waiting.popleft()
                sent = Fault.RESET if transfer.sent else Fault.REFUSED
                self.finished(transfer, Response(0, fault=sent))
            return
        if connection.closed or self.wire._closed:
            connection.transport.abort()
            return
        self.open.add(connection)
        self.released(connection)

    async def _reach(self) -> Connection:
        """Connect to the first address of the origin that answers, and stay with it."""
        loop = asyncio.get_running_loop()
        origin, tls = self.origin, self.wire.tls() if self.origin.tls else None
        if self._address is None:
            found = await loop.getaddrinfo(origin.host, origin.port, type=1)
            addresses = [str(each[4][0]) for each in found]
        else:
            addresses = [self._address]
        failure: OSError = OSError(f"{origin.host} has no address")
        for address in dict.fromkeys(addresses):
            try:
                _, connection = await loop.create_connection(
                    lambda: Connection(self, self.wire.body_limit, self._heads),
                    address,
                    origin.port,
                    ssl=tls,
                    server_hostname=origin.host if tls else None,
                )
            except OSError as error:
                failure = error
            else:
                self._address = address
                return connection
        raise failure
