"""A small campaign's day at the hub: two states, their people, and the app in this process."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from asgi_stand import Asgi, Reply

from simulators.apps.hub.app import make_app
from simulators.apps.hub.defects import Switches
from simulators.apps.hub.office import Office
from simulators.apps.hub.settings import Settings

SECRET = "practice-secret"
ADMIN = {"Authorization": f"Bearer {SECRET}"}
PASSWORD = "correct horse"
ROSTER = {
    "people": [
        {"key": "ann", "role": "canvasser", "state": "OH", "password": PASSWORD},
        {"key": "bob", "role": "phone_banker", "record": "OH", "codes": ["correct", " horse"]},
        {"key": "cleo", "role": "clerk", "state": "OH", "password": PASSWORD},
        {"key": "olga", "role": "organizer", "state": "OH", "password": PASSWORD},
        {"key": "pete", "role": "canvasser", "state": "PA", "password": PASSWORD},
        {"key": "visitor", "role": "public"},
    ],
    "voters": [
        {
            "person": "OH-000001", "voter_id": "OH10000001", "name": "Jos\u00e9 Nguy\u1ec5n",
            "phone": "555-0101", "line": "00001", "email": "jose@example.org",
        },
    ],
}  # fmt: skip
BRINGS = {"file": "cleo", "field": "ann", "phone": "bob"}
_KEYS = itertools.count(1)


def cells(support: int = 0, turnout: int = 0, contacts: int = 0, volunteer: int = 0) -> Any:
    """The numbers of a contact, as they are sent."""
    return {
        "support": support, "turnout": turnout, "contacts": contacts, "volunteer": volunteer,
    }  # fmt: skip


@dataclass
class Day:
    """The hub while it is up, and ways to speak to it."""

    asgi: Asgi
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def office(self) -> Office:
        found: Office = self.asgi.app.state.office
        return found

    def token(self, user: str) -> dict[str, str]:
        """The header of somebody who is signed in."""
        if user not in self.tokens:
            self.tokens[user] = self.sign_in(user).json()["token"]
        return {"Authorization": f"Bearer {self.tokens[user]}"}

    def sign_in(self, user: str, password: str = PASSWORD) -> Reply:
        return self.post("/api/sign-in", {"user": user, "password": password})

    def post(
        self, path: str, data: Any, headers: dict[str, str] | None = None, method: str = "POST"
    ) -> Reply:
        return self.asgi.send(method, path, headers or {}, json.dumps(data).encode())

    def get(self, path: str, headers: dict[str, str] | None = None) -> Reply:
        return self.asgi.send("GET", path, ADMIN if headers is None else headers)

    def send(
        self, record: str, numbers: Any, *, key: str = "", version: int = 1, method: str = "POST",
        who: str = "", **more: Any,
    ) -> Reply:  # fmt: skip
        """One contact, by whoever brings those of its source, with a key of its own."""
        source = record.partition(".")[2]
        path = "/api/sign-ups" if source == "web" else "/api/contacts"
        headers = {"Idempotency-Key": key or f"key-{next(_KEYS)}"}
        if source != "web":
            headers |= self.token(who or BRINGS[source])
        person = {"name": more.pop("name", "Jo Smith"), **more.pop("person", {})}
        data = {"person": person, "version": version, "cells": numbers, **more}
        if method == "PUT":
            return self.post(f"{path}/{record}", data, headers, "PUT")
        return self.post(path, data | {"record": record}, headers)

    def amend(self, record: str, numbers: Any, **more: Any) -> Reply:
        """A contact corrected."""
        return self.send(record, numbers, method="PUT", version=more.pop("version", 2), **more)

    def person(self, key: str, who: str = "olga") -> Any:
        """The merged view of a person, as the state's organizer reads it."""
        reply = self.get(f"/api/people/{key}", self.token(who))
        return reply.json() if reply.status == 200 else reply.status

    def records(self) -> list[Any]:
        found: list[Any] = self.get("/api/contacts").json()["contacts"]
        return found

    def people(self) -> list[Any]:
        """Everybody, once all contacts are merged."""
        self.merge()
        found: list[Any] = self.get("/api/people").json()["people"]
        return found

    def totals(self) -> Any:
        """The dashboard, as it is now."""
        self.asgi.run(self.office.board.corrected())
        return self.get("/api/totals", {}).json()

    def merge(self) -> None:
        """Let the worker merge whatever waits."""
        while self.asgi.run(self.office.worker.merge_some()):
            pass

    def until(self, so: Callable[[], bool], within: float = 10.0) -> None:
        """Let the app go on until something is so."""
        deadline = time.monotonic() + within
        while not so():
            assert time.monotonic() < deadline, "it never came about"
            self.asgi.run(asyncio.sleep(0.01))


Open = Callable[..., Day]


@pytest.fixture
def open_day(tmp_path: Path) -> Iterator[Open]:
    """Start the app with the named defects; the one before is stopped, its database stays."""
    running: list[Day] = []

    def begin(*defects: str, **more: Any) -> Day:
        if running:
            running.pop().asgi.close()
        given = {"database": f"sqlite:///{tmp_path}/hub.db", "secret": SECRET, "queue": "table"}
        settings = Settings(**{**given, "switches": Switches.on(defects), **more})
        running.append(Day(Asgi(make_app(settings))))
        assert running[0].post("/admin/roster", ROSTER, ADMIN).status == 200
        return running[0]

    yield begin
    for each in running:
        each.asgi.close()


@pytest.fixture
def day(open_day: Open) -> Day:
    """A sound app, with a worker that works when it is told to."""
    return open_day()
