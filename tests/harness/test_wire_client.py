"""The wire client against small servers that answer byte for byte what a test says."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import ssl
import subprocess
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
import uvloop
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.engine.head import HeadError, request_head
from harness.engine.wire import Wire
from harness.target.wire import Fault, Origin, Request, Response

T = TypeVar("T")
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """One request as it came, body included; empty at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return head + (await reader.readexactly(length) if length else b"")


def answering(*answers: bytes, then_close: bool = False) -> tuple[Serve, list[bytes]]:
    """A server that gives these answers in turn (the last again and again), and what it read."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await read_request(reader):
            seen.append(request)
            writer.write(answers[min(len(seen), len(answers)) - 1])
            await writer.drain()
            if then_close:
                break
        writer.close()

    return serve, seen


def talk(
    serve: Serve,
    conversation: Callable[[Wire, Origin], Awaitable[T]],
    *,
    tls: ssl.SSLContext | None = None,
    **wire_settings: object,
) -> T:
    """Run a conversation of a new wire with a server on a free loopback port."""

    async def main() -> T:
        writers = []

        async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writers.append(writer)
            await serve(reader, writer)

        server = await asyncio.start_server(keep, "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        wire = Wire(**wire_settings)  # type: ignore[arg-type]
        try:
            return await conversation(wire, Origin("127.0.0.1", port, tls is not None))
        finally:
            wire.close()
            server.close()
            for writer in writers:
                writer.transport.abort()
            await asyncio.sleep(0.01)  # closing transports need a turn or two to go

    return uvloop.run(main())


def asking(origin: Origin, method: str = "GET", path: str = "/", **more: object) -> Request:
    return Request(origin, method, request_head(method, path, [("Host", "x")]), **more)  # type: ignore[arg-type]


def ask(
    answer: bytes, method: str = "GET", *, then_close: bool = False, **more: object
) -> Response:
    serve, _ = answering(answer, then_close=then_close)
    return talk(serve, lambda wire, origin: wire.fetch(asking(origin, method, **more)))  # type: ignore[arg-type]


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_body_and_length_go_out_as_one_request() -> None:
    """The client adds the length and the blank line, and nothing else."""
    serve, seen = answering(OK)
    response = talk(serve, lambda w, o: w.fetch(asking(o, "POST", "/reports?x=1", body=b"{}")))
    assert seen == [b"POST /reports?x=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"]
    assert (response.status, response.body, response.fault) == (200, b"ok", None)
    assert response.url == "/reports?x=1"


def test_an_empty_post_says_its_length() -> None:
    """A POST without a body says ``Content-Length: 0``; a GET says nothing."""
    serve, seen = answering(OK)
    talk(serve, lambda w, o: w.fetch(asking(o, "POST")))
    talk(serve, lambda w, o: w.fetch(asking(o, "GET")))
    assert b"Content-Length: 0\r\n" in seen[0]
    assert b"Content-Length" not in seen[1]


def test_a_connection_is_kept_and_used_again() -> None:
    """Requests one after the other share a connection; at once they do not."""
    connections = 0
    serve, _ = answering(OK)

    async def counting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await serve(reader, writer)

    async def in_turn(wire: Wire, origin: Origin) -> None:
        for _ in range(5):
            await wire.fetch(asking(origin))

    async def at_once(wire: Wire, origin: Origin) -> None:
        await asyncio.gather(*(wire.fetch(asking(origin)) for _ in range(5)))

    talk(counting, in_turn)
    assert connections == 1
    talk(counting, at_once)
    assert connections == 6


def test_requests_beyond_the_bound_wait_in_line() -> None:
    """With two connections, five requests are all answered over two connections."""
    connections = 0
    serve, _ = answering(OK)

    async def counting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await serve(reader, writer)

    async def at_once(wire: Wire, origin: Origin) -> list[Response]:
        return await asyncio.gather(*(wire.fetch(asking(origin)) for _ in range(5)))

    assert [each.status for each in talk(counting, at_once, connections=2)] == [200] * 5
    assert connections == 2


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", b"abcde"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, b"ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
    ],
)  # fmt: skip
def test_every_framing_is_read_whole(answer: bytes, body: bytes) -> None:
    """Chunks, interim answers and answers without a body all end where they should."""
    response = ask(answer)
    assert (response.body, response.fault) == (body, None)
    assert not any(name == b"link" for name, _ in response.headers)


def test_a_body_may_end_with_the_connection() -> None:
    """Without a length, the end of the connection is the end of the body."""
    response = ask(b"HTTP/1.1 200 OK\r\n\r\nall of it", then_close=True)
    assert (response.body, response.fault) == (b"all of it", None)


def test_head_has_no_body_and_keeps_the_connection() -> None:
    """The length in an answer to HEAD announces nothing, and the next answer is read right."""
    serve, _ = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", OK)

    async def twice(wire: Wire, origin: Origin) -> tuple[Response, Response]:
        return await wire.fetch(asking(origin, "HEAD")), await wire.fetch(asking(origin))

    head, body = talk(serve, twice)
    assert (head.status, head.body, head.fault) == (200, b"", None)
    assert body.body == b"ok"


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        (b"gzip", gzip.compress(b"totals" * 100)),
        (b"deflate", zlib.compress(b"totals" * 100)),
        (b"deflate", zlib.compress(b"totals" * 100, wbits=-15)),
        (b"deflate, gzip", gzip.compress(zlib.compress(b"totals" * 100))),
    ],
    ids=["gzip", "deflate", "raw deflate", "both"],  # what is packed carries the time of day
)
def test_codings_are_undone(coding: bytes, packed: bytes) -> None:
    """gzip and both kinds of deflate come out as sent."""
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n"
    response = ask(head % (coding, len(packed)) + packed)
    assert (response.body, response.fault) == (b"totals" * 100, None)


def test_a_body_is_bounded_packed_or_not() -> None:
    """A body beyond the bound, or one that unfolds beyond it, is truncated, not held."""
    bomb = gzip.compress(b"0" * 1_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    plain = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"0" * 5000
    for answer in (head + bomb, plain):
        serve, _ = answering(answer)
        response = talk(serve, lambda w, o: w.fetch(asking(o)), body_limit=4096)
        assert response.fault is Fault.TRUNCATED
        assert len(response.body) <= 4096


def test_nobody_listening_is_refused() -> None:
    """No connection means that not one byte was sent."""

    async def main() -> tuple[Response, int]:
        server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
        origin = Origin("127.0.0.1", server.sockets[0].getsockname()[1])
        server.close()
        await server.wait_closed()
        wire = Wire(connections=2)
        answers: list[Response] = []
        transfers = [wire.send(asking(origin), answers.append) for _ in range(5)]
        while len(answers) < 5:
            await asyncio.sleep(0.01)
        wire.close()
        assert {each.fault for each in answers} == {Fault.REFUSED}
        assert "refused" in wire.trouble[origin].lower()
        return answers[0], sum(each.sent for each in transfers)

    response, sent = uvloop.run(main())
    assert (response.fault, response.status, sent) == (Fault.REFUSED, 0, 0)


def test_a_kept_connection_found_closed_is_a_reset_and_not_sent_again() -> None:
    """The server takes the second request and hangs up: a reset, and it saw two requests."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await read_request(reader):
            seen.append(request)
            if len(seen) == 2:
                break
            writer.write(OK)
        writer.close()

    async def twice(wire: Wire, origin: Origin) -> tuple[Response, Response]:
        return await wire.fetch(asking(origin)), await wire.fetch(asking(origin))

    first, second = talk(serve, twice)
    assert first.fault is None
    assert (second.fault, second.status, len(seen)) == (Fault.RESET, 0, 2)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"not HTTP at all\r\n\r\n",
    ],
)
def test_part_of_an_answer_is_truncated(answer: bytes) -> None:
    """An answer that ends early, or is no answer, is never passed on as whole."""
    assert ask(answer, then_close=True).fault is Fault.TRUNCATED


