"""The front: a small load balancer on loopback before the web servers of the regions.

It passes bytes on and reads none of them. A connection stays with the server it was given; when
that server is lost the connection is cut, and whoever sent a request on it does not know what
became of it: sending it again is theirs to decide, since it may have arrived.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from dataclasses import dataclass, field

import orjson

from simulators.apps.hub.ask import NoAnswerError, ask

LOOK = 0.25  # wall seconds between looks at a server
PATIENCE = 1.0  # wall seconds for its answer
MISSES = 3  # answers in a row that must be late until a server is taken for lost
CONNECTING = 1.0  # wall seconds until it has taken a connection
PIECE = 64 * 1024  # bytes
_SORRY = orjson.dumps({"error": "nobody_there", "message": "No server answers. Please try again."})
NOBODY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(_SORRY), _SORRY)
)

Links = set[asyncio.StreamWriter]


@dataclass(eq=False)
class Server:
    """One web server.

    Attributes:
        there: Whether it answered when it was last looked at.
        ready: Whether it said then that it can take contacts.
        late: Answers in a row that have not come in time.
        links: Connections to it, and those of the clients that were given to it.
    """

    host: str
    port: int
    there: bool = True
    ready: bool = True
    late: int = 0
    links: Links = field(default_factory=set)


class Front:
    """Takes connections from :meth:`begin` to :meth:`close`.

    Args:
        servers: Host and port of each web server.
    """

    def __init__(self, servers: list[tuple[str, int]]) -> None:
        self.servers = [Server(host, port) for host, port in servers]
        self._turn = itertools.count()
        self._links: set[asyncio.Task[None]] = set()
        self._looks: list[asyncio.Task[None]] = []
        self._listener: asyncio.Server | None = None

    async def begin(self, host: str, port: int) -> tuple[str, int]:
        """Listen; returns where."""
        self._looks = [asyncio.create_task(self._watch(each)) for each in self.servers]
        self._listener = await asyncio.start_server(self._serve, host, port, backlog=4096)
        found: tuple[str, int] = self._listener.sockets[0].getsockname()[:2]
        return found

    async def close(self) -> None:
        """Take no more, and cut what there is."""
        if self._listener is not None:
            self._listener.close()
        for task in [*self._looks, *self._links]:
            task.cancel()
        await asyncio.gather(*self._looks, *self._links, return_exceptions=True)

    # -- looking after the servers --------------------------------------------------------

    async def _watch(self, server: Server) -> None:
        while True:
            try:
                status, _ = await ask(server.host, server.port, "/health", within=PATIENCE)
            except NoAnswerError as error:
                # Whoever is busy is late: to cut everybody off then would bring them all back at
                # once, with what made it busy. Whoever takes no connection is gone.
                server.late += 1
                if server.late >= MISSES or not isinstance(error.__cause__, TimeoutError):
                    _lose(server)
            else:
                server.there, server.ready, server.late = True, status == 200, 0
            await asyncio.sleep(LOOK)

    def _in_order(self) -> list[Server]:
        """Whom to try, the best first; who is taken for lost comes last, and is tried too."""
        start = next(self._turn) % len(self.servers)
        turned = self.servers[start:] + self.servers[:start]
        return sorted(turned, key=lambda each: (not each.there, not each.ready))

    # -- connections ----------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._links.add(task)
        try:
            for server in self._in_order():
                found = await _connected(server)
                if found is not None:
                    await _linked(server, (reader, writer), found)
                    return
            await reader.read(PIECE)  # what is not read would cut the answer off
            writer.write(NOBODY)
            await writer.drain()
        except OSError:
            pass  # the client has gone
        except asyncio.CancelledError:
            pass  # closing; Python 3.11 complains of a connection whose task was cancelled
        finally:
            self._links.discard(task)
            writer.close()


def _lose(server: Server) -> None:
    """Take a server for lost, and cut its clients off: nobody will answer them."""
    server.there = server.ready = False
    for link in list(server.links):
        link.transport.abort()


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _connected(server: Server) -> Ends | None:
    """A connection to a server, None if it takes none: nothing has been sent yet then."""
    try:
        async with asyncio.timeout(CONNECTING):
            return await asyncio.open_connection(server.host, server.port)
    except (OSError, TimeoutError):
        return None


async def _linked(server: Server, client: Ends, other: Ends) -> None:
    """Pass bytes both ways until either side ends."""
    links = {client[1], other[1]}
    server.links |= links
    ways = [
        asyncio.create_task(_pass_on(client[0], other[1])),
        asyncio.create_task(_pass_on(other[0], client[1])),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.links -= links
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        other[1].close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
