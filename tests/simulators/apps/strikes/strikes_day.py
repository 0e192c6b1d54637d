"""A small election day for the strikes app: two precincts, their watchers, a carrier that signs."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
import sqlalchemy
from asgi_stand import Asgi, Reply
from twilio.request_validator import RequestValidator

from simulators.apps.strikes.app import make_app
from simulators.apps.strikes.carrier import CarrierSilent
from simulators.apps.strikes.defects import Switches
from simulators.apps.strikes.settings import Account, Settings

T = TypeVar("T")

_COUNT = itertools.count(1)  # of tokens and texts: none comes again in another day of a test
SECRET, TOKEN = "practice-secret", "carrier-token"
ADMIN = {"Authorization": f"Bearer {SECRET}"}
LINE, HELP = "+15555550101", "+15555550102"
ANNE, BOB = "+15555550142", "+15555550143"
CODES = {"0012": ["4711", "4712", "4713"], "0031": ["4711", "8080"]}
ROSTER = {
    "people": [
        {"key": "w-1", "role": "poll_watcher", "record": "WI-0012", "codes": ["0012", "4821"]},
        {"key": "w-2", "role": "poll_watcher", "record": "WI-0031", "codes": ["0031", "5555"]},
        {"key": "operator-0", "role": "operator", "password": "correct horse"},
        {"key": "c-1", "role": "nuisance"},
    ],
    "precincts": [
        {"record": "WI-0012", "name": "Ward 12", "county": "Dane"},
        {"record": "WI-0031", "name": "Ward 31", "county": "Brown"},
    ],
    "voters": [
        {"precinct": number, "code": code} for number, codes in CODES.items() for code in codes
    ],
}


@dataclass
class Carrier:
    """Takes the app's orders; ``statuses`` are its next answers, then 201."""

    orders: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    async def post(self, resource: str, form: Mapping[str, str]) -> tuple[int, str]:
        """Take one order; a status of 0 is no answer at all."""
        self.orders.append((resource, dict(form)))
        status = self.statuses.pop(0) if self.statuses else 201
        if not status:
            raise CarrierSilent("nobody there")
        return status, f"SM{len(self.orders)}"


