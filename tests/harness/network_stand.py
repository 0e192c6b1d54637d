"""Both ends of a bad network: a small app that notes what reaches it, and a person's connection."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

from pydantic import TypeAdapter

from harness.injects.model import InjectModel
from harness.injects.network_plan import Around, Line, NetworkPlan, plan_network

LONGEST = 20.0  # seconds to wait for what must come
ANSWER = b"recorded"


class App(ThreadingHTTPServer):
    """Answers everything with 200, and notes what it stored and how connections ended.

    Attributes:
        stored: Bodies of what was POSTed, in order.
        ends: ``closed`` or ``reset``, one for each connection that is over.
        answer: Its body.
        hangs_up: It closes a connection after an answer.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stored: list[bytes] = []
        self.ends: Queue[str] = Queue()
        self.answer = ANSWER
        self.hangs_up = False

    @property
    def upstream(self) -> str:
        """Where it is."""
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def line(self) -> Line:
        """As a proxy reaches it."""
        return Line(f"http://{self.upstream}", self.upstream, tls=False)

    def ended(self) -> str:
        """How the connection that ends next, or ended last, came to its end."""
        return self.ends.get(timeout=LONGEST)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # an answer is one piece
    server: App

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command != "GET":
            self.server.stored.append(body)
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.answer)))
        if self.server.hangs_up:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(self.server.answer)

    do_POST = do_PUT = do_GET

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.server.ends.put("reset")
        else:
            self.server.ends.put("closed")

    def finish(self) -> None:
        try:
            super().finish()
        except ConnectionError:
            return

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@contextmanager
def app_up() -> Iterator[App]:
    """The app, for as long as the block runs."""
    app = App()
    thread = threading.Thread(target=app.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield app
    finally:
        app.shutdown()
        thread.join()
        app.server_close()


class Caller:
    """A person's connection, kept until it is cut."""

    def __init__(self, address: str) -> None:
        self._line = http.client.HTTPConnection(address, timeout=LONGEST)

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *error: object) -> None:
        self._line.close()

    def ask(self, method: str = "POST", body: bytes = b"x", within: float = LONGEST) -> str:
        """Send a request on the connection; ``ok``, or what went wrong."""
        line = self._line
        try:
            if line.sock is None:
                line.connect()
            line.sock.settimeout(within)
            line.request(method, "/", body if method != "GET" else None)
            answer = line.getresponse()
            return "ok" if answer.status == 200 and answer.read() else "not ok"
        except (http.client.HTTPException, OSError) as error:
            line.close()
            return type(error).__name__


def injects(*told: dict[str, Any]) -> list[Any]:
    """Injects as a scenario says them, checked as a scenario's are."""
    hours = {"name": "bad", "begins": "19:10", "ends": "19:20", "share": 0.5}
    return TypeAdapter(list[InjectModel]).validate_python([{**hours, **each} for each in told])


def plan_of(app: App, folder: Path, *models: Any, seed: int = 1, **around: Any) -> NetworkPlan:
    """Open the proxies for these injects."""
    told = Around([app.line], seed, 60.0, folder, **around)
    return plan_network(models, lambda model: (600.0, 1200.0), told)
