"""The seed decides what each connection suffers, whatever other connections do."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from network_stand import App, Caller, app_up, injects, plan_of

from harness.injects.proxy.link import Link
from harness.injects.proxy.proxy import Proxy
from harness.injects.proxy.stage import Stage
from harness.injects.proxy.toxic import Toxic, ToxicModel

CUT = {"kind": "network.cut_answers", "every": 3}


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    with app_up() as app:
        yield app


def cuts(app: App, folder: Path, seed: int, busy: int) -> list[list[int]]:
    """For 12 connections, at which of their answers each is cut; the first is busier by some."""
    plan = plan_of(app, folder, *injects(CUT), seed=seed)
    (fault,), (detour,) = plan.faults, plan.detours
    address = detour.through[app.line.url]
    try:
        fault.begin()
        seen = []
        for number in range(12):
            with Caller(address) as caller:
                said = [caller.ask("GET") for _ in range(busy if number == 0 else 0)]
                assert all(each == "ok" for each in said)
                answers: list[int] = []
                while caller.ask() == "ok":
                    answers.append(len(answers))
                seen.append(answers)
        return seen
    finally:
        fault.finish()
        fault.close()


def test_the_same_seed_cuts_the_same_answers(app: App, tmp_path: Path) -> None:
    """Reads on another connection change nothing; another seed changes which."""
    first = cuts(app, tmp_path, seed=7, busy=0)
    assert cuts(app, tmp_path, seed=7, busy=25) == first
    assert cuts(app, tmp_path, seed=8, busy=0) != first
    assert len({len(each) for each in first}) > 1  # not each at the same answer


def test_one_in_so_many_is_cut_on_long_connections_and_on_short_ones(app: App) -> None:
    """A third of the answers, whether a connection carries one of them or many."""
    told = ToxicModel(type="cut_answers", attributes={"every": 3})

    async def count(each: int) -> float:
        proxy, cut = Proxy("p", ("127.0.0.1", 0), ("127.0.0.1", 1), seed=1), 0
        for at in range(3000):
            connection = _FakeConnection(proxy, at)
            stage = Toxic(told).kind(Toxic(told), cast("Link", connection), connection.rng())
            stage.next = _Sink()
            for _ in range(each):
                connection.requests += 1
                stage.take(b"HTTP/1.1 200 OK\r\n\r\n")
                if connection.over:
                    break
            cut += connection.over
        return cut / 3000

    for each in (1, 5):
        expected = 1 - (2 / 3) ** each
        assert abs(asyncio.run(count(each)) - expected) < 0.04  # four standard deviations


class _FakeConnection:
    """As much of a link and its connection as the toxic sees."""

    word = b"POST"
    answered = True

    def __init__(self, proxy: Proxy, number: int) -> None:
        self.proxy, self.number = proxy, number
        self.connection, self.requests, self.over = self, 0, False

    def rng(self) -> random.Random:
        return random.Random(f"{self.proxy.seed}/{self.number}")

    def reset(self) -> None:
        self.over = True


class _Sink:
    """Takes what comes out of a stage, and when."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.over = False

    def take(self, data: bytes) -> None:
        self.got.append(data)

    def end(self) -> None:
        self.over = True


class _Link:
    """A link that is weighed and nothing more."""

    def __init__(self) -> None:
        self.most = 0

    def weigh(self, stage: Stage) -> None:
        self.most = max(self.most, stage.held)


def stage_of(kind: str, seed: int, **attributes: Any) -> tuple[Stage, _Sink, _Link]:
    """A stage by itself."""
    toxic, link, sink = Toxic(ToxicModel(type=kind, attributes=attributes)), _Link(), _Sink()
    stage = toxic.kind(toxic, cast("Link", link), random.Random(seed))
    stage.next = sink
    return stage, sink, link


def test_slices_are_drawn_by_the_seed_and_nothing_is_lost() -> None:
    """Around the average, no further off than the variation, and in order."""

    async def slices(seed: int) -> list[bytes]:
        stage, sink, _ = stage_of("slicer", seed, average_size=20, size_variation=5, delay=100)
        stage.take(bytes(range(250)))
        stage.end()
        stage.let_go()
        assert sink.over
        return sink.got

    first = asyncio.run(slices(1))
    assert b"".join(first) == bytes(range(250))
    assert all(15 <= len(each) <= 25 for each in first[:-1])
    assert asyncio.run(slices(1)) == first
    assert asyncio.run(slices(2)) != first


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        ("latency", {"latency": 50, "jitter": 50}),
        ("loss", {"share": 0.5}),
        ("bandwidth", {"rate": 1}),
        ("slicer", {"average_size": 7, "delay": 1000}),
    ],
)
def test_what_is_held_comes_out_in_order_and_all_of_it(
    kind: str, attributes: dict[str, Any]
) -> None:
    """Whatever a toxic draws, no byte overtakes another, and the end comes last."""

    async def through() -> tuple[bytes, bool, int]:
        stage, sink, link = stage_of(kind, 3, **attributes)
        for n in range(50):
            stage.take(b"%02d" % n)
        stage.end()
        assert not sink.over
        stage.let_go()
        assert stage.held == 0
        return b"".join(sink.got), sink.over, link.most

    got, over, most = asyncio.run(through())
    assert got == b"".join(b"%02d" % n for n in range(50))
    assert over
    assert 0 < most <= 100


def test_nobody_reads_ahead_of_a_full_stage() -> None:
    """Above its room the link reads no more; at half of it, it reads again."""

    async def read() -> list[str]:
        proxy = Proxy("p", ("127.0.0.1", 0), ("127.0.0.1", 1), seed=1)
        protocol = cast("Any", proxy._meet())
        link, steps = protocol.connection.up, list[str]()
        source, target = _Socket(steps), _Socket([])
        link.join(cast("Any", source), cast("Any", target))
        toxic = Toxic(ToxicModel(type="bandwidth", stream="upstream", attributes={"rate": 1}))
        link.add(toxic.kind(toxic, link, random.Random(1)))
        steps.clear()
        link.push(bytes(60_000))
        assert steps == []
        link.push(bytes(60_000))
        assert steps == ["pause"]
        link.remove(link._stages[0])
        assert target.written == 120_000
        link.block(blocked=True)
        link.block(blocked=False)
        return steps

    assert asyncio.run(read()) == ["pause", "resume", "resume", "pause", "resume"]


class _Socket:
    """A transport that notes what is asked of it."""

    def __init__(self, steps: list[str]) -> None:
        self.steps, self.written = steps, 0

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self.steps.append("pause")

    def resume_reading(self) -> None:
        self.steps.append("resume")

    def write(self, data: bytes) -> None:
        self.written += len(data)