def test_more_than_was_asked_for_ends_the_connection() -> None:
    """Bytes after an answer never become the answer to the next request."""
    smuggled = b"HTTP/1.1 200 OK\r\nX-Evil: 1\r\nContent-Length: 4\r\n\r\nevil"
    serve, seen = answering(OK + smuggled, OK)

    async def twice(wire: Wire, origin: Origin) -> tuple[Response, Response]:
        return await wire.fetch(asking(origin)), await wire.fetch(asking(origin))

    for response in talk(serve, twice):
        assert (response.body, response.fault) == (b"ok", None)
        assert not any(name == b"x-evil" for name, _ in response.headers)
    assert len(seen) == 2


def test_no_answer_in_time_is_a_timeout() -> None:
    """The time limit holds for the whole answer, however slowly it trickles in."""

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        with contextlib.suppress(ConnectionError):
            for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.01)
        writer.close()

    response = talk(trickle, lambda w, o: w.fetch(asking(o, timeout=0.1)))
    assert response.fault is Fault.TIMEOUT


def test_redirects_stay_on_the_origin_and_carry_cookies() -> None:
    """A form's redirect becomes a GET with the cookie it set; the final answer keeps both."""
    moved = (
        b"HTTP/1.1 302 Found\r\nLocation: /home?x=1\r\nSet-Cookie: sid=1; Path=/\r\n"
        b"Content-Length: 0\r\n\r\n"
    )
    serve, seen = answering(moved, OK)
    response = talk(serve, lambda w, o: w.fetch(asking(o, "POST", "/login", body=b"pin", follow=3)))
    assert seen[1] == b"GET /home?x=1 HTTP/1.1\r\nHost: x\r\nCookie: sid=1\r\n\r\n"
    assert (response.status, response.url) == (200, "/home?x=1")
    assert (b"set-cookie", b"sid=1; Path=/") in response.headers


