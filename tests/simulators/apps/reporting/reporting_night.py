"""A small caucus night for the practice app: six sites, their chairs, one operator."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from reporting_http import Http, Reply

from simulators.apps.reporting.app import make_app
from simulators.apps.reporting.barriers import chosen
from simulators.apps.reporting.office import Settings
from simulators.world.preferences import FIELDS

SECRET = "practice-secret"
ADMIN = {"Authorization": f"Bearer {SECRET}"}
PRECINCTS = [
    {"record": "IA-0001", "name": "Ames 1", "county": "Story", "delegates": 7},
    {"record": "IA-0002", "name": "Ames 2", "county": "Story", "delegates": 4},
    {"record": "IA-0003", "name": "Rural 1", "county": "Story", "delegates": 1},
    {"record": "IA-0004", "name": "Des Moines 1", "county": "Polk", "delegates": 9},
    {"record": "IA-0005", "name": "Des Moines 2", "county": "Polk", "delegates": 3},
    {"record": "IA-S01", "name": "Paris", "county": "Abroad", "kind": "satellite", "delegates": 0},
]
ROSTER = {
    "precincts": [{"sde_per_delegate": 0.25, "pool": "", **site} for site in PRECINCTS],
    "people": [
        {
            "key": f"chair-{index}",
            "role": "chair",
            "record": site["record"],
            "codes": [f"10000{index}", f"20000{index}", f"30000{index}"],
        }
        for index, site in enumerate(PRECINCTS)
    ]
    + [{"key": "operator-0", "role": "operator", "password": "correct horse"}],
}


def cells(**given: int) -> dict[str, int]:
    """A report's cells: those given, and 0 for the others."""
    return dict.fromkeys(FIELDS, 0) | given


REPORT = cells(
    attendance=100, first_biden=60, first_warren=40, final_biden=60, final_warren=40,
    delegates_biden=4, delegates_warren=3,
)  # fmt: skip


@dataclass
class Practice:
    """A running practice app and a way to talk to it."""

    http: Http

    def sign_in(self, index: int = 0) -> dict[str, str]:
        """Sign the chair of site ``index`` in; returns the headers of their requests."""
        answer = self.try_codes(f"10000{index}", f"20000{index}", f"30000{index}")
        assert answer.status == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['token']}"}

    def try_codes(self, precinct_id: str, pin: str, security_code: str) -> Reply:
        """Try to sign in with these codes."""
        codes = {"precinct_id": precinct_id, "pin": pin, "security_code": security_code}
        return self.http.post("/api/sign-in", codes)

    def submit(
        self,
        operation: str,
        report: dict[str, int] | None = None,
        *,
        record: str = "IA-0001",
        version: int = 1,
        who: dict[str, str] = ADMIN,
    ) -> Reply:
        """Send a report."""
        body = {"precinct": record, "version": version, "cells": report or REPORT}
        headers = {**who, "Idempotency-Key": operation}
        return self.http.post("/api/reports", body, headers)

    def submit_at_once(self, operations: list[str]) -> list[Reply]:
        """Send a report of each site in turn, all at the same time."""
        records = [PRECINCTS[index % len(PRECINCTS)]["record"] for index in range(len(operations))]
        with ThreadPoolExecutor(len(operations)) as people:
            return list(people.map(lambda each: self.submit(each[0], record=each[1]),
                                   zip(operations, records, strict=True)))  # fmt: skip

    def amend(self, operation: str, report: dict[str, int], *, record: str = "IA-0001") -> Reply:
        """Send a corrected report."""
        headers = {**ADMIN, "Idempotency-Key": operation}
        body = {"version": 2, "cells": report}
        return self.http.put(f"/api/reports/{record}", body, headers)

    def stored(self) -> list[dict[str, Any]]:
        """All reports that count."""
        return list(self.http.get("/api/reports", headers=ADMIN).json()["reports"])

    def exported(self) -> list[dict[str, Any]]:
        """All rows of the warehouse export."""
        return list(self.http.get("/api/export", headers=ADMIN).json()["rows"])

    def totals(self) -> dict[str, Any]:
        """The published totals."""
        return dict(self.http.get("/api/results").json())


Start = Callable[..., Practice]


class Running:
    """The app on a port of its own, in a thread."""

    def __init__(self, settings: Settings) -> None:
        config = uvicorn.Config(make_app(settings), port=0, log_level="warning", ws="none")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()
        while not self.server.started:
            assert self.thread.is_alive(), "the app did not start"
            time.sleep(0.01)
        self.http = Http(self.server.servers[0].sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Stop in good order."""
        self.server.should_exit = True
        self.thread.join()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start an app with the named defects and the roster loaded; ends the one before."""
    running: list[Running] = []

    def begin(*defects: str, speed: float = 120.0, database: str = "") -> Practice:
        if running:
            running.pop().stop()
        url = database or f"sqlite:///{tmp_path}/reporting.db"
        switches, barriers = chosen(defects)
        running.append(Running(Settings(url, SECRET, speed, switches, barriers)))
        practice = Practice(running[0].http)
        assert practice.http.post("/admin/roster", ROSTER, ADMIN).status == 200
        return practice

    yield begin
    for each in running:
        each.stop()


@pytest.fixture
def practice(start: Start) -> Practice:
    """A clean app."""
    return start()
