"""Whose time it is: a persona's own, or ours, while pages are looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest

from harness.channels.web.stopwatch import Stopwatch
from harness.ledger import web_log
from harness.record import CALLS

NOBODY_PHONED = pl.DataFrame(schema=CALLS)


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_time_stands_still_while_we_look() -> None:
    """Also when it is read meanwhile, and a pause within a pause counts once."""
    clock = Clock()
    watch = Stopwatch(10.0, clock)
    watch.set(60.0)
    clock.now += 1
    with watch.paused():
        clock.now += 5
        with watch.paused():
            clock.now += 5
        assert watch.drill == 70.0
    clock.now += 1
    assert watch.drill == 80.0


def walk(operation: str, begins: float, ends: float, sort: str = "accepted") -> dict[str, Any]:
    return {
        "k": "walk", "session": "steady-1", "operation": operation, "answer_class": sort,
        "began_drill": begins, "ended_drill": ends,
    }  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / web_log.NAME


def signed_in(path: Path, *walks: dict[str, Any]) -> float | None:
    session = {"k": "session", "session": "steady-1", "persona": "steady", "who": 3}
    path.write_bytes(b"\n".join(orjson.dumps(each) for each in (session, *walks)))
    found: float | None = web_log.Journal.read(path).sessions(NOBODY_PHONED)["signed_in"][0]
    return found


def test_nobody_reports_before_they_are_in(path: Path) -> None:
    """Whose first try at signing in was left open was in when the report went well."""
    late = walk("sign_in", 60, 90, "unmatched")
    report, again = walk("submit_report", 120, 200), walk("sign_in", 300, 330)
    assert signed_in(path, late, report, again) == 120
    assert signed_in(path, walk("sign_in", 60, 90), report, again) == 90
    assert signed_in(path, late) is None
    assert signed_in(path, report) is None  # an app without a door
