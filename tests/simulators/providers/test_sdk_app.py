"""An app of the official SDK, unmodified, takes calls by the thousand.

The carrier, the app and the callers are three processes. Every caller keys a precinct, its PIN
and four-digit codes; what the callers heard is then held against what the app stored.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
import sys
import time
import urllib.request
from collections import Counter
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from control_line import ControlLine, app_process, carrier_process, control_line
from sdk_app import pin_of

APP = Path(__file__).with_name("sdk_app.py")
NUMBER = "+15555550101"
ACCOUNT = "AC" + "d" * 32
TOKEN = "a token that only the two of them know"
SPEED = 20.0

SIGN_IN = [
    {"hear": "enter a code", "class": "accepted"},
    {"hear": "wrong", "class": "refused"},
]
CODE = [
    {"hear": "already", "class": "already_have_it"},
    {"hear": "thank", "class": "accepted"},
    {"hear": "trouble", "class": "server_error"},
    {"hear": "back with you", "class": "back"},
]
TEXT = [{"hear": "^OK", "class": "accepted"}, {"hear": "sorry", "class": "refused"}]


@dataclass(frozen=True)
class Cast:
    """How many callers do what: most key their PIN right and two to four codes.

    ``spread`` is the wall seconds over which they begin, ``think`` those before each code.
    """

    callers: int
    spread: float = 10.0
    think: float = 1.0
    slow: int = 0
    cut: int = 0
    hold: int = 0
    wrong_pin: int = 0
    twice: int = 0
    texts: int = 0


@dataclass
class Night:
    """What the callers keyed, and what they heard of it."""

    accepted: set[tuple[str, str]] = field(default_factory=set)
    unknown: set[tuple[str, str]] = field(default_factory=set)
    classes: Counter[str] = field(default_factory=Counter)
    sids: dict[str, str] = field(default_factory=dict)
    open_at_once: int = 0
    seconds: float = 0.0
    counts: dict[str, Any] = field(default_factory=dict)
    forged: dict[str, Any] = field(default_factory=dict)
    app: dict[str, Any] = field(default_factory=dict)
    stored: set[tuple[str, str]] = field(default_factory=set)
    log: list[dict[str, Any]] = field(default_factory=list)

    def logged(self, **wanted: object) -> list[dict[str, Any]]:
        """Lines of the carrier's log with these values."""
        return [
            line for line in self.log if all(line[key] == value for key, value in wanted.items())
        ]


class Caller:
    """One poll watcher on the phone."""

    def __init__(self, index: int, line: ControlLine, night: Night, cast: Cast) -> None:
        self.index = index
        self.line = line
        self.night = night
        self.cast = cast
        self.call = f"c{index}-1"
        self.precinct = f"{index:04d}"
        self.rng = Random(index)
        self.walks = 0

    @property
    def slow(self) -> bool:
        return self.index <= self.cast.slow

    @property
    def cut(self) -> bool:
        return 0 < self.index - self.cast.slow <= self.cast.cut

    @property
    def hold(self) -> bool:
        return 0 < self.index - self.cast.slow - self.cast.cut <= self.cast.hold

    async def dial(self) -> None:
        """Phone the strike line."""
        from_ = f"+1{301 + self.index // 100}55501{self.index % 100:02d}"
        event = await self.line.dial(self.call, from_, NUMBER)
        assert event["event"] == "answered", event
        self.night.sids[self.call] = event["sid"]

    async def report(self) -> None:
        """Sign in and key the codes, then hang up."""
        if self.index > self.cast.callers - self.cast.wrong_pin:
            assert await self._sign_in("9999") == "refused"
            again = self._step("PIN", pin_of(self.precinct))
            assert await self._walk([again], SIGN_IN) == "accepted"
        else:
            assert await self._sign_in(pin_of(self.precinct)) == "accepted"
        if self.hold:
            assert await self._walk([self._step("code", "0000")], CODE) == "back"
        codes = self.rng.sample(range(1, 10_000), self.rng.randint(2, 4))
        for code in [f"{each:04d}" for each in codes]:
            await self._key(code)
        if self.index % 2 and self.index // 2 < self.cast.twice:
            assert await self._key(f"{codes[0]:04d}") == "already_have_it"
        if self.cut:
            await self._be_cut(f"{self.rng.choice(sorted(set(range(1, 10_000)) - {*codes})):04d}")
        await self.line.hang_up(self.call)

    async def _sign_in(self, pin: str) -> str:
        steps = [
            {
                **self._step("precinct", self.precinct),
                "think": self.rng.uniform(0, self.cast.spread * SPEED),
            },
            self._step("PIN", pin),
        ]
        return await self._walk(steps, SIGN_IN)

    async def _key(self, code: str) -> str:
        """Key a code until the app says that it has it."""
        for _ in range(2):
            heard = await self._walk([self._step("code", code)], CODE)
            if heard in ("accepted", "already_have_it"):
                self.night.accepted.add((self.precinct, code))
                return heard
        raise AssertionError(f"{self.call}: code {code} was answered {heard} twice")

    async def _be_cut(self, code: str) -> None:
        """Hang up with the last code on its way: nobody can tell whether it arrived."""
        self.night.unknown.add((self.precinct, code))
        walking = asyncio.create_task(
            self._walk([{**self._step("code", code), "think": 0.0}], CODE)
        )
        await asyncio.sleep(self.rng.uniform(0.05, 0.3))
        await self.line.hang_up(self.call)
        await walking

    def _step(self, expect: str, press: str) -> dict[str, Any]:
        return {"expect": expect, "press": press, "gap": 0.7, "think": self.cast.think * SPEED}

    async def _walk(self, steps: list[dict[str, Any]], outcomes: list[dict[str, str]]) -> str:
        self.walks += 1
        event = await self.line.walk(self.call, self.walks, steps=steps, outcomes=outcomes)
        self.night.classes[event["class"]] += 1
        return str(event["class"])