@pytest.mark.parametrize(
    "location", [b"http://127.0.0.2/x", b"//evil.example/x", b"https://127.0.0.1/"]
)
def test_redirects_off_the_origin_are_the_answer(location: bytes) -> None:
    """A redirect to another host, scheme or port is handed back, not followed."""
    answer = b"HTTP/1.1 301 Moved\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % location
    assert ask(answer, follow=5).status == 301


def test_redirects_end_at_their_bound() -> None:
    """A loop of redirects ends as the redirect it is."""
    loop = b"HTTP/1.1 307 Temporary\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"
    serve, seen = answering(loop)
    response = talk(serve, lambda w, o: w.fetch(asking(o, "POST", body=b"x", follow=2)))
    assert (response.status, len(seen)) == (307, 3)
    assert seen[2].startswith(b"POST /again")
    assert seen[2].endswith(b"\r\n\r\nx")


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /evil HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\nHost: x\nX: y\r\n",
        b"GET / HTTP/1.1\r\nHost: x",
        b"GET / HTTP/1.1\r\nHost: x\rX: y\r\n",
    ],
)
def test_injected_heads_are_refused(head: bytes) -> None:
    """A head that would end early is refused before anything is sent."""
    serve, seen = answering(OK)
    with pytest.raises(HeadError, match="Nothing was sent"):
        talk(serve, lambda w, o: w.fetch(Request(o, "GET", head)))
    assert seen == []


@pytest.mark.parametrize(
    ("method", "path", "headers", "match"),
    [
        ("GET", "/a b", [], "percent-encode"),
        ("GET", "/a\r\nX: y", [], "percent-encode"),
        ("GE T", "/", [], "one word"),
        ("GET", "/", [("X", "a\r\nY: b")], "line end"),
        ("GET", "/", [("X: y\r\nZ", "a")], "letters"),
        ("GET", "/", [("Content-Length", "5")], "remove it"),
    ],
)
def test_heads_are_not_built_from_line_ends(
    method: str, path: str, headers: list[tuple[str, str]], match: str
) -> None:
    """Every part that could smuggle a line is refused, by name."""
    with pytest.raises(HeadError, match=match):
        request_head(method, path, headers)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key in the same file."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


