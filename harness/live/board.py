"""The live board: one page for the room, which updates by itself.

What it shows is worked out once a second, however many look on, and only the parts that have
changed are sent (server-sent events). Without JavaScript the page loads itself again. There are
no people on it, and no word of a verdict.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from harness.live.accounts import signed_in, staff
from harness.live.board_view import SIGNS, View, environment, words_of
from harness.live.hall import Hall, hall_of
from harness.live.model import Role
from harness.live.pages import speaks
from harness.live.picture import Picture, picture
from harness.live.watcher import Watch
from simulators.apps.serving.refusal import Refusal

BEAT = 1.0  # wall seconds between two pictures
MOST = 200  # boards that are looked at at once
_SEEING = (Role.HELPER, Role.OBSERVER)
_STATIC = {
    name: (kind, files(__package__).joinpath("templates", name).read_bytes())
    for name, kind in (("board.css", "text/css"), ("board.js", "text/javascript"))
}
_log = logging.getLogger(__name__)


class Board:
    """The board of one live server; serve it beside the pages, and its routes with theirs.

    Args:
        watch: How the watcher is doing; None if nobody watches.
    """

    def __init__(self, watch: Watch | None = None) -> None:
        self.watch = watch
        self.listeners = 0
        self._views: dict[str, View] = {}
        self._process = secrets.token_hex(4)
        self._picture: Picture | None = None
        self._drawn = 0.0
        self._beat = asyncio.Event()
        self.routes = [
            Route("/board", self.page),
            Route("/board/events", self.events),
            Route("/board/{name}", self.static),
        ]

    @asynccontextmanager
    async def __call__(self, hall: Hall) -> AsyncIterator[None]:
        """While the block runs, whoever looks on is sent what changes."""
        beating = asyncio.create_task(self._beats(hall), name="board")
        try:
            yield
        finally:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beating

    # -- pages --------------------------------------------------------------------------------

    async def page(self, request: Request) -> Response:
        """The whole board."""
        who, hall = staff(request, *_SEEING), hall_of(request)
        view = self._view(hall, _tag(request))
        others = [words_of(tag) for tag in hall.settings.languages if tag != view.words.tag]
        text = environment.get_template("board.html.j2").render(
            t=view.words, view=view, signs=SIGNS, languages=others,
            drill=hall.settings.handout.title, organizes=who.may(Role.HELPER),
        )  # fmt: skip
        return HTMLResponse(text)

    async def static(self, request: Request) -> Response:
        """The board's own style and script; there is nothing in them to keep from anybody."""
        kind, data = _STATIC.get(request.path_params["name"], ("", b""))
        if not kind:
            raise Refusal(404, "no_page", "There is no such page.")
        return Response(data, media_type=kind, headers={"Cache-Control": "max-age=300"})

    async def events(self, request: Request) -> Response:
        """What changes, for as long as somebody looks on and may."""
        staff(request, *_SEEING)
        if self.listeners >= MOST:
            raise Refusal(503, "busy", "Too many boards are open. Close one.", retry_after=10)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(
            self._stream(request), media_type="text/event-stream", headers=headers
        )

    async def _stream(self, request: Request) -> AsyncIterator[bytes]:
        hall, tag, asked = hall_of(request), _tag(request), request.query_params
        seen = request.headers.get("last-event-id") or asked.get("seen", "")
        self.listeners += 1
        try:
            yield b"retry: 2000\n\n"
            while (who := signed_in(request)) is not None and who.may(*_SEEING):
                view = self._view(hall, tag)
                if asked.get("shape", view.shape) != view.shape:
                    yield _event("reload", "", "")
                    return
                if changed := view.changed(seen):
                    yield _event("parts", changed, view.seen)
                    seen = view.seen
                yield _event("tick", view.clock, "")
                await self._beat.wait()
        finally:
            self.listeners -= 1

    # -- what is shown --------------------------------------------------------------------------

    async def _beats(self, hall: Hall) -> None:
        while True:
            await asyncio.sleep(BEAT)
            if not self.listeners:
                continue
            try:
                self._look(hall)
            except Exception:  # a board that cannot be drawn stops no drill, and is tried again
                _log.exception("the board could not be drawn")
            beat, self._beat = self._beat, asyncio.Event()
            beat.set()

    def _look(self, hall: Hall) -> Picture:
        """A new picture, drawn in every language that anybody has asked for."""
        live = hall.live
        now = live.now()
        found = self._picture = picture(
            hall.marker.marks(live.roll), live.roll, now=now,
            deadline=hall.settings.terms.deadline,
        )  # fmt: skip
        self._drawn = time.monotonic()
        for view in self._views.values():
            view.draw(found, self.watch, _time_of_day(now))
        return found

    def _view(self, hall: Hall, tag: str) -> View:
        """The board in a language, no older than a beat or two."""
        found = self._picture
        if found is None or time.monotonic() - self._drawn > 2 * BEAT:
            found = self._look(hall)
        if tag not in self._views:
            view = self._views[tag] = View(self._process, words_of(tag))
            view.draw(found, self.watch, _time_of_day(found.at))
        return self._views[tag]


def _tag(request: Request) -> str:
    """The language of a board: the one asked for, if the drill has it."""
    asked = request.query_params.get("language", "")
    return asked if asked in hall_of(request).settings.languages else speaks(request).tag


def _time_of_day(now: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(now))


def _event(name: str, data: Any, number: str) -> bytes:
    """One server-sent event; JSON keeps its data on one line."""
    head = f"id: {number}\n" if number else ""
    return f"{head}event: {name}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"