async def play(cast: Cast, folder: Path, *, through_proxy: bool) -> Night:
    """All callers dial, are on the line at once, report, and hang up."""
    async with AsyncExitStack() as stack:
        served = stack.enter_context(closing(socket.socket()))
        served.bind(("127.0.0.1", 0))
        served.listen(8192)
        url = f"http://127.0.0.1:{served.getsockname()[1]}"
        ready = await stack.enter_async_context(carrier_process(_carrier(url, folder)))
        settings = _app(cast, url, folder, ready, through_proxy)
        await stack.enter_async_context(app_process(APP, settings, served.fileno()))
        await _get(f"{url}/counts")
        line = await stack.enter_async_context(control_line(ready["control"]))
        night = Night()
        await _drive(line, cast, night)
        await _settled(url, cast, night)
        night.forged = await line.ask({"do": "forge", "to": NUMBER}, ("forged", ""))
        night.counts = await line.ask({"do": "counts"}, ("counts", ""))
        night.app = await _get(f"{url}/counts")
        assert not line.errors
    night.log = [json.loads(each) for each in (folder / "carrier.jsonl").read_text().splitlines()]
    return night


async def _drive(line: ControlLine, cast: Cast, night: Night) -> None:
    callers = [Caller(index, line, night, cast) for index in range(1, cast.callers + 1)]
    doors = asyncio.Semaphore(200)

    async def dial(caller: Caller) -> None:
        async with doors:
            await caller.dial()

    began = time.monotonic()
    await asyncio.gather(*map(dial, callers))
    night.open_at_once = (await line.ask({"do": "counts"}, ("counts", "")))["open"]
    await asyncio.gather(
        *(caller.report() for caller in callers),
        *(_text(line, index, night) for index in range(1, cast.texts + 1)),
    )
    night.seconds = time.monotonic() - began


async def _text(line: ControlLine, index: int, night: Night) -> None:
    """Somebody texts two codes instead of calling."""
    precinct = f"{5000 + index}"
    codes = [f"{each:04d}" for each in Random(index).sample(range(1, 10_000), 2)]
    request = {
        "do": "text",
        "id": f"t{index}",
        "from": f"+1{601 + index // 100}55501{index % 100:02d}",
        "to": NUMBER,
        "body": " ".join([precinct, pin_of(precinct), *codes]),
        "replies": TEXT,
        "within": 60,
    }
    event = await line.ask(request, ("texted", f"t{index}"))
    assert event["class"] == "accepted", event
    night.accepted |= {(precinct, code) for code in codes}


async def _settled(url: str, cast: Cast, night: Night) -> None:
    """Wait until the app has heard of the end of every call, and is done with the slow ones."""
    async with asyncio.timeout(30):
        while (await _get(f"{url}/counts"))["open"]:
            await asyncio.sleep(0.1)
    if cast.slow:
        await asyncio.sleep(2.5)  # what it took 17 s to store was given up after 15


async def _get(url: str) -> dict[str, Any]:
    def fetch() -> dict[str, Any]:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return dict(json.load(answer))

    return await asyncio.to_thread(fetch)


def _carrier(url: str, folder: Path) -> dict[str, Any]:
    return {
        "account": ACCOUNT,
        "token": TOKEN,
        "speed": SPEED,
        "seed": 1,
        "log": str(folder / "carrier.jsonl"),
        "folder": str(folder),
        "profile": {"name": "unlimited"},
        "numbers": [
            {
                "name": "strike",
                "number": NUMBER,
                "voice": {
                    "url": f"{url}/voice",
                    "fallback": f"{url}/voice/sorry",
                    "status": f"{url}/voice/status",
                },
                "text": {"url": f"{url}/sms"},
            }
        ],
    }


def _app(
    cast: Cast, url: str, folder: Path, ready: dict[str, Any], through_proxy: bool
) -> dict[str, str]:
    """The app's environment: credentials, and one of two ways to the provider."""
    way = (
        {"HTTPS_PROXY": ready["proxy"], "REQUESTS_CA_BUNDLE": ready["ca"]}
        if through_proxy
        else {"APP_API": ready["rest"]}
    )
    return {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "APP_URL": url,
        "APP_NUMBER": NUMBER,
        "APP_DATABASE": str(folder / "app.db"),
        "APP_SLOW": " ".join(f"{index:04d}" for index in range(1, cast.slow + 1)),
        "APP_SLOW_SECONDS": "17",
        **way,
    }


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """What the app's database says."""
    with closing(sqlite3.connect(folder / "app.db")) as database:
        return database.execute(query).fetchall()


