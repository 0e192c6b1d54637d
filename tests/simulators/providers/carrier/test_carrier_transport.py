"""Real sockets: what fails on the wire, by the provider's codes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from carrier_stand import PERSON, STRIKE, Person, config

from simulators.providers.carrier.carrier import Carrier
from simulators.providers.carrier.clock import Clock
from simulators.providers.carrier.log import Entry, ListLog
from simulators.providers.carrier.transport import HttpTransport, Reply, TransportError

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def sent(serve: Serve | None) -> Reply:
    """One request to a server that answers so; to nobody if there is none."""

    async def play() -> Reply:
        async with serving(serve) as base:
            transport = HttpTransport()
            try:
                url = f"{base}/voice"
                return await transport.send("POST", url, {}, b"a=1", connect=1, read=0.2)
            finally:
                await transport.close()

    return asyncio.run(play())


@asynccontextmanager
async def serving(serve: Serve | None) -> AsyncIterator[str]:
    """A server's base URL, or one where nobody listens; at the end every connection is done."""
    if serve is None:
        yield f"http://127.0.0.1:{free_port()}"
        return
    running: list[asyncio.Task[None]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.append(task)
        try:
            await serve(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await asyncio.gather(*running)


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def answering(data: bytes, *, then_wait: bool = False) -> Serve:
    """Reads a request and answers with these bytes; then hangs up, or waits for the client to."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
            if then_wait:
                await reader.read()

    return serve


@pytest.mark.parametrize(
    ("serve", "code", "kind"),
    [
        (None, 11202, "ct"),
        (answering(b""), 11200, "other"),
        (answering(b"HELLO\r\n\r\n"), 11206, "other"),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"), 11206, "other"),
        (answering(b"", then_wait=True), 11203, "rt"),
    ],
)
def test_failures_of_the_wire(serve: Serve | None, code: int, kind: str) -> None:
    """Refused, broken, not HTTP, cut short, too slow."""
    with pytest.raises(TransportError) as caught:
        sent(serve)
    assert (caught.value.code, caught.value.kind) == (code, kind)


def test_a_whole_answer() -> None:
    """Status, type, body, cookies; a redirect is an answer like any other."""
    reply = sent(
        answering(
            b"HTTP/1.1 302 Found\r\nContent-Type: text/xml\r\nLocation: /b\r\nSet-Cookie: a=1\r\n"
            b"Set-Cookie: b=2; Path=/\r\nContent-Length: 2\r\n\r\nhi"
        )
    )
    assert reply == Reply(302, "text/xml", b"hi", "/b", ("a=1", "b=2; Path=/"))


def test_an_endless_answer_is_cut() -> None:
    """One byte more than a document may have is read, and no more."""
    body = b"x" * 200_000
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 200000\r\n\r\n"
    assert len(sent(answering(head + body)).body) == 65_537


@pytest.mark.live
def test_the_limit_of_a_webhook_holds_on_real_sockets() -> None:
    """An app that never answers, given 0.4 s: 11203 and the fallback, at 0.4 s."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b" /voice " in head:
            await reader.read()  # the form, then nothing until the client hangs up
        body = b"<Response><Say>Call the office</Say></Response>"
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        writer.write(body)

    async def play() -> tuple[list[str], list[Entry]]:
        async with serving(serve) as base:
            hook: dict[str, Any] = {"url": f"{base}/voice#tt=400", "fallback": f"{base}/sorry"}
            told = config(numbers=[{"name": "s", "number": STRIKE, "voice": hook}], speed=100)
            log = ListLog()
            carrier = Carrier(told, transport=HttpTransport(), clock=Clock(100), log=log)
            person = Person()
            carrier.dial(person, key="c1-1", from_=PERSON, to=STRIKE)
            await person.over
            await carrier.close()
            return person.words, log.entries

    words, (first, second) = asyncio.run(play())
    assert words == ["Call the office"]
    assert (first.error, second.error, second.fallback) == (11203, 0, True)
    assert first.took == pytest.approx(0.4, abs=0.15)


def test_a_name_leads_where_it_was_pinned_and_no_other_name_anywhere() -> None:
    """Nobody is asked for an address: a name could lead to another machine by now."""

    async def play(pinned: dict[str, str], name: str) -> Reply:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

        async with serving(answer) as base:
            transport = HttpTransport(pinned)
            try:
                url = base.replace("127.0.0.1", name)
                return await transport.send("GET", url, {}, None, connect=1, read=1)
            finally:
                await transport.close()

    pinned = {"strikes.example.org": "127.0.0.1"}
    assert asyncio.run(play(pinned, "strikes.example.org")).status == 204
    assert asyncio.run(play({}, "localhost")).status == 204
    with pytest.raises(TransportError, match="no name of this drill") as error:
        asyncio.run(play({}, "ip6-localhost"))  # which this machine's own resolver knows
    assert error.value.code == 11210
