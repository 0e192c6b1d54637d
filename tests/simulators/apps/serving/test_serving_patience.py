"""Heads and bodies that do not come to an end are hung up on, and honest ones are not."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from simulators.apps.serving import patience
from simulators.apps.serving.patience import Patience, PatientProtocol

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"


async def echo(request: Request) -> Response:
    """What was sent, after a while."""
    body = await request.body()
    await asyncio.sleep(0.6)
    return PlainTextResponse(body)


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """An app that waits for 0.4 s for a head, and as long for a body."""
    monkeypatch.setattr(patience, "HEAD", 0.4)
    app = Starlette(
        routes=[Route("/", echo, methods=["GET", "POST"])],
        middleware=[Middleware(Patience, seconds=0.4)],
    )
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, http=PatientProtocol, log_level="critical", lifespan="off")
    )
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()  # whoever connects before the app is up waits for it
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()
    listener.close()


def said(port: int, *pieces: bytes) -> bytes:
    """What the app says to these pieces until it hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        for piece in pieces:
            client.sendall(piece)
        heard = b""
        while piece := client.recv(4096):
            heard += piece
        return heard


@pytest.mark.parametrize("piece", [b"", HEAD], ids=["nothing", "half a head"])
def test_a_head_that_does_not_end_is_hung_up_on(port: int, piece: bytes) -> None:
    """The connection ends without an answer."""
    assert said(port, piece) == b""


def test_a_body_that_does_not_end_is_given_up(port: int) -> None:
    """The app hears that the client has gone, and answers with no yes."""
    assert b" 200 " not in said(port, HEAD + b"Connection: close\r\n\r\n", b"ab")


def test_an_honest_request_takes_as_long_as_it_takes(port: int) -> None:
    """The clocks are for what is being sent, not for what is being worked on."""
    assert said(port, HEAD + b"Connection: close\r\n\r\n", b"abcd").endswith(b"abcd")
    get = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert b" 200 " in said(port, get)
