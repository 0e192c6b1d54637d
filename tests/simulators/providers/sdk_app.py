"""A small strike-list app as a campaign would write it with the official ``twilio`` SDK.

It knows nothing of drills. Every webhook is checked with the SDK's ``RequestValidator``, every
answer is built with the SDK's classes, and texts and changes of live calls go through the SDK's
``Client``, which believes that it talks to the provider. Callers key a precinct, its PIN and
four-digit codes; codes are kept in SQLite, in a table that would take one twice.

Settings come from the environment, as a host would give them:

``TWILIO_ACCOUNT_SID``, ``TWILIO_AUTH_TOKEN``
    Credentials.
``APP_SOCKET``
    File descriptor of the socket to serve.
``APP_URL``, ``APP_NUMBER``, ``APP_DATABASE``
    Its own address, its phone number and its file.
``APP_SLOW``, ``APP_SLOW_SECONDS``
    Precincts; the first code of a call about one takes it so many seconds to store.
``APP_API``
    Another host for the provider's API; without it the SDK's own.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Gather, VoiceResponse

SCHEMA = """
CREATE TABLE codes (precinct TEXT, code TEXT, call TEXT);
CREATE TABLE fallbacks (call TEXT, error TEXT, url TEXT);
CREATE TABLE endings (call TEXT, status TEXT);
CREATE TABLE texts (sid TEXT, status TEXT);
CREATE TABLE stopped (number TEXT PRIMARY KEY);
"""


def pin_of(precinct: str) -> str:
    """The PIN that a precinct's poll watcher was given."""
    return f"{(int(precinct) * 7919 + 31) % 10_000:04d}"


class OtherHost(TwilioHttpClient):
    """Sends what is meant for the provider's API to another address."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def request(self, method: str, url: str, *args: object, **named: object) -> object:
        """As the SDK's own client, elsewhere."""
        there = url.replace("https://api.twilio.com", self.base)
        return super().request(method, there, *args, **named)


@dataclass
class App:
    """What the app holds while it runs."""

    validator: RequestValidator
    client: Client
    database: sqlite3.Connection
    url: str
    number: str
    slow: frozenset[str]
    slow_seconds: float
    precincts: dict[str, str] = field(default_factory=dict)
    slowed: set[str] = field(default_factory=set)
    open_calls: set[str] = field(default_factory=set)
    most_open: int = 0
    webhooks: int = 0
    refused: int = 0
    client_errors: list[str] = field(default_factory=list)
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4))

    def ask(self, words: str, action: str) -> Response:
        """Say something and gather four digits; the caller has all the time in the world."""
        answer = VoiceResponse()
        gather = Gather(num_digits=4, action=self.url + action, timeout=3600)
        gather.say(words)
        answer.append(gather)
        return twiml(answer)

    def store(self, precinct: str, code: str, call: str) -> bool:
        """Keep a code; False if it was there."""
        row = self.database.execute(
            "SELECT 1 FROM codes WHERE precinct = ? AND code = ?", (precinct, code)
        ).fetchone()
        if row is None:
            self.note("codes", precinct, code, call)
        return row is None

    def note(self, table: str, *values: str) -> None:
        """Add a row."""
        marks = ", ".join("?" * len(values))
        self.database.execute(f"INSERT INTO {table} VALUES ({marks})", values)
        self.database.commit()

    def later(self, call: Callable[[], object]) -> None:
        """Use the SDK's blocking client in a thread; its errors are counted."""
        self.threads.submit(call).add_done_callback(self._done)

    def _done(self, future: object) -> None:
        error = future.exception()  # type: ignore[attr-defined]
        if error is not None:
            self.client_errors.append(f"{type(error).__name__}: {error}")


Handler = Callable[[App, dict[str, str], Request], Awaitable[Response]]


def twiml(answer: VoiceResponse | MessagingResponse) -> Response:
    return Response(str(answer), media_type="text/xml")


