"""What the network's proxy adds to a request that no toxic touches, beside a direct connection.

One client asks one small HTTP server for the same short answer, directly and through the proxy,
by turns on two kept connections, so that whatever else the machine does falls on both alike. The
server, the proxy and the client are three processes, as in a drill. Run with
``pytest tests/benchmarks/test_proxy_overhead.py --benchmark-only``.
"""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter_ns

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from harness.channels.child import Child
from harness.injects.network_plan import MODULE
from harness.injects.toxiproxy import Toxiproxy

MOST = 0.3  # milliseconds at the median
ASKS = 3000
REQUEST = b"POST /reports HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\n\r\n" + b"x" * 400
SERVER = """
import asyncio, sys, uvloop
ANSWER = b"HTTP/1.1 201 Created\\r\\nContent-Length: 20\\r\\n\\r\\n" + b"y" * 20
class App(asyncio.Protocol):
    def connection_made(self, transport): self.transport = transport
    def data_received(self, data): self.transport.write(ANSWER)
async def serve():
    server = await asyncio.get_running_loop().create_server(App, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
uvloop.run(serve())
"""


@pytest.fixture
def places(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Where the server is, and the proxy in front of it."""
    app = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert app.stdout is not None
    direct = f"127.0.0.1:{int(app.stdout.readline())}"
    child = Child(MODULE, "the proxy")
    server = Toxiproxy(str(child.start(b'{"seed": 1}\n', tmp_path)["control"]))
    yield direct, server.make("p", direct)
    child.close()
    app.communicate(timeout=20)


def test_the_proxy_adds_less_than_a_third_of_a_millisecond(
    places: tuple[str, str], benchmark: BenchmarkFixture
) -> None:
    """At the median, with no toxic on; both figures go into the benchmark's extra figures."""
    lines = [_connected(place) for place in places]
    for line in lines * 100:
        _ask(line)  # warm
    times: tuple[list[int], list[int]] = ([], [])

    def ask_by_turns() -> None:
        for _ in range(ASKS):
            for line, took in zip(lines, times, strict=True):
                took.append(_ask(line))

    benchmark.pedantic(ask_by_turns, rounds=1)
    direct, through = (statistics.median(took) / 1e6 for took in times)
    slow = [statistics.quantiles(took, n=100)[98] / 1e6 for took in times]
    benchmark.extra_info.update(
        direct_p50_ms=round(direct, 4), through_p50_ms=round(through, 4),
        added_p50_ms=round(through - direct, 4), direct_p99_ms=round(slow[0], 4),
        through_p99_ms=round(slow[1], 4),
    )  # fmt: skip
    print(f"\np50 {direct:.3f} ms direct, {through:.3f} ms through, {through - direct:.3f} added")  # noqa: T201 - the figure is what it is run for
    assert through - direct < MOST
    for line in lines:
        line.close()


def _connected(place: str) -> socket.socket:
    host, _, port = place.rpartition(":")
    line = socket.create_connection((host, int(port)), 20)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def _ask(line: socket.socket) -> int:
    """Nanoseconds from the request to its answer, which comes in one piece."""
    began = perf_counter_ns()
    line.sendall(REQUEST)
    line.recv(65_536)
    return perf_counter_ns() - began
