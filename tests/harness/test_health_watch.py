"""The health watch asks a target how it is; what it heard is judged beside what people met."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from build_run import clean_run
from checks_recovery_cases import long_outage

from harness.checks import health_truth
from harness.health import HealthWatch
from harness.ledger import health_log
from harness.record import Finding, Status
from harness.target import TargetError, load_target

FAST = 20.0  # times that an evening of the checks is played faster here


@contextmanager
def saying(answer: Callable[[str], tuple[int, bytes]]) -> Iterator[str]:
    """An app that says of itself what a function says, by path."""

    class App(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet, or each answer waits for an acknowledgement

        def do_GET(self) -> None:
            status, body = answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), App)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def watch(url: str, journal: Path, *, speed: float = 1.0, **sections: Any) -> HealthWatch:
    page = {"path": "/health", "rules": [{"status": 200, "json": {"status": "ok"}}],
            "every_s": 0.02, "timeout_s": 0.2}  # fmt: skip
    data = {
        "name": "small", "base_url": url, "classes": [{"class": "accepted", "status": 200}],
        "operations": {"submit_report": {"request": {"path": "/echo", "json": {}}}},
        **({"health": page} | sections),
    }  # fmt: skip
    return HealthWatch(load_target(data), journal, speed=speed)


def heard(journal: Path, true: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    """What the log holds, once something is so of it."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        rows = health_log.table(journal).to_dicts() if journal.is_file() else []
        if true(rows):
            return rows
        time.sleep(0.01)
    raise AssertionError(f"it never was so: {rows[-3:]}")


def test_what_a_target_says_of_itself_is_written_down(tmp_path: Path) -> None:
    """Well where a rule fits, ill where none does, with what it said; and its alarms likewise."""
    journal, state = tmp_path / "health.jsonl", {"status": b'{"status": "ok"}'}

    def answer(path: str) -> tuple[int, bytes]:
        return (200, b"[]") if path == "/alarms" else (200, state["status"])

    alarms = {"path": "/alarms", "rules": [{"body_without": "alarm"}], "every_s": 0.02}
    with saying(answer) as url:
        asking = watch(url, journal, alarms=alarms)
        with asking.watching():
            asking.begin(time.time())
            heard(journal, lambda rows: len(rows) > 5)
            state["status"] = b'{"status": "database\\n is away"}'
            heard(journal, lambda rows: any(each["said"] == "ill" for each in rows))
    rows = health_log.table(journal).to_dicts()
    assert {each["source"] for each in rows} == {"health", "alarm"}
    assert {each["said"] for each in rows if each["source"] == "alarm"} == {"well"}
    ill = next(each for each in rows if each["said"] == "ill")
    assert (ill["status"], ill["detail"]) == (200, '{"status": "database\\n is away"}')
    assert [each["at_drill"] for each in rows] == sorted(each["at_drill"] for each in rows)


def test_a_target_that_is_away_gives_no_answer(tmp_path: Path) -> None:
    """Refused or silent is no answer, and never stops the watch."""
    journal = tmp_path / "health.jsonl"
    asleep = threading.Event()

    def answer(path: str) -> tuple[int, bytes]:
        asleep.wait(1.0)
        return 200, b"{}"

    with saying(answer) as url:
        asking = watch(url, journal)
        with asking.watching():
            asking.begin(time.time())
            rows = heard(journal, lambda rows: len(rows) > 1)
            asleep.set()
    assert rows[0] | {"took": 0, "at_drill": 0} == {
        "at_drill": 0, "source": "health", "said": "no_answer", "status": None, "took": 0,
        "detail": "timeout",
    }  # fmt: skip
    asking = watch(url, tmp_path / "later.jsonl")
    with asking.watching():
        asking.begin(time.time())
        rows = heard(tmp_path / "later.jsonl", lambda rows: len(rows) > 3)
    assert {(each["said"], each["detail"]) for each in rows} == {("no_answer", "refused")}


def test_a_target_without_a_health_page_is_left_alone(tmp_path: Path) -> None:
    """Nothing is asked, and no log is made."""
    asking = watch("http://127.0.0.1:9", tmp_path / "health.jsonl", health=None)
    with asking.watching():
        asking.begin(time.time())
    assert not (tmp_path / "health.jsonl").exists()


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"stauts": 200}, r"health\.rules\[0\]\.stauts: .*a rule of it has status, header, json"),
        ({"status": "fine"}, r"health\.rules\[0\]: status 'fine' is not a status"),
    ],
)
def test_a_mistake_in_a_rule_is_told_before_the_drill(
    rule: dict[str, Any], says: str, tmp_path: Path
) -> None:
    """The message names the place and what is allowed."""
    with pytest.raises(TargetError, match=says):
        watch("http://127.0.0.1:9", tmp_path, health={"path": "/health", "rules": [rule]})


def truth(folder: Path, tells: Callable[[float], bool]) -> list[Finding]:
    """What is found of an app whose page says ill at these wall seconds of the checks' evening."""
    run = clean_run(folder / "run")
    long_outage(run)  # nobody gets through from 8.4 to 25 s
    run.info["target"]["tells"] = ["health"]
    journal, began = folder / "health.jsonl", [0.0]

    def answer(path: str) -> tuple[int, bytes]:
        ill = tells((time.monotonic() - began[0]) * FAST)
        return (503, b"{}") if ill else (200, b'{"status": "ok"}')

    with saying(answer) as url:
        asking = watch(url, journal, speed=run.info["speed"] * FAST)
        with asking.watching():
            began[0] = time.monotonic()
            asking.begin(time.time())
            heard(journal, lambda rows: bool(rows) and rows[-1]["at_drill"] > 39 * 120)
    run.health = health_log.table(journal).to_dicts()
    return list(health_truth.check(run.write()))


def test_a_page_that_lies_is_caught_and_an_honest_one_is_not(tmp_path: Path) -> None:
    """It says well while nobody gets through; or it says ill while everybody does."""
    names = ("honest", "lies", "cries wolf")
    for name in names:
        (tmp_path / name).mkdir()
    honest = truth(tmp_path / "honest", lambda at: 8.4 <= at < 25.0)
    assert [each.status for each in honest] == [Status.PASS, Status.PASS]
    lies = truth(tmp_path / "lies", lambda at: False)
    assert [each.status for each in lies] == [Status.FAIL, Status.PASS]
    assert lies[0].name == "health_truth:one restart"
    wolf = truth(tmp_path / "cries wolf", lambda at: 3.0 <= at < 5.0 or 8.4 <= at < 25.0)
    assert [each.status for each in wolf] == [Status.PASS, Status.FAIL]
