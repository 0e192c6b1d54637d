"""A carrier in this process, and a small app whose answers a test chooses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from simulators.providers.carrier.carrier import Carrier
from simulators.providers.carrier.clock import Clock
from simulators.providers.carrier.config import read_config
from simulators.providers.carrier.front import Front, open_front
from simulators.providers.carrier.log import Entry, ListLog
from simulators.providers.carrier.profile import read_profile
from simulators.providers.carrier.texts import TextNetwork
from simulators.providers.carrier.transport import HttpTransport

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "a token"
STRIKE = "+15555550101"
HELP = "+15555550102"
PERSON = "+15155550142"

Form = Mapping[str, str]
Answer = str | tuple[int, str]


class ToStandIn(TwilioHttpClient):
    """The SDK's own client, sent to the stand-in by its base URL."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base

    def request(self, method: str, url: str, *args: object, **named: object) -> object:
        return super().request(
            method, url.replace("https://api.twilio.com", self._base), *args, **named
        )


@dataclass
class Stand:
    """What a test holds.

    Attributes:
        heard: Every webhook: path, form, and the idempotency token.
        answers: What the app answers, by path: TwiML, or a status and a text.
    """

    carrier: Carrier
    front: Front
    log: ListLog
    app: str
    heard: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    answers: dict[str, Callable[[Form], Answer]] = field(default_factory=dict)

    @property
    def texts(self) -> TextNetwork:
        assert isinstance(self.carrier.texts, TextNetwork)
        return self.carrier.texts

    def client(self, token: str = TOKEN) -> Client:
        """The official SDK, speaking with the stand-in."""
        return Client(ACCOUNT, token, http_client=ToStandIn(self.front.rest))

    def forms(self, path: str) -> list[dict[str, str]]:
        """What the app was told at one path, in order."""
        return [form for where, form, _ in self.heard if where == path]

    def logged(self, purpose: str) -> list[Entry]:
        """Entries of the carrier's log."""
        return [entry for entry in self.log.entries if entry.purpose == purpose]

    async def until(self, true: Callable[[], bool], within: float = 5.0) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(within):
            while not true():
                await asyncio.sleep(0.005)


@asynccontextmanager
async def stand(folder: Path, *, speed: float = 100, **profile: object) -> AsyncIterator[Stand]:
    """A carrier of two numbers with texts; the profile has no limits but those given."""
    app = web.Application()
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    found: list[Stand] = []

    async def serve(request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        here = found[0]
        here.heard.append((request.path, form, request.headers["I-Twilio-Idempotency-Token"]))
        said = here.answers.get(request.path, lambda form: "<Response/>")(form)
        status, text = said if isinstance(said, tuple) else (200, said)
        return web.Response(status=status, text=text, content_type="text/xml")

    app.router.add_route("*", "/{rest:.*}", serve)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    config = read_config(_settings(base, folder, speed))
    log = ListLog()
    carrier = Carrier(config, transport=HttpTransport(), clock=Clock(speed), log=log)
    limits = read_profile({"name": "unlimited", **profile})
    front = await open_front(carrier, limits, folder)
    found.append(Stand(carrier, front, log, base))
    try:
        yield found[0]
    finally:
        await front.close()
        await carrier.close()
        await runner.cleanup()


def _settings(base: str, folder: Path, speed: float) -> str:
    hooks = {"url": f"{base}/voice"}
    text = {"url": f"{base}/sms", "fallback": f"{base}/sms/sorry"}
    return json.dumps(
        {
            "account": ACCOUNT,
            "token": TOKEN,
            "speed": speed,
            "seed": 1,
            "log": str(folder / "carrier.jsonl"),
            "folder": str(folder),
            "numbers": [
                {"name": "strike", "number": STRIKE, "voice": hooks, "text": text},
                {"name": "help", "number": HELP, "voice": hooks},
            ],
        }
    )