def signed(app: App, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Let only those webhooks through that the provider signed."""

    async def endpoint(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        app.webhooks += 1
        signature = request.headers.get("X-Twilio-Signature", "")
        if not app.validator.validate(str(request.url), form, signature):
            app.refused += 1
            return Response(status_code=403)
        return await handler(app, form, request)

    return endpoint


async def voice(app: App, form: dict[str, str], request: Request) -> Response:
    app.open_calls.add(form["CallSid"])
    app.most_open = max(app.most_open, len(app.open_calls))
    return app.ask("Welcome. Enter your precinct.", "/voice/precinct")


async def precinct(app: App, form: dict[str, str], request: Request) -> Response:
    app.precincts[form["CallSid"]] = form["Digits"]
    return app.ask("Enter your PIN.", "/voice/pin")


async def pin(app: App, form: dict[str, str], request: Request) -> Response:
    if form["Digits"] != pin_of(app.precincts[form["CallSid"]]):
        return app.ask("That PIN is wrong. Enter your PIN.", "/voice/pin")
    return app.ask("Enter a code.", "/voice/code")


async def code(app: App, form: dict[str, str], request: Request) -> Response:
    call, digits = form["CallSid"], form["Digits"]
    place = app.precincts[call]
    if digits == "0000":
        return hold(app, call)
    first = (
        app.database.execute("SELECT 1 FROM codes WHERE precinct = ?", (place,)).fetchone() is None
    )
    if place in app.slow and call not in app.slowed:
        app.slowed.add(call)
        await asyncio.sleep(app.slow_seconds)
    new = app.store(place, digits, call)
    if first and new and int(place) % 10 == 0:
        confirm(app, form["From"], digits)
    words = "Thank you, that code is noted." if new else "We have that code already."
    return app.ask(f"{words} Enter the next code.", "/voice/code")


def confirm(app: App, number: str, digits: str) -> None:
    """Text the caller that a code was taken."""
    app.later(
        lambda: app.client.messages.create(
            to=number,
            from_=app.number,
            body=f"Code {digits} is noted.",
            status_callback=app.url + "/sms/status",
        )
    )


def hold(app: App, call: str) -> Response:
    """Park a caller, and have the call fetched back from outside."""
    answer = VoiceResponse()
    answer.say("Please hold.")
    answer.pause(length=3600)
    app.later(lambda: app.client.calls(call).update(url=app.url + "/voice/back", method="POST"))
    return twiml(answer)


async def back(app: App, form: dict[str, str], request: Request) -> Response:
    return app.ask("We are back with you. Enter the next code.", "/voice/code")


async def sorry(app: App, form: dict[str, str], request: Request) -> Response:
    app.note("fallbacks", form["CallSid"], form["ErrorCode"], form["ErrorUrl"])
    return app.ask("Sorry, we had trouble. Enter that code again.", "/voice/code")


async def ended(app: App, form: dict[str, str], request: Request) -> Response:
    app.open_calls.discard(form["CallSid"])
    app.note("endings", form["CallSid"], form["CallStatus"])
    return Response(status_code=204)


async def sms(app: App, form: dict[str, str], request: Request) -> Response:
    answer = MessagingResponse()
    words = form["Body"].split()
    if words and words[0].upper() == "STOP":
        app.database.execute("INSERT OR IGNORE INTO stopped VALUES (?)", (form["From"],))
        app.database.commit()
        return twiml(answer)
    if len(words) < 3 or words[1] != pin_of(words[0]):
        answer.message("Sorry, we do not know that precinct and PIN.")
        return twiml(answer)
    new = sum(app.store(words[0], each, form["MessageSid"]) for each in words[2:])
    answer.message(f"OK, {new} codes noted.")
    return twiml(answer)


async def sms_status(app: App, form: dict[str, str], request: Request) -> Response:
    app.note("texts", form["MessageSid"], form["MessageStatus"])
    return Response(status_code=204)


def build(app: App) -> Starlette:
    """The web app."""
    hooks: dict[str, Handler] = {
        "/voice": voice,
        "/voice/precinct": precinct,
        "/voice/pin": pin,
        "/voice/code": code,
        "/voice/back": back,
        "/voice/sorry": sorry,
        "/voice/status": ended,
        "/sms": sms,
        "/sms/status": sms_status,
    }

    async def counts(request: Request) -> Response:
        return JSONResponse(
            {
                "webhooks": app.webhooks,
                "refused": app.refused,
                "open": len(app.open_calls),
                "most_open": app.most_open,
                "client_errors": app.client_errors,
            }
        )

    routes = [Route(path, signed(app, hook), methods=["POST"]) for path, hook in hooks.items()]
    return Starlette(routes=[*routes, Route("/counts", counts)])


def main() -> None:
    """Serve the socket that was handed over, until killed."""
    database = sqlite3.connect(os.environ["APP_DATABASE"])
    database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" + SCHEMA)
    other = os.environ.get("APP_API")
    app = App(
        validator=RequestValidator(os.environ["TWILIO_AUTH_TOKEN"]),
        client=Client(http_client=OtherHost(other)) if other else Client(),
        database=database,
        url=os.environ["APP_URL"],
        number=os.environ["APP_NUMBER"],
        slow=frozenset(os.environ.get("APP_SLOW", "").split()),
        slow_seconds=float(os.environ.get("APP_SLOW_SECONDS", "17")),
    )
    served = socket.socket(fileno=int(os.environ["APP_SOCKET"]))
    config = uvicorn.Config(build(app), log_level="warning", access_log=False, backlog=8192)
    asyncio.run(uvicorn.Server(config).serve(sockets=[served]))


if __name__ == "__main__":
    main()
