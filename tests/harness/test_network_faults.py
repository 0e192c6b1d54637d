"""Each way in which a network goes wrong, seen from both of its ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from network_stand import App, Caller, app_up, injects, plan_of

from harness.injects.network import NetworkFault
from harness.injects.schedule import Schedule

KINDS: dict[str, dict[str, Any]] = {
    "network.cut_answers": {"every": 1},
    "network.latency": {"latency_ms": 60, "jitter_ms": 20},
    "network.loss": {"loss": 0.99},
    "network.bandwidth": {"kb_per_second": 20},
    "network.slow_close": {"delay_ms": 80},
    "network.reset": {"after_ms": 0},
    "network.black_hole": {},
    "network.cut_after": {"bytes": 40},
}


@pytest.fixture
def app() -> Iterator[App]:
    with app_up() as app:
        yield app


@contextmanager
def bad(app: App, folder: Path, kind: str, **changes: Any) -> Iterator[tuple[NetworkFault, str]]:
    """The fault, not yet on, and the address of its people's proxy."""
    plan = plan_of(app, folder, *injects({"kind": kind, **KINDS[kind], **changes}))
    (fault,), (detour,) = plan.faults, plan.detours
    try:
        yield fault, detour.through[app.line.url]
    finally:
        fault.finish()
        fault.close()


def timed(caller: Caller, method: str = "POST") -> tuple[str, float]:
    began = time.monotonic()
    return caller.ask(method), time.monotonic() - began


def test_answers_to_writes_are_cut_after_the_request_arrived(app: App, tmp_path: Path) -> None:
    """The app has the report and the person does not know; reads pass, on the same connection."""
    with bad(app, tmp_path, "network.cut_answers") as (fault, address), Caller(address) as caller:
        assert caller.ask(body=b"before") == "ok"
        fault.begin()
        assert caller.ask("GET") == "ok"
        assert caller.ask(body=b"cut") == "ConnectionResetError"
        assert app.ended() == "reset"
        assert caller.ask("PUT", b"cut, too") == "ConnectionResetError"
        fault.finish()
        assert caller.ask(body=b"after") == "ok"
    assert app.stored == [b"before", b"cut", b"cut, too", b"after"]
    assert (fault.touched, fault.detail) == (2, "2 answers cut after the request had arrived")


def test_an_answer_that_has_begun_is_not_cut(app: App, tmp_path: Path) -> None:
    """The toxic takes hold of an open connection between two answers, not within one."""
    app.answer = b"long" * 2_000_000
    with bad(app, tmp_path, "network.cut_answers") as (fault, address), Caller(address) as caller:
        caller._line.request("POST", "/", b"x")
        answer = caller._line.getresponse()
        fault.begin()
        assert len(answer.read()) == len(app.answer)
        assert caller.ask() == "ConnectionResetError"


def test_latency_is_paid_each_way_on_open_connections_too(app: App, tmp_path: Path) -> None:
    """At least twice forty milliseconds; without it nobody waits for anything."""
    with bad(app, tmp_path, "network.latency") as (fault, address), Caller(address) as caller:
        assert caller.ask() == "ok"
        fault.begin()
        said, waited = timed(caller)
        assert said == "ok"
        assert waited >= 2 * 0.039  # the loop's clock counts whole milliseconds
        fault.finish()
        assert caller.ask() == "ok"
    assert fault.touched >= 2
    assert len(app.stored) == 3


def test_lost_pieces_come_again_and_at_once_when_all_is_well(app: App, tmp_path: Path) -> None:
    """With nearly everything lost nothing comes for minutes; removed, all of it comes at once."""
    with bad(app, tmp_path, "network.loss") as (fault, address), Caller(address) as caller:
        assert caller.ask() == "ok"
        fault.begin()
        said: list[str] = []
        asking = threading.Thread(target=lambda: said.append(caller.ask()))
        asking.start()
        asking.join(0.3)
        assert not said
        fault.finish()
        asking.join(20.0)
        assert said == ["ok"]
    assert fault.touched >= 1
    assert len(app.stored) == 2


def test_a_narrow_line_takes_its_time(app: App, tmp_path: Path) -> None:
    """Ten kilobytes at twenty a second take half a second; not a byte is lost."""
    app.answer = bytes(10_000)
    with bad(app, tmp_path, "network.bandwidth") as (fault, address), Caller(address) as caller:
        fault.begin()
        said, waited = timed(caller, "GET")
        assert (said, waited >= 0.49) == ("ok", True)
        fault.finish()
    assert fault.touched >= 2


def test_a_connection_that_is_over_stays_open(app: App, tmp_path: Path) -> None:
    """The app hangs up, and the person hears of it later."""
    app.hangs_up = True
    with bad(app, tmp_path, "network.slow_close") as (fault, address), Caller(address) as caller:
        fault.begin()
        caller._line.request("GET", "/")
        line = caller._line.sock
        while b"recorded" not in line.recv(65_536):
            pass
        began = time.monotonic()
        assert line.recv(1) == b""
        assert time.monotonic() - began >= 0.05
        fault.finish()
    assert fault.touched >= 1


