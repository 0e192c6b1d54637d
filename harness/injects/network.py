"""Answers lost on the way: a loopback TCP proxy that cuts connections once a request arrived.

The request reaches the app and is applied; the answer never reaches the person. Nobody can tell
the two apart from where they stand, which is why a retry must carry the same operation key.

The proxy is a process of its own (``python -P -m harness.injects.network``): it reads one JSON
order a line on standard input, answers with one JSON line on standard output, and ends when its
input does, so nothing of it outlives the drill.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import cast

WRITES = (b"POST", b"PUT ", b"PATC", b"DELE")


@dataclass
class CutAnswers:
    """The inject: while it is on, every ``every``-th answer to a write is cut.

    Args:
        name: As in the scenario.
        start: Drill seconds when it begins.
        end: Drill seconds when it ends.
        every: 1 cuts each answer, 3 each third one.
        upstream: Host and port of the target.
    """

    name: str
    start: float
    end: float
    every: int
    upstream: tuple[str, int]
    kind: str = "network.cut_answers"
    touched: int = 0
    detail: str = ""
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    port: int = 0

    def open(self) -> int:
        """Start the proxy, passing everything through, and return its port on 127.0.0.1."""
        host, port = self.upstream
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "harness.injects.network", host, str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=True,
        )
        self.port = int(self._answer()["port"])
        return self.port

    def begin(self) -> None:
        """Cut from now on."""
        self._order(every=self.every)

    def finish(self) -> None:
        """Pass everything through again; harmless when it is not on."""
        if self._process is not None and self._process.poll() is None:
            self.touched = int(self._order(every=0)["cut"])
            self.detail = f"{self.touched} answers cut after the request had arrived"

    def close(self) -> None:
        """End the proxy."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None

    def _order(self, **order: int) -> dict[str, int]:
        assert self._process is not None
        assert self._process.stdin is not None
        with self._lock:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            return self._answer()

    def _answer(self) -> dict[str, int]:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"inject {self.name}: the proxy ended by itself.")
        answer: dict[str, int] = json.loads(line)
        return answer


class Proxy:
    """Passes bytes both ways and counts the answers to writes."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.every = 0  # 0 passes everything
        self.cut = 0
        self._seen = 0

    def cuts_next(self) -> bool:
        """Whether the answer that begins now is one to cut."""
        if not self.every:
            return False
        self._seen += 1
        if self._seen % self.every:
            return False
        self.cut += 1
        return True


class _Downstream(asyncio.Protocol):
    """The side of the person: forwards what they send once the app's side is connected."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.upstream: _Upstream | None = None
        self.early: list[bytes] = []
        self.answering = True  # so that the first bytes count as a new request
        self.write = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.task = asyncio.ensure_future(self._connect())

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: _Upstream(self), self.proxy.host, self.proxy.port)
        except OSError:
            self.transport.abort()  # the app is down: so it is for everyone

    def connected(self, upstream: _Upstream) -> None:
        """The app's side is there: hand it what came early."""
        self.upstream = upstream
        for data in self.early:
            upstream.transport.write(data)
        self.early.clear()
        if self.transport.is_closing():
            upstream.transport.close()

    def data_received(self, data: bytes) -> None:
        if self.answering:
            self.answering = False
            self.write = data[:4] in WRITES
        if self.upstream is None:
            self.early.append(data)
        else:
            self.upstream.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.upstream is not None:
            self.upstream.transport.close()


class _Upstream(asyncio.Protocol):
    """The side of the app: its answers go back, or are cut."""

    def __init__(self, down: _Downstream) -> None:
        self.down = down

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.down.connected(self)

    def data_received(self, data: bytes) -> None:
        down = self.down
        if not down.answering:
            down.answering = True
            if down.write and down.proxy.cuts_next():
                down.transport.abort()
                self.transport.abort()
                return
        down.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.down.transport.close()


async def serve(host: str, port: int) -> None:
    """Listen on a free port, say which, and follow the orders on standard input until it ends."""
    import signal

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, lambda: None)  # the drill decides when we end
    proxy = Proxy(host, port)
    server = await loop.create_server(lambda: _Downstream(proxy), "127.0.0.1", 0)
    _say({"port": server.sockets[0].getsockname()[1]})
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        proxy.every = int(json.loads(line)["every"])
        _say({"cut": proxy.cut})
    server.close()


def _say(message: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(sys.argv[1], int(sys.argv[2])))
