"""A connection through the proxy: a person's socket, the app's, and a link each way."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from hashlib import sha256
from typing import Protocol, cast

from harness.injects.proxy.link import Link
from harness.injects.proxy.stage import INTERIM
from harness.injects.proxy.toxic import Toxic

_AT_ONCE = struct.pack("ii", 1, 0)  # linger for no time at all: closing resets


class Door(Protocol):
    """Where people connect, as far as their connections know it."""

    name: str
    seed: int
    upstream: tuple[str, int]

    def came(self, connection: Connection) -> None:
        """Somebody has connected."""
        ...

    def gone(self, connection: Connection) -> None:
        """A connection is over."""
        ...


class Connection:
    """Both sides, from the moment in which a person has connected.

    Args:
        proxy: Where they connected.
        number: Counts the proxy's connections from 0; with it, the seed decides what they suffer.

    Attributes:
        word: The first four bytes of the request that came last, such as ``POST``.
        requests: Requests so far, taking turns with answers as HTTP/1.1 has it.
        answered: The last of them has an answer, or the beginning of one.
    """

    def __init__(self, proxy: Door, number: int) -> None:
        self.proxy, self.number = proxy, number
        self.up, self.down = Link(self, "upstream"), Link(self, "downstream")
        self.person = _Person(self)
        self.app: _App | None = None
        self.word, self.requests, self.answered = b"", 0, True
        self.over = False

    def rng(self, toxic: Toxic) -> random.Random:
        """The draws of one toxic on this connection: neither others nor their order change them."""
        name = f"{self.proxy.seed}/{self.proxy.name}/{self.number}/{toxic.name}"
        return random.Random(int.from_bytes(sha256(name.encode()).digest()))

    def suffer(self, toxic: Toxic) -> None:
        """A toxic takes hold of this connection, if it takes hold of as many."""
        rng = self.rng(toxic)
        if toxic.toxicity < 1 and rng.random() >= toxic.toxicity:
            return
        link = self.up if toxic.stream == "upstream" else self.down
        stage = toxic.kind(toxic, link, rng)
        toxic.stages.add(stage)
        link.add(stage)

    # -- its course -----------------------------------------------------------------------------

    async def connect(self) -> None:
        """Connect to the app; a person whose app is not there is hung up on."""
        loop = asyncio.get_running_loop()
        host, port = self.proxy.upstream
        try:
            _, self.app = await loop.create_connection(lambda: _App(self), host, port)
        except OSError:
            self.reset()
            return
        if self.over:
            self.app.transport.abort()
            return
        self.up.join(self.person.transport, self.app.transport)
        self.down.join(self.app.transport, self.person.transport)

    def one_ended(self) -> None:
        """One direction has ended; after the second, all is over."""
        if self.up.ended and self.down.ended:
            self.close()

    def close(self) -> None:
        """Close both sides in good order: what was handed over still arrives."""
        for transport in self._give_up():
            transport.close()

    def reset(self) -> None:
        """Reset both sides: whatever is on its way is lost."""
        for transport in self._give_up():
            if not transport.is_closing():
                side = transport.get_extra_info("socket")
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            transport.abort()

    def _give_up(self) -> list[asyncio.Transport]:
        """The sockets that are to be closed, once."""
        if self.over:
            return []
        self.over = True
        self.up.cut()
        self.down.cut()
        self.proxy.gone(self)
        return [self.person.transport, *([] if self.app is None else [self.app.transport])]


class _Side(asyncio.Protocol):
    """One of the two sockets."""

    transport: asyncio.Transport

    def __init__(self, connection: Connection, out: Link, into: Link) -> None:
        self.connection = connection
        self.out, self.into = out, into  # what is read here goes out; what is written came in

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def eof_received(self) -> bool:
        self.out.finish()
        return True  # the other direction may still have something to say

    def pause_writing(self) -> None:
        self.into.block(blocked=True)

    def resume_writing(self) -> None:
        self.into.block(blocked=False)

    def connection_lost(self, exc: Exception | None) -> None:
        # Without our doing: the other side of the proxy, or the network, has reset it.
        self.connection.reset()


class _Person(_Side):
    """The person's side."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, connection.up, connection.down)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.connection.proxy.came(self.connection)
        # Not at once: reading only begins after this.
        asyncio.get_running_loop().call_soon(self._wait)

    def _wait(self) -> None:
        """Read no more until there is somebody to hand it to."""
        if self.connection.app is None and not self.transport.is_closing():
            self.transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        connection = self.connection
        if connection.answered:
            connection.answered = False
            connection.requests += 1
            connection.word = data[:4]
        self.out.push(data)


class _App(_Side):
    """The app's side."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, connection.down, connection.up)

    def data_received(self, data: bytes) -> None:
        self.out.push(data)
        connection = self.connection
        if not connection.answered:
            connection.answered = not data.startswith(INTERIM)
