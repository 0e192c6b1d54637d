"""A small app with pages of our choice, and personas who walk them in a real browser."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from harness.browser import why_no_browser
from harness.channels.web.trial import Tried, errands, try_out
from harness.target import Run, Target, load_target
from simulators.people.person import Person
from simulators.people.personas import PERSONAS, Persona

NEEDS_BROWSER = pytest.mark.skipif(bool(why_no_browser()), reason=why_no_browser() or "-")
FIELDS = ("attendance", "biden", "warren")
VALUES = (12, 7, 0)
CHAIR = Person(
    3, "chair", "chair-0003", record="IA-0003", codes=("111111", "222222", "333333"), patience=2.0
)

FORM = """<!doctype html><html lang="en"><head><title>Report</title>
<meta name="viewport" content="width=device-width">
<style>input, button, [role=button] {{ min-width: 99px; min-height: 48px }}</style></head>
<body><main>
<form method="post" action="/send">
<label>Attendance <input name="attendance" inputmode="numeric"></label>
<label>Biden <input name="biden" inputmode="numeric"></label>
<label>Warren <input name="warren" inputmode="numeric"></label>
{before}<button>Send</button>{after}
</form></main></body></html>"""
THANKS = "<!doctype html><html lang='en'><title>Thanks</title><main><h1>Received</h1></main></html>"


@dataclass
class App:
    """What the app shows, and what it was sent.

    Attributes:
        page: The form's page.
        sent: Every form that came in.
        hangs_up: It keeps no connection after a page.
        answer: What follows a form.
    """

    page: str = FORM.format(before="", after="")
    sent: list[dict[str, str]] = field(default_factory=list)
    answer: Callable[[dict[str, str]], Response] = lambda form: HTMLResponse(THANKS)
    others: dict[str, str] = field(default_factory=dict)
    hangs_up: bool = False
    port: int = 0

    def asgi(self) -> Starlette:
        async def show(request: Request) -> Response:
            page = self.others.get(request.url.path, self.page)
            return HTMLResponse(page, headers={"Connection": "close"} if self.hangs_up else {})

        async def send(request: Request) -> Response:
            given = {name: str(value) for name, value in (await request.form()).items()}
            self.sent.append(given)
            return self.answer(given)

        return Starlette(
            routes=[Route("/{path:path}", show), Route("/{path:path}", send, methods=["POST"])]
        )

    @contextmanager
    def up(self, **settings: Any) -> Iterator[App]:
        """Serve it while the block runs; the settings are uvicorn's."""
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        server = uvicorn.Server(
            uvicorn.Config(self.asgi(), log_level="error", lifespan="off", **settings)
        )
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield self
        finally:
            server.should_exit = True
            server.force_exit = True
            thread.join(10)
            listening.close()


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    """One app for the tests of a module; each finds it as it was (see ``fresh``)."""
    with App().up() as app:
        yield app


@pytest.fixture(autouse=True)
def fresh(app: App) -> None:
    """The plain page, and nothing sent yet."""
    app.page, app.sent, app.others = FORM.format(before="", after=""), [], {}
    app.answer = lambda form: HTMLResponse(THANKS)


THANKED = {"role": "heading", "name": "Received"}
WEB: dict[str, Any] = {
    "operations": {
        "submit_report": {
            "steps": [
                {"open": "/"},
                {
                    "name": "numbers",
                    "for_each": "cells",
                    "fill": {"label": "{{ cell.words[0] }}"},
                    "value": "{{ cell.value }}",
                },
                {"name": "send", "press": {"role": "button", "name": "Send"}},
            ],
            "endings": [
                {"class": "accepted", "name": "received", "see": THANKED},
                {"class": "refused", "name": "a mistake", "see": "Only digits, please."},
            ],
            "within_s": 3,
        }
    }
}  # fmt: skip


def target_of(port: int, web: dict[str, Any] | None = None, **more: Any) -> Target:
    """The app as a target: pages alone."""
    described = {
        "name": "pages", "base_url": f"http://127.0.0.1:{port}", "web": web or WEB, **more,
    }  # fmt: skip
    return load_target(described, run=Run("test", 7, FIELDS))


def persona(name: str = "steady", **differs: Any) -> Persona:
    """Somebody of the deck, without patience for a broken page."""
    found = PERSONAS[name]
    two = replace(found.tries, value=2.0)
    return replace(found, **{"tries": two, **differs})


def report(app: App, who: Persona, folder: Path, **settings: Any) -> Tried:
    """Somebody sends one report."""
    sending = [each for each in errands(CHAIR, VALUES) if each.kind == "submit_report"]
    web = settings.pop("web", None)
    target = target_of(app.port, web, **settings.pop("described", {}))
    return try_out(target, who, sending, folder, **{"speed": 60.0, **settings})
