"""A target that speaks TLS goes by ways, too: its certificate is checked, and nothing is read."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import trustme
from network_stand import injects

from harness.engine.order import read_order
from harness.engine.wire import Wire
from harness.injects.network_plan import Around, Line, plan_network
from harness.target.wire import Origin, Request, Response

AUTHORITY = trustme.CA()
TOLD = (
    {"name": "slow", "kind": "network.latency", "latency_ms": 30, "way": "carrier"},
    {"name": "cut", "kind": "network.cut_answers", "every": 1, "way": "carrier"},
)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    await writer.drain()
    writer.close()


def test_its_people_reach_it_by_its_name_through_the_proxy(tmp_path: Path) -> None:
    """Latency is played; what would have to be read is not drilled, by name."""
    AUTHORITY.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert("app.example.org").configure_cert(tls)

    async def fetch() -> tuple[Response, int, tuple[str, ...]]:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
        origin = Origin("app.example.org", server.sockets[0].getsockname()[1], tls=True)
        url = f"https://app.example.org:{origin.port}"
        around = Around([Line(url, f"127.0.0.1:{origin.port}", tls=True)], 1, 1.0, tmp_path)
        plan = await asyncio.to_thread(plan_network, injects(*TOLD), lambda _: (0.0, 1.0), around)
        (fault,), (detour,) = plan.faults, plan.detours
        order = read_order(
            {
                "folder": tmp_path, "shard": 0, "shards": 1, "seed": 1, "speed": 1,
                "ends_drill": 1, "run": "r", "ways": [detour.told()],
            }
        )  # fmt: skip
        (way,) = order.ways
        addresses = {"app.example.org": "127.0.0.9", **way.addresses}
        wire = Wire(ca_file=tmp_path / "ca.pem", addresses=addresses)
        await asyncio.to_thread(fault.begin)
        head = b"GET / HTTP/1.1\r\nHost: app.example.org\r\n"
        got: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        wire.send(Request(origin, "GET", head), got.set_result, origin=way.through[origin])
        response = await got
        wire.close()
        await asyncio.to_thread(fault.finish)
        fault.close()
        server.close()
        return response, fault.touched, tuple(plan.not_drilled)

    response, touched, not_drilled = asyncio.run(fetch())
    assert (response.status, response.body, response.fault) == (200, b"ok", None)
    assert touched > 2  # the handshake, too
    assert not_drilled == ("cut: the target speaks TLS, which nobody can read",)
