"""The hub as processes: web, worker and front on one SQLite file, killed and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest
from hub_day import ADMIN, ROSTER, SECRET, cells
from postgres_server import free_port

ROOT = Path(__file__).parents[4]
COMMAND = [sys.executable, "-P", "-m", "simulators.apps.hub"]


class Part:
    """One part of the hub in a process of its own."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            env={**os.environ, "HUB_SECRET": SECRET, "PYTHONPATH": str(ROOT), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline().strip()

    def ask(self, method: str, path: str, data: Any = None, **more: str) -> tuple[int, Any]:
        """An answer; status 0 if the connection was cut."""
        connection = HTTPConnection(self.said.removeprefix("http://"), timeout=10)
        try:
            headers = {**ADMIN, **more}
            body = None if data is None else json.dumps(data)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, HTTPException):
            return 0, None
        finally:
            connection.close()

    def send(self, number: int) -> int:
        """One contact; its status."""
        record = {"record": f"OH-{number:06d}.field", "person": {"name": "x"}, "cells": cells(1)}
        key = {"Idempotency-Key": f"k-{number}"}
        return self.ask("POST", "/api/contacts", record, **key)[0]

    def end(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(how)
        _, err = self.process.communicate(timeout=15)
        return self.process.returncode, err


@pytest.fixture
def start() -> Iterator[Callable[..., Part]]:
    parts: list[Part] = []

    def begin(*arguments: str, **environment: str) -> Part:
        parts.append(Part(*arguments, **environment))
        return parts[-1]

    yield begin
    for each in parts:
        if each.process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                each.end(signal.SIGKILL)


def until(so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not so():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.02)


@pytest.mark.live
def test_a_region_is_killed_and_nothing_acknowledged_is_lost(
    tmp_path: Path, start: Callable[..., Part]
) -> None:
    """Two web servers and a worker behind the front; one web server and the worker are killed:
    people get through to the other, and what was acknowledged is there and merged in the end."""
    database = f"sqlite:///{tmp_path}/hub.db"
    worker = ["worker", "--database", database]
    ports = [free_port(), free_port()]
    urls = [f"http://127.0.0.1:{port}" for port in ports]

    def web(at: int) -> Part:
        return start(
            "web", "--port", str(ports[at]), "--database", database, "--queue", "table",
            "--region", ("east", "west")[at], "--peer", urls[1 - at],
        )  # fmt: skip

    first, east, _ = start(*worker), web(0), web(1)
    servers = [word for port in ports for word in ("--server", f"127.0.0.1:{port}")]
    front = start("front", "--port", "0", *servers)
    assert first.said == "working"
    assert front.ask("POST", "/admin/roster", ROSTER)[0] == 200
    until(lambda: front.ask("GET", "/health")[1]["status"] == "ok")
    accepted = [number for number in range(20) if front.send(number) == 201]
    assert east.end(signal.SIGKILL)[0] == first.end(signal.SIGKILL)[0] == -signal.SIGKILL
    accepted += [number for number in range(20, 40) if front.send(number) == 201]
    assert len(accepted) >= 39  # one connection may have been cut
    assert front.ask("GET", "/health")[1]["region"] == "west"
    until(lambda: front.ask("GET", "/health")[1]["peer"] == "away")
    east, second = web(0), start(*worker, "--port", "0")
    until(lambda: front.ask("GET", "/api/people")[1]["total"] >= len(accepted))
    found = front.ask("GET", "/api/contacts")[1]["contacts"]
    assert {f"OH-{number:06d}.field" for number in accepted} <= {each["record"] for each in found}
    assert second.ask("GET", "/health")[1]["status"] == "ok"
    assert [each.end() for each in (front, east, second)] == [(0, "")] * 3


@pytest.mark.live
def test_defects_reach_parts_that_somebody_else_starts(
    tmp_path: Path, start: Callable[..., Part]
) -> None:
    """HUB_DEFECTS and HUB_SPEED do what the options do."""
    told = {"HUB_DEFECTS": "truncated_names,id_enumeration", "HUB_SPEED": "60"}
    hub = start("web", "--port", "0", "--database", f"sqlite:///{tmp_path}/hub.db", **told)
    hub.ask("POST", "/admin/roster", ROSTER)
    token = hub.ask("POST", "/api/sign-in", {"user": "ann", "password": "correct horse"})[1]
    assert token["expires_in_seconds"] == pytest.approx(14 * 3600 / 60, rel=0.01)
    assert hub.send(1) == 201
    assert hub.ask("GET", "/api/contacts/c1", Authorization="")[0] == 200


@pytest.mark.live
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["web", "--defect", "bad_weather"], "--defect bad_weather: the hub app has no such"),
        (["web", "--database", "mongo://x"], "--database 'mongo://x': not a database URL"),
        (["web", "--database", "sqlite:////no/such/folder/x.db"], "--database: cannot open it"),
        (["worker", "--queue", "inside"], "--queue inside: a worker is outside"),
        (["web", "--cache", "memcache://x"], "--cache 'memcache://x': give redis://HOST:PORT/0"),
        (["back"], "'back' is no part of the hub: web, worker, front."),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, arguments: list[str], says: str) -> None:
    """A user's mistake is told without a traceback, with exit code 2."""
    found = subprocess.run(
        [*COMMAND, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), "HUB_SECRET": SECRET},
        capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60,
    )  # fmt: skip
    assert found.returncode == 2
    assert found.stderr.startswith(says)
    assert found.stderr.count("\n") == 1