def test_a_reset_leaves_the_app_without_the_request(app: App, tmp_path: Path) -> None:
    """Both ends see a reset, on a connection that was open before, too."""
    with bad(app, tmp_path, "network.reset") as (fault, address), Caller(address) as caller:
        assert caller.ask(body=b"before") == "ok"
        fault.begin()
        assert caller.ask(body=b"lost") == "ConnectionResetError"
        assert app.ended() == "reset"
        assert caller.ask(body=b"lost") == "ConnectionResetError"
        fault.finish()
        assert caller.ask(body=b"after") == "ok"
    assert app.stored == [b"before", b"after"]
    assert fault.touched == 2


def test_a_black_hole_swallows_everything_and_closes_nothing(app: App, tmp_path: Path) -> None:
    """The person waits until they give up; afterwards the connection has no sense, and ends."""
    with bad(app, tmp_path, "network.black_hole") as (fault, address):
        with Caller(address) as patient, Caller(address) as impatient:
            assert (patient.ask(body=b"1"), impatient.ask(body=b"2")) == ("ok", "ok")
            fault.begin()
            assert impatient.ask(body=b"swallowed", within=0.2) == "TimeoutError"
            patient._line.request("POST", "/", b"swallowed")
            line = patient._line.sock
            fault.finish()
            assert line.recv(1) == b""
        with Caller(address) as caller:
            assert caller.ask(body=b"3") == "ok"
    assert b"swallowed" not in app.stored
    assert fault.touched >= 2


def test_a_connection_ends_after_so_many_bytes_of_answers(app: App, tmp_path: Path) -> None:
    """Forty bytes and not one more, although the app has sent them all."""
    with bad(app, tmp_path, "network.cut_after") as (fault, address), Caller(address) as caller:
        fault.begin()
        caller._line.request("POST", "/", b"x")
        got = b""
        while more := caller._line.sock.recv(65_536):
            got += more
        assert len(got) == 40
        assert got.startswith(b"HTTP/1.")
        fault.finish()
    assert app.stored == [b"x"]
    assert (fault.touched, fault.detail) == (1, "1 connections cut short")


def test_whatever_is_on_is_undone_when_the_drill_stops(app: App, tmp_path: Path) -> None:
    """A drill that is stopped in the middle leaves nobody's line bad; the record says so."""
    told = [{"name": kind, "kind": kind, "share": 0.1, **KINDS[kind]} for kind in KINDS]
    plan = plan_of(app, tmp_path, *injects(*told))
    assert (len(plan.faults), len(plan.detours), plan.not_drilled) == (8, 8, [])
    for fault in plan.faults:
        fault.start, fault.end = 0.0, 1e9
    addresses = [detour.through[app.line.url] for detour in plan.detours]
    schedule = Schedule(plan.faults, speed=1.0, journal=tmp_path / "injects.jsonl")
    last, on, afterwards = plan.faults[-1], threading.Event(), list[str]()
    begin, close = last.begin, last.close

    def begin_and_say() -> None:
        begin()
        on.set()

    def try_and_close() -> None:  # by now each has been finished
        for address in addresses:
            with Caller(address) as caller:
                afterwards.append(caller.ask())
        close()

    last.begin, last.close = begin_and_say, try_and_close  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt), schedule.undone():
        schedule.begin(time.time())
        assert on.wait(20.0)
        raise KeyboardInterrupt
    assert afterwards == ["ok"] * 8
    assert schedule.table()["undone"].to_list() == [True] * 8
    for address in addresses:  # the last to be closed has ended the proxies
        with Caller(address) as caller:
            assert caller.ask() == "ConnectionRefusedError"


def test_a_proxy_that_ended_by_itself_is_no_fault_of_the_targets(app: App, tmp_path: Path) -> None:
    """Nothing is left to undo; what the fault touched is not known, so it counts as nothing."""
    with bad(app, tmp_path, "network.latency") as (fault, address), Caller(address) as caller:
        fault.begin()
        assert caller.ask() == "ok"
        end_proxies(fault)
        fault.finish()
        assert caller.ask() != "ok"
    assert fault.touched == 0
    assert fault.detail == "the proxy ended by itself, and its people reached nothing more"


def end_proxies(fault: NetworkFault) -> None:
    """As a crash would: by a signal, to the process behind the control API."""
    host, _, port = fault.server.control.partition(":")
    (owner,) = {
        each.pid
        for each in psutil.net_connections("tcp4")
        if each.status == psutil.CONN_LISTEN and each.laddr == (host, int(port))
    }
    process = psutil.Process(owner)
    process.kill()
    while not fault.gone():
        time.sleep(0.005)