def check_signatures(night: Night) -> None:
    """Every webhook was let in but those that were forged: to each number, and where keys go."""
    forged = [line["status"] for line in night.log if line["purpose"] == "forged"]
    assert night.app["refused"] == len(forged) > 2
    assert set(forged) == {403}
    assert (night.forged["voice"], night.forged["text"]) == (403, 403)
    assert {line["purpose"] for line in night.logged(status=403)} == {"forged"}


def check_truth(night: Night, folder: Path) -> None:
    """What a caller heard accepted is stored once; nothing else is, but what nobody can tell."""
    stored = rows(folder, "SELECT precinct, code, count(*) FROM codes GROUP BY precinct, code")
    assert [row for row in stored if row[2] != 1] == []
    night.stored = {(precinct, code) for precinct, code, _ in stored}
    assert night.accepted - night.stored == set()
    assert night.stored - night.accepted - night.unknown == set()


def check_confirmations(night: Night, cast: Cast, folder: Path) -> None:
    """The app texted one caller in ten through REST; each text was sent, then delivered."""
    assert night.app["client_errors"] == []
    expected = cast.callers // 10
    told: dict[str, list[str]] = {}
    for sid, status in rows(folder, "SELECT sid, status FROM texts ORDER BY rowid"):
        told.setdefault(sid, []).append(status)
    assert list(told.values()) == [["sent", "delivered"]] * expected
    created = [
        line for line in night.logged(purpose="rest", status=201) if "Messages" in line["detail"]
    ]
    assert len(created) == expected


def figures(night: Night) -> dict[str, Any]:
    """What the drill measured."""
    hooks = [line for line in night.log if line["purpose"] not in ("rest", "forged")]
    took = sorted(line["took"] for line in hooks if not line["error"])
    span = max(line["at"] + line["took"] for line in hooks) - min(line["at"] for line in hooks)
    busiest = Counter(int(line["at"]) for line in hooks).most_common(1)[0][1]
    return {
        "open at once": night.open_at_once,
        "seconds": round(night.seconds, 1),
        "webhooks": len(hooks),
        "webhooks a second": round(len(hooks) / span),
        "webhooks in the busiest second": busiest,
        "p50 ms": round(1000 * took[len(took) // 2], 1),
        "p99 ms": round(1000 * took[len(took) * 99 // 100], 1),
        "timeouts": len(night.logged(error=11205)),
        "fallbacks": len(night.logged(fallback=True)),
        "rest requests": len(night.logged(purpose="rest")),
        "codes accepted": len(night.accepted),
        "codes unknown": len(night.unknown),
        "of them stored": len(night.unknown & night.stored),
    }


@pytest.mark.live
def test_an_app_with_a_base_url_keeps_every_code(tmp_path: Path) -> None:
    """An app that can be told where its provider is needs neither proxy nor certificate."""
    cast = Cast(60, spread=0.5, think=0.1, cut=5, hold=3, wrong_pin=5, twice=10, texts=5)
    night = asyncio.run(play(cast, tmp_path, through_proxy=False))
    assert night.open_at_once == night.app["most_open"] == 60
    assert night.classes["back"] == 3
    check_signatures(night)
    check_truth(night, tmp_path)
    check_confirmations(night, cast, tmp_path)


@pytest.mark.live
@pytest.mark.slow
def test_two_thousand_calls_at_once_into_an_unmodified_app(tmp_path: Path) -> None:
    """2,000 open calls: signatures valid, slow webhooks cut at 15 s, fallback used, truth kept."""
    cast = Cast(2000, slow=12, cut=40, hold=10, wrong_pin=40, twice=100, texts=50)
    night = asyncio.run(play(cast, tmp_path, through_proxy=True))
    check_truth(night, tmp_path)
    sys.stdout.write(f"{figures(night)}\n")
    assert night.open_at_once == night.app["most_open"] == 2000
    check_signatures(night)
    check_confirmations(night, cast, tmp_path)
    slow = {night.sids[f"c{index}-1"] for index in range(1, cast.slow + 1)}
    given_up = night.logged(error=11205)
    assert sorted(line["sid"] for line in given_up) == sorted(slow)
    assert [line["took"] for line in given_up] == pytest.approx([15.0] * cast.slow, abs=0.5)
    assert sorted(line["sid"] for line in night.logged(fallback=True)) == sorted(slow)
    told = rows(tmp_path, "SELECT call, error FROM fallbacks ORDER BY call")
    assert told == [(sid, "11205") for sid in sorted(slow)]
    assert night.logged(fallback=False, error=0, status=None) == []
    assert len(rows(tmp_path, "SELECT call FROM endings WHERE status = 'completed'")) == 2000