def test_tls_trusts_its_own_ca_file_and_nothing_else(certificate: Path) -> None:
    """With the CA file the answer comes over TLS; without it not one byte is sent."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    serve, _ = answering(OK)
    trusting = talk(
        serve, lambda w, o: w.fetch(asking(o)), tls=tls, ca_file=certificate / "cert.pem"
    )
    assert trusting.body == b"ok"

    async def wary(wire: Wire, origin: Origin) -> tuple[Response, str]:
        return await wire.fetch(asking(origin)), wire.trouble[origin]

    response, why = talk(serve, wary, tls=tls)
    assert response.fault is Fault.REFUSED
    assert "certificate" in why.lower()


HEADERS = st.lists(
    st.tuples(
        st.from_regex(r"X-[A-Za-z]{1,8}", fullmatch=True),
        st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20),
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(
    headers=HEADERS,
    body=st.binary(max_size=300),
    chunks=st.lists(st.integers(1, 40), min_size=1, max_size=20),
    framing=st.sampled_from(["length", "chunked", "close"]),
    cuts=st.lists(st.integers(1, 60), max_size=12),
)
def test_an_answer_is_the_same_however_it_is_cut(
    headers: list[tuple[str, str]], body: bytes, chunks: list[int], framing: str, cuts: list[int]
) -> None:
    """Where segments and chunks begin and end never changes status, headers or body."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    head = b"HTTP/1.1 201 Created\r\n" + lines.encode()
    if framing == "length":
        data = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    elif framing == "close":
        data = head + b"\r\n" + body
    else:
        data, rest, turn = head + b"Transfer-Encoding: chunked\r\n\r\n", body, 0
        while rest:
            size = chunks[turn % len(chunks)]
            piece, rest, turn = rest[:size], rest[size:], turn + 1
            data += b"%x\r\n%b\r\n" % (len(piece), piece)
        data += b"0\r\n\r\n"

    response = parsed(data, cuts, closes=framing == "close")
    assert (response.status, response.body, response.fault) == (201, body, None)
    assert [each for each in response.headers if each[0].startswith(b"x-")] == [
        (name.lower().encode(), value.encode()) for name, value in headers
    ]


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200), cuts=st.lists(st.integers(1, 60), max_size=6))
@example(data=b"HTTP/1.0 000\r\n\r\n", cuts=[])  # the parser takes it; no answer has that status
@example(data=b"HTTP/1.1 099 x\r\nContent-Length: 0\r\n\r\n", cuts=[])
def test_noise_never_passes_for_an_answer(data: bytes, cuts: list[int]) -> None:
    """Arbitrary bytes end as a fault, and never as an exception."""
    assert parsed(data, cuts, closes=True).fault is not None


def parsed(data: bytes, cuts: list[int], *, closes: bool) -> Response:
    """Feed one connection an answer in pieces, without a network."""
    from harness.engine.connection import Connection, Transfer

    class Transport:
        def write(self, data: bytes) -> None: ...
        def abort(self) -> None: ...

    class Owner:
        def released(self, connection: Connection) -> None: ...
        def lost(self, connection: Connection) -> None: ...
        def finished(self, transfer: Transfer, response: Response) -> None:
            answers.append(response)

    answers: list[Response] = []
    connection = Connection(Owner(), 1 << 20, {})
    connection.connection_made(Transport())  # type: ignore[arg-type]
    connection.begin(Transfer(asking(Origin("x", 1)), lambda response: None, 1 << 62))
    while data:
        size = cuts.pop() if cuts else len(data)
        connection.data_received(data[:size])
        data = data[size:]
    if closes:
        connection.connection_lost(None)
    assert len(answers) == 1
    return answers[0]
