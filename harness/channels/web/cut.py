"""The proxy of one persona's device: their network's way, and a line that can go dead.

A forward proxy on loopback that reaches the target's own addresses alone, or the proxies that
stand for them on the way of a bad network. Armed, it waits for the
next writing request to reach the server, and closes both ends at the first byte of the answer: the
server has the report, and the browser does not know. Browsers then send it once more by
themselves if the connection had been used before.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

_CHUNK = 65536
_LONGEST_HEAD = 65536
_WRITES = (b"POST ", b"PUT ", b"PATCH ", b"DELETE ")
_NO = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class LineCutter:
    """The proxy.

    Args:
        hosts: ``host:port`` that may be reached.
        addresses: The address that each host was pinned to.
        through: The proxy of each host on the way that this device is on, ``host:port`` both.

    Attributes:
        cuts: How often the line went dead.
        writes: Writing requests that reached the server.
    """

    def __init__(
        self,
        hosts: Sequence[str],
        addresses: Mapping[str, str],
        through: Mapping[str, str] | None = None,
    ) -> None:
        self._hosts, self._addresses, self._through = frozenset(hosts), addresses, through or {}
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._armed = False
        self.cuts = 0
        self.writes = 0

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LONGEST_HEAD)

    @property
    def url(self) -> str:
        """As a proxy's address."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def arm(self) -> None:
        """Cut the next writing request, once it has arrived and before it is answered."""
        self._armed = True

    def go_straight(self) -> None:
        """Go through no proxy any more."""
        self._through = {}

    async def close(self) -> None:
        """Stop listening and drop what is open."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()

    # -- one connection of the browser's --------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            await _Line(self, reader, writer).carry()
        except (OSError, ValueError):
            pass  # either side is gone, or speaks no HTTP
        finally:
            self._open.discard(writer)
            writer.close()

    def wants(self, *, write: bool) -> bool:
        """Whether this request is the one to cut; it is counted."""
        self.writes += write
        if not (self._armed and write):
            return False
        self._armed = False
        self.cuts += 1
        return True

    def way_to(self, host: str, port: int) -> tuple[str, int] | None:
        """Where a host is, if it may be reached."""
        if f"{host}:{port}" not in self._hosts:
            return None
        proxy, colon, its_port = self._through.get(f"{host}:{port}", "").rpartition(":")
        if colon:
            return proxy, int(its_port)
        return self._addresses.get(host, host), port


class _Line:
    """One connection: requests one after the other, or a tunnel."""

    def __init__(
        self, cutter: LineCutter, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._cutter, self._reader, self._writer = cutter, reader, writer
        self._cut = False

    async def carry(self) -> None:
        """Carry requests to one server until either side has had enough."""
        head = await self._head()
        if not head:
            return
        method, target, _ = head.split(b"\r\n", 1)[0].split(b" ", 2)
        tunnel = method == b"CONNECT"
        parts = urlsplit(("//" if tunnel else "") + target.decode("latin-1"))
        way = self._cutter.way_to(parts.hostname or "", parts.port or 80)
        if way is None:
            self._writer.write(_NO)
            await self._writer.drain()
            return
        there, to = await asyncio.open_connection(*way)
        back = asyncio.ensure_future(self._back(there))
        try:
            if tunnel:
                self._writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
                await self._tunnel(to)
            else:
                await self._requests(head, to)
        finally:
            to.close()
            await back

    async def _head(self) -> bytes:
        """The head of the next request; nothing when the browser has hung up."""
        try:
            return await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            return b""

    async def _requests(self, head: bytes, to: asyncio.StreamWriter) -> None:
        """Plain requests: a browser waits for each answer before the next on a connection."""
        while head:
            self._cut |= self._cutter.wants(write=head.startswith(_WRITES))
            to.write(_own_form(head))
            await self._body(head, to)
            head = await self._head()

    async def _body(self, head: bytes, to: asyncio.StreamWriter) -> None:
        left = _length(head)
        while left:
            data = await self._reader.read(min(left, _CHUNK))
            if not data:
                return
            left -= len(data)
            to.write(data)
        await to.drain()

    async def _back(self, there: asyncio.StreamReader) -> None:
        """Carry answers back, until the line goes dead or the server hangs up."""
        with contextlib.suppress(OSError):
            while data := await there.read(_CHUNK):
                if self._cut:
                    break
                self._writer.write(data)
                await self._writer.drain()
        if self._cut:
            self._writer.transport.abort()
        else:
            self._writer.close()

    async def _tunnel(self, to: asyncio.StreamWriter) -> None:
        """What is encrypted cannot be told apart: armed, the next answer of any kind is cut."""
        while data := await self._reader.read(_CHUNK):
            self._cut |= self._cutter.wants(write=True)
            to.write(data)
            await to.drain()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


def _own_form(head: bytes) -> bytes:
    """The head as a server gets it: without the host in its first line, nor a proxy's headers."""
    first, _, rest = head.partition(b"\r\n")
    method, target, version = first.split(b" ", 2)
    parts = urlsplit(target.decode("latin-1"))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kept = [line for line in rest.split(b"\r\n") if not line.lower().startswith(b"proxy-")]
    return b" ".join((method, path.encode("latin-1"), version)) + b"\r\n" + b"\r\n".join(kept)
