"""Answers whose heads came before are not parsed again, and mean what they meant."""

from __future__ import annotations

import pytest

from harness.engine import connection as module
from harness.engine.connection import Connection, Transfer
from harness.engine.known_head import KnownHeads
from harness.target.wire import Fault, Origin, Request, Response

HEAD = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nContent-Length: 5\r\n\r\n"


class Server:
    """One connection to a server, without a network."""

    def __init__(self) -> None:
        self.heads: KnownHeads = {}
        self.free = 0
        self.answers: list[Response] = []
        self.connection = Connection(self, 1 << 20, self.heads)
        self.connection.connection_made(self)  # type: ignore[arg-type]

    def ask(self, *pieces: bytes, method: str = "GET") -> Response | None:
        """Send a request and hand over an answer in pieces; None if it is not whole yet."""
        head = f"{method} / HTTP/1.1\r\n".encode()
        request = Request(Origin("x", 1), method, head)
        self.connection.begin(Transfer(request, lambda response: None, 1 << 62))
        before = len(self.answers)
        for piece in pieces:
            self.connection.data_received(piece)
        return self.answers[before] if len(self.answers) > before else None

    def write(self, data: bytes) -> None: ...
    def abort(self) -> None: ...
    def lost(self, connection: Connection) -> None: ...

    def released(self, connection: Connection) -> None:
        self.free += 1

    def finished(self, transfer: Transfer, response: Response) -> None:
        self.answers.append(response)


def test_a_head_that_came_before_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second answer has its own body, and the parser never sees it."""
    server = Server()
    first = server.ask(HEAD + b"first")
    monkeypatch.delattr(module.Connection, "on_body")
    monkeypatch.setattr(server.connection, "_parser", None)
    again = server.ask(HEAD + b"again")
    assert first is not None
    assert again is not None
    assert (again.status, again.headers, again.fault) == (200, first.headers, None)
    assert (first.body, again.body, server.free) == (b"first", b"again", 2)


@pytest.mark.parametrize(
    ("pieces", "body"),
    [
        ((HEAD + b"ag", b"ain"), b"again"),
        ((HEAD[:20], HEAD[20:] + b"again"), b"again"),
        ((HEAD.replace(b"5", b"2") + b"no",), b"no"),
        ((b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"again",), b"again"),
    ],
)
def test_only_a_whole_answer_in_one_piece_goes_by_its_head(
    pieces: tuple[bytes, ...], body: bytes
) -> None:
    """In pieces, with another length or after an interim answer, the parser decides."""
    server = Server()
    for _ in range(2):
        server.ask(HEAD + b"first")
        answer = server.ask(*pieces)
        assert answer is not None
        assert (answer.status, answer.body, answer.fault) == (200, body, None)


def test_a_body_that_breaks_off_is_still_truncated() -> None:
    """A known head with less than its length is no answer when the connection closes."""
    server = Server()
    server.ask(HEAD + b"first")
    assert server.ask(HEAD + b"aga") is None
    server.connection.connection_lost(None)
    assert server.answers[-1].fault is Fault.TRUNCATED


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nfirst",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\nfirst",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 5000 + b"\r\nContent-Length: 5\r\n\r\nfirst",
    ],
)
def test_heads_that_do_not_frame_an_answer_plainly_are_not_remembered(answer: bytes) -> None:
    """Chunks, closing, codings and answers without a length are parsed each time."""
    server = Server()
    assert server.ask(answer) is not None
    assert server.heads == {}


def test_an_answer_to_head_is_not_remembered() -> None:
    """Its length is that of a body which does not follow."""
    server = Server()
    answer = server.ask(HEAD, method="HEAD")
    assert answer is not None
    assert server.heads == {}


def test_heads_are_remembered_up_to_a_bound() -> None:
    """A server whose every head differs does not fill the memory."""
    server = Server()
    for number in range(2500):
        server.ask(b"HTTP/1.1 200 OK\r\nX-Id: %d\r\nContent-Length: 2\r\n\r\nok" % number)
    assert 0 < len(server.heads) <= 1000
