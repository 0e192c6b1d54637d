"""A carrier on a clock that leaps, an app of canned documents, people who note what they hear."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from carrier_leaping import leap

from simulators.providers.carrier.caller import Caller, Step, Walk, Walked
from simulators.providers.carrier.carrier import Carrier
from simulators.providers.carrier.clock import Clock
from simulators.providers.carrier.config import Config
from simulators.providers.carrier.hearing import Rule
from simulators.providers.carrier.log import Entry, ListLog
from simulators.providers.carrier.transport import Reply

ACCOUNT = "AC" + "0" * 32
TOKEN = "12345"
STRIKE, HELP, OFFICE = "+15555550101", "+15555550102", "+15555550103"
PERSON = "+15555550170"
BASE = "http://app.example.org"
T = TypeVar("T")


@dataclass
class Asked:
    """One request that the app got; ``at`` is on the leaping clock."""

    at: float
    method: str
    url: str
    headers: dict[str, str]
    params: dict[str, str]

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


Answer = str | Reply | Exception | Callable[[Asked], "str | Reply | Awaitable[Any]"]


class CannedApp:
    """Answers by path; a list is answered one after another, the last for ever."""

    def __init__(self, routes: Mapping[str, Answer | list[Answer]]) -> None:
        self.routes = dict(routes)
        self.asked: list[Asked] = []
        self._count: dict[str, int] = {}

    async def send(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        *,
        connect: float,
        read: float,
    ) -> Reply:
        text = (body or b"").decode() if method == "POST" else urlsplit(url).query
        params = dict(parse_qsl(text, keep_blank_values=True))
        asked = Asked(asyncio.get_running_loop().time(), method, url, headers, params)
        self.asked.append(asked)
        answer = self._answer(asked.path)
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer = answer(asked)
            if asyncio.iscoroutine(answer):
                answer = await answer
        return twiml(answer) if isinstance(answer, str) else answer

    async def close(self) -> None:
        """Nothing is open."""

    def paths(self) -> list[str]:
        return [each.path for each in self.asked]

    def to(self, path: str) -> list[Asked]:
        return [each for each in self.asked if each.path == path]

    def _answer(self, path: str) -> Any:
        answer = self.routes[path]
        if isinstance(answer, list):
            index = self._count.get(path, 0)
            self._count[path] = index + 1
            return answer[min(index, len(answer) - 1)]
        return answer


def twiml(inner: str) -> Reply:
    """A document around some verbs; one that is whole is left alone."""
    body = inner if inner.startswith(("<?xml", "<Response")) else f"<Response>{inner}</Response>"
    return Reply(200, "text/xml; charset=utf-8", body.encode())


class Person:
    """Notes what is heard and when; the tests press its keys."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.cause = ""
        self.code = 0
        self.picked_up = False
        self.sent_at: list[float] = []
        self.on_words: Callable[[str], None] | None = None
        self.over = asyncio.get_running_loop().create_future()

    def answered(self) -> None:
        self.picked_up = True

    def heard(self, words: str) -> None:
        self.words.append(words)
        if self.on_words is not None:
            self.on_words(words)

    def undecided(self) -> float:
        return 0.0

    def sent(self, at: float) -> None:
        self.sent_at.append(at)

    def ended(self, cause: str, code: int) -> None:
        assert not self.over.done(), "a call ends once"
        self.cause, self.code = cause, code
        self.over.set_result(None)


@dataclass
class Stand:
    """A carrier and its app."""

    carrier: Carrier
    app: CannedApp
    log: ListLog
    walked: list[Walked] = field(default_factory=list)

    def dial(self, key: str = "c1-1", to: str = STRIKE, within: float | None = None) -> Any:
        person = Person()
        call = self.carrier.dial(person, key=key, from_=PERSON, to=to, within=within)
        return person, call

    async def hear_out(self, key: str = "c1-1", to: str = STRIKE) -> Person:
        """A call in which nothing is pressed, to its end; all that follows it too."""
        person, _ = self.dial(key, to)
        await person.over
        await self.carrier.tasks.settle()
        return person

    async def press_on(self, prompt: str, keys: str, key: str = "c1-1", gap: float = 0.5) -> Person:
        """A call in which keys are pressed once a prompt has been heard."""
        person, call = self.dial(key)

        def press(words: str) -> None:
            if prompt in words:
                person.on_words = None
                for index, each in enumerate(keys):
                    self.carrier.clock.later(gap * (index + 1), lambda each=each: call.press(each))

        person.on_words = press
        await person.over
        await self.carrier.tasks.settle()
        return person

    def caller(self, key: str = "c1-1", to: str = STRIKE) -> Caller:
        """Someone who walks menus."""
        over = asyncio.get_running_loop().create_future()
        caller = Caller(
            key,
            self.carrier.clock,
            self.carrier.faults,
            answered=lambda: None,
            walked=self.walked.append,
            ended=lambda cause, code: over.set_result(cause),
        )
        caller.call = self.carrier.dial(caller, key=key, from_=PERSON, to=to)
        caller.gone = over  # type: ignore[attr-defined]
        return caller

    def errors(self) -> list[int]:
        return [entry.error for entry in self.log.entries if entry.error]

    def entries(self, purpose: str) -> list[Entry]:
        return [entry for entry in self.log.entries if entry.purpose == purpose]


def walk(
    *steps: tuple[str, str], number: int = 1, limit: float | None = None, **outcomes: str
) -> Walk:
    """A walk of (prompt, keys), and of classes by what is heard."""
    return Walk(
        number,
        tuple(Step(Rule.of(expect).hear, press) for expect, press in steps),
        tuple(Rule.of(hear, answer_class) for answer_class, hear in outcomes.items()),
        limit,
    )


def config(**changes: Any) -> Config:
    """Three numbers: one with everything, one bare, one of another trunk."""
    hook = {"url": f"{BASE}/voice"}
    full = {"url": f"{BASE}/voice", "fallback": f"{BASE}/sorry", "status": f"{BASE}/status"}
    settings: dict[str, Any] = {
        "account": ACCOUNT,
        "token": TOKEN,
        "log": Path("none"),
        "folder": Path("none"),
        "seed": 7,
        "numbers": [
            {"name": "strike", "number": STRIKE, "trunk": "main", "voice": hook},
            {"name": "help", "number": HELP, "trunk": "main", "voice": full},
            {"name": "office", "number": OFFICE, "voice": {"url": f"{BASE}/office"}},
        ],
    }
    return Config.model_validate(settings | changes)


def drill(
    routes: Mapping[str, Answer | list[Answer]],
    scene: Callable[[Stand], Coroutine[Any, Any, T]],
    *,
    limit: float = 15.0,
    **changes: Any,
) -> T:
    """Play a scene on a carrier whose app has these routes; what crashes there fails here."""

    async def play() -> T:
        app, log = CannedApp(routes), ListLog()
        loop = asyncio.get_running_loop()
        told = config(**changes)
        clock = Clock(told.speed, unix=lambda: 1.7e9 + loop.time())
        carrier = Carrier(told, transport=app, clock=clock, log=log, limit=limit)
        result = await scene(Stand(carrier, app, log))
        assert carrier.open_calls == sum(not call.cause for call in carrier.calls.values())
        await carrier.close()
        assert carrier.tasks.crashes == 0
        return result

    return leap(play())