@dataclass
class Day:
    """The app on election day, and a way to call, text and read it."""

    asgi: Asgi
    carrier: Carrier

    # -- the carrier's side ---------------------------------------------------------------

    def hook(self, path: str, token: str | None = None, **values: str) -> Reply:
        """A signed webhook; each has a token of its own unless one is given."""
        form = {"AccountSid": "AC1", **values}
        signed = RequestValidator(TOKEN).compute_signature(f"http://testserver{path}", form)
        headers = {
            "X-Twilio-Signature": signed,
            "I-Twilio-Idempotency-Token": token or f"token-{next(_COUNT)}",
        }
        return self.form(path, form, headers)

    def form(self, path: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        """A posted form."""
        typed = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return self.asgi.send("POST", path, typed, urlencode(form).encode())

    def call(self, sid: str, caller: str = ANNE, line: str = LINE) -> Caller:
        """Somebody calls; they have heard the first words."""
        path = "/voice/help" if line == HELP else "/voice"
        return Caller(self, sid, caller, line).follow(self.hook(path, **_call(sid, caller, line)))

    def text(self, body: str, caller: str = ANNE, token: str | None = None) -> list[str]:
        """Somebody texts; the texts that come back."""
        given = {"MessageSid": f"SM{next(_COUNT)}", "From": caller, "To": LINE, "Body": body}
        reply = self.hook("/sms", token, **given)
        assert reply.status == 200, reply.text
        return [each.text or "" for each in ElementTree.fromstring(reply.text).iter("Message")]

    # -- the web's side -------------------------------------------------------------------

    def post(self, path: str, data: object, headers: Mapping[str, str] | None = None) -> Reply:
        """POST JSON."""
        return self.asgi.send("POST", path, headers, json.dumps(data).encode())

    def get(self, path: str) -> Any:
        """What the admin reads."""
        reply = self.asgi.send("GET", path, ADMIN)
        assert reply.status == 200, reply.text
        return reply.json()

    def sign_in(self, **codes: str) -> dict[str, str]:
        """Headers of somebody who has signed in on the web."""
        reply = self.post("/api/sign-in", codes or {"precinct": "0012", "pin": "4821"})
        assert reply.status == 200, reply.text
        return {"Authorization": f"Bearer {reply.json()['token']}"}

    def struck(self) -> list[str]:
        """All strikes that are stored, in the order they came."""
        return [row["record"] for row in self.get("/api/strikes")["strikes"]]

    def sent(self, count: int = 0) -> list[tuple[str, str]]:
        """To whom texts went, and what they say, once ``count`` orders were given."""

        async def wait() -> None:
            for _ in range(200):
                waits = [row for row in self._messages() if row["status"] == "waiting"]
                if len(self.carrier.orders) >= count and not waits:
                    return
                await asyncio.sleep(0.005)

        self.run(wait())
        return [(to["To"], to["Body"]) for name, to in self.carrier.orders if name == "Messages"]

    def run(self, job: Coroutine[Any, Any, T]) -> T:
        """Let the app go on until a job of ours is done."""
        return self.asgi.run(job)

    def _messages(self) -> list[dict[str, Any]]:
        with self.asgi.app.state.office.store.engine.connect() as connection:
            found = connection.execute(sqlalchemy.text("select status from messages"))
            return [dict(row) for row in found.mappings()]


@dataclass
class Caller:
    """Somebody in a call, who hears what the app tells the carrier to say."""

    day: Day
    sid: str
    number: str
    line: str
    heard: str = ""
    action: str = ""
    gather: dict[str, str] = field(default_factory=dict)
    verbs: list[str] = field(default_factory=list)

    def follow(self, reply: Reply) -> Caller:
        """Hear an answer of the app's."""
        assert reply.status == 200, reply.text
        assert reply.headers["content-type"].startswith("text/xml")
        document = ElementTree.fromstring(reply.text)
        self.heard = " ".join(each.text or "" for each in document.iter("Say"))
        self.verbs = [each.tag for each in document]
        found = document.find("Gather")
        self.gather = dict(found.attrib) if found is not None else {}
        self.action = self.gather.get("action", "")
        return self

    def key(self, digits: str, token: str | None = None, **more: str) -> Caller:
        """Press keys where the app waits for some; ``""`` is a silence."""
        assert self.action, self.heard
        values = {**_call(self.sid, self.number, self.line), "Digits": digits, **more}
        return self.follow(self.day.hook(self.action, token, **values))

    def signed_in(self, number: str = "0012", pin: str = "4821") -> Caller:
        """Key precinct number and PIN."""
        self.key(number).key(pin)
        assert self.action == "/voice/code", self.heard
        return self

    def hang_up(self, said: str = "completed") -> None:
        """The call is over, and the carrier says how."""
        path = "/voice/help/status" if self.line == HELP else "/voice/status"
        values = {**_call(self.sid, self.number, self.line), "CallStatus": said}
        assert self.day.hook(path, **values).status == 200


def _call(sid: str, caller: str, line: str) -> dict[str, str]:
    return {"CallSid": sid, "From": caller, "To": line, "CallStatus": "in-progress"}


Open = Callable[..., Day]


@pytest.fixture
def open_day(tmp_path: Path) -> Iterator[Open]:
    """Start the app with the named defects; the one before is stopped, its database stays."""
    running: list[Day] = []

    def begin(*defects: str, **more: Any) -> Day:
        if running:
            running.pop().asgi.close()
        carrier = Carrier()
        settings = Settings(
            **{
                "database": f"sqlite:///{tmp_path}/strikes.db", "secret": SECRET, "speed": 120.0,
                "switches": Switches.on(defects), "carrier": Account("", "AC1", TOKEN), **more,
            }
        )  # fmt: skip
        running.append(Day(Asgi(make_app(settings, carrier.post)), carrier))
        assert running[0].post("/admin/roster", ROSTER, ADMIN).status == 200
        return running[0]

    yield begin
    for each in running:
        each.asgi.close()


@pytest.fixture
def day(open_day: Open) -> Day:
    """A sound app."""
    return open_day()
