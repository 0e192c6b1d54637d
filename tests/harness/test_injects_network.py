"""The proxy that loses answers, driven by real sockets on loopback."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.injects.network import CutAnswers


class _App(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stored: list[bytes]

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command == "POST":
            self.server.stored.append(body)  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_GET = do_POST = _answer

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def app() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _App)
    server.daemon_threads = True
    server.stored = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def inject(app: ThreadingHTTPServer) -> Iterator[CutAnswers]:
    cut = CutAnswers("cut", 0, 10, every=2, upstream=("127.0.0.1", app.server_address[1]))
    cut.open()
    yield cut
    cut.close()


def _send(port: int, method: str, body: bytes = b"") -> bool:
    """True if an answer came back."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, "/", body)
        return connection.getresponse().read() == b"ok"
    except (http.client.HTTPException, ConnectionError):
        return False
    finally:
        connection.close()


def test_every_second_answer_to_a_write_is_cut_after_the_app_stored_it(
    app: ThreadingHTTPServer, inject: CutAnswers
) -> None:
    """The app has all four reports; two people never heard of it."""
    inject.begin()
    answered = [_send(inject.port, "POST", b"%d" % n) for n in range(4)]
    inject.finish()
    assert answered == [True, False, True, False]
    assert app.stored == [b"0", b"1", b"2", b"3"]  # type: ignore[attr-defined]
    assert inject.touched == 2


def test_reads_and_everything_outside_its_hours_pass(
    app: ThreadingHTTPServer, inject: CutAnswers
) -> None:
    """Only writes are cut, and only while it is on."""
    assert all(_send(inject.port, "POST", b"x") for _ in range(3))
    inject.begin()
    assert all(_send(inject.port, "GET") for _ in range(3))
    inject.finish()
    assert all(_send(inject.port, "POST", b"x") for _ in range(3))
    assert inject.touched == 0


def test_the_proxy_ends_with_its_controller(inject: CutAnswers) -> None:
    """Closing its standard input is enough: nothing listens any more."""
    port = inject.port
    inject.close()
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 1):
        pass


def test_a_dead_app_looks_dead_through_the_proxy() -> None:
    """The proxy adds no answer of its own."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    cut = CutAnswers("cut", 0, 10, every=2, upstream=("127.0.0.1", port))
    cut.open()
    try:
        assert not _send(cut.port, "GET")
    finally:
        cut.close()
