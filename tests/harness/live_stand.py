"""A live drill served in this process, no sockets, and browsers without JavaScript for it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from functools import cache
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from harness.live.app import make_live_app
from harness.live.cards import Handout
from harness.live.deck import Deck
from harness.live.forms import Form, forms_of
from harness.live.hall import Hall, LiveSettings
from harness.live.invitations import anonymous, invite
from harness.live.model import Card, Event, Happening, Volunteer
from harness.scenario import load_scenario
from simulators.plans import plan_of

T = TypeVar("T")
Message = MutableMapping[str, Any]
PASSWORD = "correct horse 7 battery"
HANDOUT = Handout(
    title="Iowa caucus training",
    app="the practice app",
    address="http://127.0.0.1:8000/",
    help_number="515-555-0100",
    link="http://127.0.0.1:8100/v/",
    organizer="http://127.0.0.1:8100/organize",
)


@cache
def the_deck() -> Deck:
    """The cards of a small part of Iowa."""
    night = load_scenario("iowa-caucus-night").night("rehearsal", seed=7, scale=0.05)
    return Deck(plan_of(night))


def settings_for(folder: Path, **changed: Any) -> LiveSettings:
    """What a drill in a folder is started with."""
    made = LiveSettings(folder / "live.db", the_deck(), HANDOUT, seed=7, password=PASSWORD)
    return replace(made, **changed)


@dataclass(frozen=True)
class Reply:
    """What came back; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Stand:
    """A live drill that is up from now until :meth:`close`."""

    def __init__(self, settings: LiveSettings, **parts: Any) -> None:
        self.app = make_live_app(settings, **parts)
        self._runner = asyncio.Runner()
        self._life = self.run(self._begin())

    @property
    def hall(self) -> Hall:
        """What its pages are served from."""
        found: Hall = self.app.state.hall
        return found

    def run(self, job: Coroutine[Any, Any, T]) -> T:
        """Run something on the drill's loop."""
        return self._runner.run(job)

    def close(self) -> None:
        """Stop in good order."""
        self.run(self._end())
        self._runner.close()

    def invite(self, count: int = 3) -> list[Volunteer]:
        """So many volunteers, on the roll."""
        live, deck = self.hall.live, self.hall.settings.deck
        taken = [each.volunteer for each in live.roll]
        invited = invite(anonymous(count, deck), deck, seed=7, taken=taken)
        people = [each.volunteer for each in invited]
        self.run(live.add_volunteers(people, {e.volunteer.id: e.difficulty for e in invited}))
        return people

    def happens(self, what: Happening, who: Volunteer | None = None, /, **detail: Any) -> Event:
        """Something happens."""
        return self.run(self.hall.live.happened(what, who.id if who else "", **detail))

    def holds(self, who: Volunteer, changes: Mapping[int, int | None] | None = None) -> None:
        """The watcher sees a report of a volunteer's card, with some numbers changed."""
        journey = self.hall.live.roll.journeys[who.id]
        card: Card = self.hall.card(journey.card)
        values: list[int | None] = list(card.values)
        for cell, value in (changes or {}).items():
            values[cell] = value
        self.happens(Happening.SEEN, who, values=values, card=card.record, channel="web")

    async def _begin(self) -> asyncio.Task[None]:
        self._asked: asyncio.Queue[Message] = asyncio.Queue()
        said: asyncio.Queue[Message] = asyncio.Queue()
        scope: Message = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}

        async def life() -> None:
            await self.app(scope, self._asked.get, said.put)

        task = asyncio.create_task(life())
        await self._asked.put({"type": "lifespan.startup"})
        answer = await said.get()
        if answer["type"] != "lifespan.startup.complete":
            await task
        return task

    async def _end(self) -> None:
        await self._asked.put({"type": "lifespan.shutdown"})
        await self._life

    async def request(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, address: str
    ) -> Reply:
        """One request and its whole answer."""
        path, _, query = target.partition("?")
        given = {"host": "127.0.0.1:8100", "content-length": str(len(body)), **headers}
        scope: Message = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "scheme": "http", "path": path, "raw_path": path.encode(), "root_path": "",
            "query_string": query.encode(), "client": (address, 40000),
            "server": ("127.0.0.1", 8100), "state": {},
            "headers": [(k.lower().encode(), v.encode()) for k, v in given.items() if v],
        }  # fmt: skip
        sent = [{"type": "http.request", "body": body, "more_body": False}]
        said: list[Message] = []

        async def receive() -> Message:
            return sent.pop() if sent else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            said.append(message)

        await self.app(scope, receive, send)
        pairs = [(k.decode().lower(), v.decode()) for k, v in said[0]["headers"]]
        whole = b"".join(each.get("body", b"") for each in said[1:])
        cookies = tuple(value for name, value in pairs if name == "set-cookie")
        return Reply(said[0]["status"], dict(pairs), whole, cookies)


@dataclass
class Browser:
    """Somebody's browser: cookies, forms, and the page that is open.

    Attributes:
        given: Every cookie that it was ever told to keep, as it was told.
    """

    stand: Stand
    address: str = "192.0.2.7"
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)
    at: str = "/"
    reply: Reply = field(default_factory=lambda: Reply(0, {}, b""))

    def open(self, target: str, **headers: str) -> Reply:
        """Open a page, and those that it leads on to."""
        return self._go("GET", target, b"", headers)

    def post(self, target: str, fields: Mapping[str, str]) -> Reply:
        """Send fields as a form does, with or without its token."""
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self._go("POST", target, urlencode(fields).encode(), kind)

    def form(self, name: str) -> Form:
        """The form of the open page whose address ends so."""
        found = forms_of(self.reply.text, f"http://127.0.0.1:8100{self.at}")
        return next(each for each in found if each.path.endswith(name))

    def has(self, name: str) -> bool:
        """Whether the open page has such a form."""
        found = forms_of(self.reply.text, f"http://127.0.0.1:8100{self.at}")
        return any(each.path.endswith(name) for each in found)

    def press(self, name: str, answers: Mapping[str, str] | None = None, button: int = 0) -> Reply:
        """Fill in a form of the open page and send it."""
        form = self.form(name)
        return self.post(form.path, form.filled(answers or {}, button))

    def upload(self, name: str, field_name: str, file: str, data: bytes) -> Reply:
        """Send a form of the open page with a file."""
        form, line = self.form(name), b"--a-boundary"
        parts = [
            b'%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
            % (line, key.encode(), value.encode())
            for key, value in form.values.items() if key != field_name
        ]  # fmt: skip
        parts.append(
            b'%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n%s\r\n'
            % (line, field_name.encode(), file.encode(), data)
        )
        kind = {"content-type": "multipart/form-data; boundary=a-boundary"}
        return self._go("POST", form.path, b"".join(parts) + line + b"--\r\n", kind)

    def sign_in(self, name: str = "organizer", password: str = PASSWORD) -> Reply:
        """Sign in to the staff's pages."""
        self.open("/organize/sign-in")
        return self.press("/sign-in", {"name": name, "password": password})

    def _go(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        given = {**self.headers, **headers, "cookie": jar}
        self.reply = self.stand.run(self.stand.request(method, target, given, body, self.address))
        self.given += self.reply.cookies
        for text in self.reply.cookies:
            for name, morsel in SimpleCookie(text).items():
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]
        self.at = target
        if self.reply.status == 303:
            return self._go("GET", urlsplit(self.reply.headers["location"]).geturl(), b"", {})
        return self.reply
