"""A live server in a thread, signed in to, for tests of its pages."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from http.client import HTTPMessage
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from starlette.routing import BaseRoute

from harness.live.app import make_live_app
from harness.live.cards import Handout
from harness.live.deck import Deck
from harness.live.hall import Hall, LiveSettings, Service
from harness.live.model import Event, Happening
from harness.live.scoring import Terms
from harness.scenario import load_scenario
from simulators.plans import plan_of

PASSWORD = "a long practice password"
Result = TypeVar("Result")


@cache
def deck_of(scale: float = 0.05) -> Deck:
    """The cards of a small caucus night."""
    night = load_scenario("iowa-caucus-night").night("rehearsal", seed=7, scale=scale)
    return Deck(plan_of(night))


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows nothing: a test says itself where it goes."""

    def redirect_request(self, *given: Any) -> None:
        """Nowhere."""


class Client:
    """A browser without a screen: it keeps cookies and follows nothing.

    Args:
        url: Of the server.
    """

    def __init__(self, url: str) -> None:
        self.url, self.jar = url, CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.jar), _Stay()
        )

    def open(
        self, path: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> Any:
        """An answer that is still coming in: a file with a status and headers; close it."""
        data = None if form is None else urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(self.url + path, data, headers or {})
        try:
            return self._opener.open(request, timeout=30)
        except urllib.error.HTTPError as answer:
            return answer

    def get(self, path: str) -> tuple[int, str, HTTPMessage]:
        """Status, text and headers of a page."""
        with self.open(path) as answer:
            return answer.status, answer.read().decode(), answer.headers

    def post(self, path: str, form: dict[str, str]) -> tuple[int, str, HTTPMessage]:
        """The same of what a form comes to."""
        with self.open(path, form) as answer:
            return answer.status, answer.read().decode(), answer.headers


class Served:
    """A live server that runs.

    Attributes:
        url: Where it is.
        hall: What its pages are served from; see :meth:`run`.
    """

    def __init__(self) -> None:
        self.url = ""
        self.hall: Hall
        self._loop: asyncio.AbstractEventLoop

    @asynccontextmanager
    async def keep(self, hall: Hall) -> Any:
        """A service that lets tests get at the hall."""
        self.hall, self._loop = hall, asyncio.get_running_loop()
        yield

    def run(self, doing: Coroutine[Any, Any, Result]) -> Result:
        """Do something on the server's loop."""
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(30)

    def happen(self, *events: Event) -> None:
        """Let things happen."""
        self.run(self.hall.live.append(*events))

    def now(self, what: Happening, volunteer: str = "", **detail: Any) -> None:
        """Let something happen at this moment."""
        self.happen(Event(0.0, what, volunteer, detail))

    def client(self) -> Client:
        """Somebody who is signed in as the organizer."""
        client = Client(self.url)
        _, page, _ = client.get("/organize/sign-in")
        token = re.search(r'name="form" value="([0-9a-f]+)"', page)
        assert token is not None
        given = {"form": token[1], "name": "organizer", "password": PASSWORD}
        status, text, _ = client.post("/organize/sign-in", given)
        assert status == 303, text
        return client

    def cookies(self) -> list[dict[str, str]]:
        """The same sign-in for a browser."""
        return [
            {"name": each.name, "value": each.value or "", "url": self.url}
            for each in self.client().jar
        ]


@contextmanager
def served(
    folder: Path,
    *,
    deck: Deck | None = None,
    title: str = "Rehearsal <of> Polk & Linn",
    terms: Terms | None = None,
    beside: Callable[[Served], tuple[Sequence[Service], Sequence[BaseRoute]]] | None = None,
) -> Iterator[Served]:
    """Serve a drill on a free loopback port.

    Args:
        beside: More services and routes.
    """
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    found = Served()
    found.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    handout = Handout(
        title=title, app="the app", address="http://127.0.0.1:9/", help_number="515-555-0100",
        link=f"{found.url}/v/", organizer=f"{found.url}/organize",
    )  # fmt: skip
    settings = LiveSettings(
        folder / "live.db", deck or deck_of(), handout, terms=terms or Terms(), password=PASSWORD
    )
    services, routes = ((), ()) if beside is None else beside(found)
    app = make_live_app(settings, services=[found.keep, *services], routes=routes)
    config = uvicorn.Config(
        app, log_level="critical", lifespan="on", timeout_graceful_shutdown=1, loop="asyncio"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True
    )
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    assert server.started
    try:
        yield found
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
