"""The front: connections go to servers that are there, and nothing is sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from simulators.apps.hub.front import MISSES, Front

ASK = b"POST /api/contacts HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"


class Stand:
    """A web server's stand-in: says its name, and counts what was sent to it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked = 0
        self.status = "200 OK"
        self.silent = False  # takes requests, and answers none
        self.late = False  # the same, where it is asked for its health
        self._links: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def begin(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def end(self) -> None:
        assert self._server is not None
        self._server.close()
        for each in list(self._links):
            each.transport.abort()
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._links.add(writer)
        with suppress(OSError, EOFError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                health = b"/health" in head
                status = self.status if health else "200 OK"
                if not health:
                    await reader.readexactly(2)
                    self.asked += 1
                if self.silent or (self.late and health):
                    await reader.read()
                    break
                body = self.name.encode()
                answer = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                writer.write(answer + body)
                if b"close" in head:
                    break
        self._links.discard(writer)
        writer.close()


class Client:
    """One connection to the front."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self) -> str:
        """Who answers; empty if the connection is cut."""
        try:
            self._writer.write(ASK)
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = int(head.rpartition(b"Content-Length: ")[2].split()[0])
            body = await self._reader.readexactly(length)
        except (OSError, EOFError):
            return ""
        return head.split(b" ")[1].decode() if b" 503 " in head else body.decode()

    def leave(self) -> None:
        self._writer.close()


Scene = Callable[[Front, Stand, Stand, Callable[[], Awaitable[Client]]], Awaitable[None]]


def play(scene: Scene) -> None:
    """A scene with two servers and a front before them."""

    async def night() -> None:
        east, west = Stand("east"), Stand("west")
        await east.begin()
        await west.begin()
        front = Front([("127.0.0.1", east.port), ("127.0.0.1", west.port)])
        host, port = await front.begin("127.0.0.1", 0)
        clients: list[Client] = []

        async def come() -> Client:
            clients.append(Client(*await asyncio.open_connection(host, port)))
            return clients[-1]

        try:
            async with asyncio.timeout(20):
                await scene(front, east, west, come)
        finally:
            for each in clients:
                each.leave()
            await front.close()
            for stand in (east, west):
                with suppress(AssertionError):
                    await stand.end()

    asyncio.run(night())


async def until(so: Callable[[], bool]) -> None:
    while not so():
        await asyncio.sleep(0.01)


def test_connections_take_turns_and_stay() -> None:
    """Each connection goes to the next server, and all its requests go to that one."""

    async def scene(
        front: Front, east: Stand, west: Stand, come: Callable[[], Awaitable[Client]]
    ) -> None:
        clients = [await come() for _ in range(4)]
        found = [(await each.ask(), await each.ask()) for each in clients]
        assert sorted(found) == [("east", "east")] * 2 + [("west", "west")] * 2

    play(scene)


def test_a_lost_server_is_left_out_until_it_is_back() -> None:
    """Everybody gets to the server that is there; the other is used again when it answers."""

    async def scene(
        front: Front, east: Stand, west: Stand, come: Callable[[], Awaitable[Client]]
    ) -> None:
        await east.end()
        assert [await (await come()).ask() for _ in range(4)] == ["west"] * 4
        await until(lambda: not front.servers[0].there)
        await east.begin()
        await until(lambda: front.servers[0].there)
        assert {await (await come()).ask() for _ in range(4)} == {"east", "west"}

    play(scene)


def test_a_request_that_may_have_arrived_is_never_sent_again() -> None:
    """A server takes a request and falls silent: the client is cut, and the other server is not
    asked in its place."""

    async def scene(
        front: Front, east: Stand, west: Stand, come: Callable[[], Awaitable[Client]]
    ) -> None:
        east.silent = west.silent = True
        client = await come()
        asked = asyncio.create_task(client.ask())
        await until(lambda: east.asked + west.asked == 1)
        assert await asked == ""
        assert east.asked + west.asked == 1

    play(scene)


def test_a_busy_server_keeps_its_clients() -> None:
    """One that is late with an answer or two about its health cuts nobody off."""

    async def scene(
        front: Front, east: Stand, west: Stand, come: Callable[[], Awaitable[Client]]
    ) -> None:
        clients = [await come(), await come()]
        assert {await each.ask() for each in clients} == {"east", "west"}
        east.late = True
        await until(lambda: front.servers[0].late == MISSES - 1)
        east.late = False
        await until(lambda: front.servers[0].late == 0)
        assert {await each.ask() for each in clients} == {"east", "west"}

    play(scene)


def test_a_server_that_can_take_no_contacts_comes_last() -> None:
    """One that says that its database is away is asked only where no other is there."""

    async def scene(
        front: Front, east: Stand, west: Stand, come: Callable[[], Awaitable[Client]]
    ) -> None:
        east.status = "503 Service Unavailable"
        await until(lambda: not front.servers[0].ready)
        assert [await (await come()).ask() for _ in range(3)] == ["west"] * 3
        await west.end()
        assert await (await come()).ask() == "east"

    play(scene)


def test_without_any_server_the_front_says_so() -> None:
    """Nobody there is a plain 503, with when to come back."""

    async def scene(
        front: Front, east: Stand, west: Stand, come: Callable[[], Awaitable[Client]]
    ) -> None:
        await east.end()
        await west.end()
        assert await (await come()).ask() == "503"

    play(scene)


@pytest.mark.parametrize("place", ["8001", "127.0.0.1:", ":8001"])
def test_a_server_needs_host_and_port(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A place that is none is told in one line."""
    from simulators.apps.hub.__main__ import main

    with pytest.raises(SystemExit, match="2"):
        main(["front", "--server", place])
    assert "give HOST:PORT" in capsys.readouterr().err
