"""A Toxiproxy server takes the place of our own proxy.

The fake speaks as release 2.9.0 does: its toxics and no others, its fields and no others, whole
numbers only, and a name that is taken is refused but by ``/populate``.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import uvicorn
from network_stand import App, Caller, app_up, injects, plan_of
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from harness.injects import lease
from harness.injects.lease import Leases, undo_all
from harness.injects.proxy.control import Control
from harness.injects.proxy.toxic import ToxicError
from harness.injects.proxy.toxics import THEIRS
from harness.injects.toxiproxy import ToxiproxyError, forget_proxies
from harness.target import TargetError, load_target
from simulators.line_model import goes_through

TOXICS = {each.kind for each in THEIRS}


class Toxiproxy(Control):
    """The fake: what our proxy is without what Toxiproxy lacks.

    Attributes:
        control: Where its API is.
    """

    control = ""

    async def version(self, request: Request) -> Response:
        """Its own."""
        return JSONResponse({"version": "2.9.0"})

    async def add_toxic(self, request: Request) -> Response:
        """Of its own kinds only."""
        if orjson.loads(await request.body())["type"] not in TOXICS:
            raise ToxicError("invalid toxic type")
        return _plain(await super().add_toxic(request))

    async def show_toxic(self, request: Request) -> Response:
        """Without a count."""
        return _plain(await super().show_toxic(request))


def _plain(answer: Response) -> Response:
    told = orjson.loads(answer.body)
    del told["touched"]
    return JSONResponse(told)


@contextmanager
def toxiproxy_up() -> Iterator[Toxiproxy]:
    """The fake, for as long as the block runs."""
    fake = Toxiproxy(seed=1)
    config = uvicorn.Config(fake.app(), log_level="warning", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    up = threading.Event()

    async def serve() -> None:
        task = asyncio.ensure_future(server.serve())
        while not server.started:
            await asyncio.sleep(0.005)
        fake.control = f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        up.set()
        await task
        fake.close()

    config.port = 0
    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert up.wait(20.0)
        yield fake
    finally:
        server.should_exit = server.force_exit = True
        thread.join()


@pytest.fixture
def app() -> Iterator[App]:
    with app_up() as app:
        yield app


@pytest.fixture
def fake() -> Iterator[Toxiproxy]:
    with toxiproxy_up() as fake:
        yield fake


TOLD: tuple[dict[str, Any], ...] = (
    {"name": "slow", "kind": "network.latency", "latency_ms": 40, "way": "carrier"},
    {"name": "dead", "kind": "network.black_hole", "way": "carrier"},
    {"name": "cut", "kind": "network.cut_answers", "every": 1, "way": "carrier"},
    {"name": "lossy", "kind": "network.loss", "loss": 0.1, "share": 0.2},
)


def test_what_it_has_is_played_and_what_it_lacks_is_not_drilled(
    app: App, fake: Toxiproxy, tmp_path: Path
) -> None:
    """By name; a way that nothing can be played on gets no proxy, and the drill leaves none."""
    plan = plan_of(app, tmp_path, *injects(*TOLD), toxiproxy=fake.control)
    assert plan.not_drilled == [
        "cut: no Toxiproxy server has network.cut_answers",
        "lossy: no Toxiproxy server has network.loss",
    ]
    (detour,) = plan.detours
    assert (detour.way.name, list(fake.proxies)) == ("carrier", ["drillhall-0-carrier-0"])
    slow, dead = plan.faults
    with Caller(detour.through[app.line.url]) as caller:
        assert caller.ask() == "ok"
        slow.begin()
        assert caller.ask() == "ok"
        slow.finish()
        dead.begin()
        assert caller.ask(within=0.2) == "TimeoutError"
        dead.finish()
        assert caller.ask() == "ok"
    for fault in plan.faults:
        assert fake.proxies
        fault.close()
    assert not fake.proxies


def test_what_it_does_not_count_the_ledger_counts(
    app: App, fake: Toxiproxy, tmp_path: Path
) -> None:
    """Operations that people of the way began in the fault's hours, and no others."""
    plan = plan_of(app, tmp_path, *injects(TOLD[0]), toxiproxy=fake.control)
    (fault,) = plan.faults
    fault.begin()
    fault.finish()
    ledger = tmp_path / "ledger" / "engine-00.jsonl"
    ledger.parent.mkdir()
    hours = [(who, drill) for who in range(40) for drill in (599, 601, 1199, 1201)]
    ledger.write_bytes(
        b"".join(
            b'{"k":"intent","n":%d,"who":%d,"released":%d}\n' % (n, who, drill / 60 * 1e9)
            for n, (who, drill) in enumerate(hours)
        )
    )
    fault.close()
    assert fault.touched == 2 * sum(goes_through(who, 0.5) for who in range(40))
    assert fault.detail == f"{fault.touched} operations of the people on it meanwhile"


def test_what_a_killed_drill_left_there_is_removed(
    app: App, fake: Toxiproxy, tmp_path: Path
) -> None:
    """The lease is on the disk before the first proxy is made, and is enough to undo it."""
    leases = Leases("run", folder=tmp_path)
    leases.begin()
    plan = plan_of(app, tmp_path, *injects(TOLD[0]), toxiproxy=fake.control, leases=leases)
    plan.faults[0].begin()
    (left,) = lease.left_behind(tmp_path)
    assert [each.do for each in left.open.values()] == ["toxiproxy.forget"]
    assert fake.proxies
    done, failed = undo_all(left.path)
    assert not failed
    assert "removes the proxies" in done[0]
    assert not fake.proxies


def test_a_server_that_does_not_answer_now_is_not_taken_for_gone() -> None:
    """Its proxies may well be there still; where nobody listens there are none."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        control = "{}:{}".format(*silent.getsockname())
        hangs_up = threading.Thread(target=lambda: silent.accept()[0].close())
        hangs_up.start()
        with pytest.raises(ToxiproxyError, match="does not answer"):
            forget_proxies(control, ["one"])
        hangs_up.join()
    forget_proxies(control, ["one"])


def test_without_the_server_nothing_is_drilled_and_it_says_why(app: App, tmp_path: Path) -> None:
    """The faults are named, with the address that does not answer."""
    plan = plan_of(app, tmp_path, *injects(TOLD[0]), toxiproxy="127.0.0.1:9")
    assert (plan.faults, plan.detours) == ([], [])
    (why,) = plan.not_drilled
    assert why.startswith("slow: 127.0.0.1:9 does not answer")


TARGET = {
    "name": "x", "base_url": "http://127.0.0.1:1",
    "classes": [{"class": "accepted", "status": 201}],
    "operations": {"submit_report": {"request": {"path": "/reports"}}},
}  # fmt: skip


def test_the_description_names_it() -> None:
    """By its control API, which must be on this machine: people's traffic goes through it."""
    described = load_target({**TARGET, "network": {"toxiproxy": "http://127.0.0.1:8474"}})
    assert described.description.network is not None
    assert described.description.network.control == "127.0.0.1:8474"
    with pytest.raises(TargetError, match=r"network\.toxiproxy.*a proxy on this machine only"):
        load_target({**TARGET, "network": {"toxiproxy": "http://proxy.example.org:8474"}})
