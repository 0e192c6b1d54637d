"""A proxy: listens on loopback and passes connections on to the app, past its toxics."""

from __future__ import annotations

import asyncio
from typing import Any

from harness.injects.proxy.connection import Connection
from harness.injects.proxy.toxic import Toxic, ToxicError, ToxicModel

_BACKLOG = 4096  # connections that may wait to be accepted: a flash crowd connects at once


class Proxy:
    """One proxy and its connections.

    Args:
        name: As the control API calls it.
        listen: Where people connect; port 0 takes one that is free.
        upstream: Where the app is.
        seed: Decides, with the name, what each connection suffers.
    """

    def __init__(
        self, name: str, listen: tuple[str, int], upstream: tuple[str, int], seed: int
    ) -> None:
        self.name, self.listen, self.upstream, self.seed = name, listen, upstream, seed
        self.toxics: dict[str, Toxic] = {}
        self.connections: set[Connection] = set()
        self.number = 0  # of the connection that comes next
        self._server: asyncio.Server | None = None
        self._connecting: set[asyncio.Task[None]] = set()

    @property
    def enabled(self) -> bool:
        """Whether it listens."""
        return self._server is not None

    async def start(self) -> None:
        """Listen; harmless when it does.

        Raises:
            OSError: If somebody else listens there.
        """
        if self._server is not None:
            return
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._meet, *self.listen, backlog=_BACKLOG)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.listen = (host, port)

    def stop(self) -> None:
        """Listen no more, and reset whoever is connected."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in list(self._connecting):
            task.cancel()
        for connection in list(self.connections):
            connection.reset()

    # -- toxics ---------------------------------------------------------------------------------

    def add(self, model: ToxicModel) -> Toxic:
        """Add a toxic; open connections suffer it from now on.

        Raises:
            ToxicError: If there is one of its name, or no such kind.
        """
        toxic = Toxic(model)
        if toxic.name in self.toxics:
            raise ToxicError("toxic already exists", 409)
        self.toxics[toxic.name] = toxic
        for connection in sorted(self.connections, key=lambda each: each.number):
            connection.suffer(toxic)
        return toxic

    def find(self, name: str) -> Toxic:
        """The toxic of this name.

        Raises:
            ToxicError: If there is none.
        """
        if name not in self.toxics:
            raise ToxicError("toxic not found", 404)
        return self.toxics[name]

    def remove(self, name: str) -> None:
        """Remove a toxic; open connections are free of it from now on.

        Raises:
            ToxicError: If there is none of this name.
        """
        toxic = self.find(name)
        del self.toxics[name]
        toxic.leave()

    def clear(self) -> None:
        """Remove every toxic."""
        for name in list(self.toxics):
            self.remove(name)

    # -- connections ----------------------------------------------------------------------------

    def _meet(self) -> asyncio.Protocol:
        connection = Connection(self, self.number)
        self.number += 1
        return connection.person

    def came(self, connection: Connection) -> None:
        """Somebody has connected: take them to the app."""
        self.connections.add(connection)
        for toxic in list(self.toxics.values()):
            connection.suffer(toxic)
        task = asyncio.ensure_future(connection.connect())
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    def gone(self, connection: Connection) -> None:
        """A connection is over."""
        self.connections.discard(connection)

    def as_json(self) -> dict[str, Any]:
        """As the control API shows it: Toxiproxy's fields, and how many have connected."""
        return {
            "name": self.name,
            "listen": address_of(self.listen),
            "upstream": address_of(self.upstream),
            "enabled": self.enabled,
            "toxics": [each.as_json() for each in self.toxics.values()],
            "connections": self.number,
        }


def address_of(place: tuple[str, int]) -> str:
    """``host:port``, as people write it.

    Example:
        >>> address_of(("127.0.0.1", 80)), address_of(("::1", 80))
        ('127.0.0.1:80', '[::1]:80')
    """
    host, port = place
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def place_of(address: str) -> tuple[str, int]:
    """Host and port of an address.

    Raises:
        ToxicError: If it is none.

    Example:
        >>> place_of("[::1]:80"), place_of("localhost:0")
        (('::1', 80), ('localhost', 0))
    """
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65_535:
        raise ToxicError(f"bad request body: {address!r} is no address such as 127.0.0.1:8000")
    return host.removeprefix("[").removesuffix("]"), int(port)
