"""The line that goes dead while a report is on its way, as a real browser lives through it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from starlette.responses import Response
from web_stand import CHAIR, NEEDS_BROWSER, VALUES, WEB, App, persona, report, target_of

from harness import practice
from harness.bench import open_bench
from harness.channels.web.cut import LineCutter
from harness.channels.web.trial import errands, try_out
from harness.scenario import load_scenario
from simulators.plan import Plan
from simulators.plans import plan_of


def in_a_browser(test: Callable[..., None]) -> Callable[..., None]:
    """A test that needs one, and some seconds."""
    return NEEDS_BROWSER(pytest.mark.slow(test))


@pytest.fixture
def app() -> Iterator[App]:
    with App().up(timeout_keep_alive=75) as app:  # longer than anybody takes to type
        yield app


@in_a_browser
def test_a_browser_sends_it_twice(app: App, tmp_path: Path) -> None:
    """On a connection that was used before, Chromium sends the report again by itself.

    The persona taps once; the server gets two, and the page says that it was received.
    """
    tried = report(app, persona("cut-off"), tmp_path)
    assert [each["attendance"] for each in app.sent] == ["12", "12"]
    assert tried.ended["submit_report"].detail == "received"


@in_a_browser
def test_the_page_says_so_on_a_new_connection(app: App, tmp_path: Path) -> None:
    """On a connection of its own there is one report, and nobody knows of it."""
    app.hangs_up = True  # after each answer, so that no connection is used twice
    tried = report(app, persona("cut-off"), tmp_path)
    assert len(app.sent) == 1
    assert tried.ended["submit_report"].answer_class == "no_answer"


@in_a_browser
@pytest.mark.parametrize("action", ["/send", "/"])
def test_whoever_saw_no_page_comes_back_and_sends_it_again(
    app: App, tmp_path: Path, action: str
) -> None:
    """The browser's own page says that none came; behind it is the form, or what was before it.

    Chromium keeps a form and what became of sending it to its own address as one page.
    """
    app.hangs_up = True
    app.page = app.page.replace("/send", action)
    web = deepcopy(WEB)
    del web["operations"]["submit_report"]["steps"][0]  # as where signing in leads to the form
    (sending,) = [each for each in errands(CHAIR, VALUES) if each.kind == "submit_report"]
    tries = [sending, replace(sending, attempt=2)]
    tried = try_out(target_of(app.port, web), persona("cut-off"), tries, tmp_path, speed=60.0)
    assert tried.ended["submit_report"].detail == "received"
    assert [each["attendance"] for each in app.sent] == ["12", "12"]


def test_a_cut_falls_after_the_request_and_before_its_answer(app: App) -> None:
    """Armed, it lets a read pass, hands one write over, and hangs up without a byte of answer."""
    app.answer = lambda form: Response("ok")
    got = asyncio.run(_through_a_cutter(app))
    assert got == [b"HTTP/1.1 200", b"", b"HTTP/1.1 200"]
    assert [each["n"] for each in app.sent] == ["0", "1"]


def test_only_the_target_is_reached_through_it(app: App) -> None:
    """The proxy goes to the target's own addresses and to no other."""

    async def ask() -> bytes:
        cutter = LineCutter(["127.0.0.1:1"], {})
        await cutter.start()
        try:
            return await _ask(cutter, app.port, b"GET", 0)
        finally:
            await cutter.close()

    assert asyncio.run(ask()) == b"HTTP/1.1 403"


async def _through_a_cutter(app: App) -> list[bytes]:
    cutter = LineCutter([f"127.0.0.1:{app.port}"], {})
    await cutter.start()
    cutter.arm()
    try:
        read = await _ask(cutter, app.port, b"GET", 9)
        return [read, *[await _ask(cutter, app.port, b"POST", n) for n in range(2)]]
    finally:
        await cutter.close()


async def _ask(cutter: LineCutter, port: int, method: bytes, number: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(cutter.url.rsplit(":", 1)[1]))
    body = b"n=%d" % number if method == b"POST" else b""
    writer.write(
        b"%s http://127.0.0.1:%d/send HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nProxy-Connection: x\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n"
        b"Connection: close\r\n\r\n%s" % (method, port, port, len(body), body)
    )
    try:
        return (await reader.read(4096))[:12]
    except ConnectionError:
        return b""
    finally:
        writer.close()


@in_a_browser
@pytest.mark.parametrize("defects", [(), ("no_idempotency",)])
def test_the_second_post_is_a_second_report_only_without_keys(
    tmp_path: Path, defects: tuple[str, ...]
) -> None:
    """The practice app takes it for the first one; with the defect, read-back shows two."""
    practice.secret_for("reporting")
    scenario = load_scenario("iowa-caucus-training")
    plan = plan_of(scenario.night("rehearsal", seed=5, scale=0.2))
    assert isinstance(plan, Plan)
    bench = open_bench(
        "practice/reporting", folder=tmp_path, run="r", plan=plan, speed=60.0, defects=defects
    )
    row = next(row for row in range(len(plan.records)) if row not in plan.personas)
    chair, values = plan.chairs.person(row), plan.errand(row).worksheet
    with bench.standing():
        bench.prepare(plan)
        tried = try_out(bench.target, persona("cut-off"), errands(chair, values)[:2], tmp_path)
        held = bench.read("settled").table
    assert tried.ended["submit_report"].detail == "received"
    mine = (pl.col("record") == chair.record) & (pl.col("source").cast(pl.String) == "records")
    assert held.filter(mine).height == 1 + len(defects)
