"""The board updates by itself, costs little however many look on, and shows no people."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from browser_stand import Chromium, axe_violations
from live_hall import Client, Served, served

from harness.live.board import Board
from harness.live.board_view import words_of
from harness.live.invitations import Invitation, anonymous, invite
from harness.live.model import Event, Happening, Sighting
from harness.live.scoring import detail_of
from harness.live.sightings import Tally
from harness.live.watcher import Watch

HOSTILE = '<img src=x onerror="alert(1)">'


class Room:
    """A drill of twelve volunteers, two insiders and a robot, and its board."""

    def __init__(self, server: Served, board: Board, watch: Watch) -> None:
        self.server, self.board, self.watch = server, board, watch
        self.invited: list[Invitation] = []

    def fill(self, count: int = 12) -> None:
        """Invite people, some of them builders of the app, and a robot; open the drill."""
        live, deck = self.server.hall.live, self.server.hall.settings.deck
        self.invited = invite(anonymous(count, deck), deck, seed=7)
        self.server.run(live.add_volunteers([each.volunteer for each in self.invited]))
        self.server.now(Happening.OPEN)

    def report(self, number: int, changes: dict[int, int] | None = None) -> Event:
        """The target is seen to hold somebody's report."""
        volunteer = self.invited[number].volunteer
        values = list(self.server.hall.settings.deck.card(volunteer.record).values)
        for cell, value in (changes or {}).items():
            values[cell] = value
        sighting = Sighting(tuple(values), channel="web", record=volunteer.record)
        return Event(0.0, Happening.SEEN, volunteer.id, detail_of(sighting))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A room with a board in it."""
    watch = Watch("records", shows_values=True, looked=time.time(), tally=Tally(3))
    board = Board(watch)
    with served(tmp_path, beside=lambda _: ([board], board.routes)) as server:
        yield Room(server, board, watch)


def events(answer: Any) -> Iterator[tuple[str, Any, str]]:
    """Server-sent events as they come: name, data, id."""
    told = {"event": "", "data": "", "id": ""}
    for each in answer:
        line = each.decode().rstrip("\n")
        name, _, value = line.partition(": ")
        if line:
            told[name] = value
        elif told["event"]:
            yield told["event"], orjson.loads(told["data"]), told["id"]
            told = dict.fromkeys(("event", "data", "id"), "")


def stream_of(page: str) -> str:
    """Where a page listens."""
    found = re.search(r'data-events="([^"]+)"', page)
    assert found is not None
    return found[1].replace("&amp;", "&")


def shown(page: str, place: str) -> str:
    """The text at a place of a page."""
    html = page.partition(f'id="{place}"')[2].partition(">")[2].partition("</div>")[0]
    return " ".join(re.sub("<[^>]+>", " ", html).split())


def test_board_is_for_staff_alone(room: Room) -> None:
    """Who is not signed in is sent to do so, and hears nothing."""
    stranger = Client(room.server.url)
    for path in ("/board", "/board/events"):
        status, _, headers = stranger.get(path)
        assert (status, headers["location"]) == (303, "/organize/sign-in")
    assert stranger.get("/board/board.css")[0] == 200
    assert stranger.get("/board/..%2Flive.db")[0] == 404


def test_board_counts_and_has_no_people_or_verdicts_on_it(room: Room) -> None:
    """The funnel is on it in figures; no id, link, account or word of a verdict is."""
    room.fill()
    room.server.happen(
        Event(0.0, Happening.OPENED, room.invited[0].volunteer.id), room.report(1),
        room.report(2, {0: 9999}),
        *(Event(0.0, Happening.TROUBLE, "", {"what": what, "on": True})
          for what in (HOSTILE, "since", "app_down", "slow_network")),
        Event(0.0, Happening.TROUBLE, "", {"what": "slow_network", "on": False}),
    )  # fmt: skip
    room.watch.problem = HOSTILE
    _, page, headers = room.server.client().get("/board")
    assert shown(page, "volunteers-funnel") == (
        "Invited 12 Opened 3 of 12 Signed in 2 of 12 Practised 2 of 12 Reported 2 of 12 "
        "Fully correct 1 of 12"
    )
    assert shown(page, "volunteers-errors") == "Other 1"
    assert "1 report is right" in page
    assert "App down for 0:0" in shown(page, "trouble")
    assert "Slow network" not in shown(page, "trouble")
    for each in (each.volunteer for each in room.invited):
        assert not {each.id, each.token, each.account} & set(re.findall(r"[\w-]+", page))
    assert not re.search(r"\b(GO|NO-GO|pass(ed)?|fail(ed)?|verdict)\b", page)
    assert "<img" not in page
    assert "Rehearsal &lt;of&gt; Polk" in page
    policy = headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|<\w[^>]*\s(on\w+|style)=", page)


def test_what_changes_comes_by_itself_and_nothing_else(room: Room) -> None:
    """A report on its way to the target is on the board a moment later, in the parts it changes."""
    room.fill()
    client = room.server.client()
    page = client.get("/board")[1]
    with client.open(stream_of(page)) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        coming = events(answer)
        next(each for each in coming if each[0] == "tick")
        room.server.happen(room.report(4))
        parts: dict[str, str] = {}
        while "volunteers-funnel" not in parts:
            name, data, number = next(coming)
            parts = data if name == "parts" else {}
        assert "Reported</span> <b>1</b>" in parts["volunteers-funnel"]
        counties = [name for name in parts if "-county-" in name]
        assert len(counties) == 1
        assert "report is right" in parts[counties[0]]
        assert number
        assert room.board.listeners == 1


def test_whoever_comes_back_is_told_what_they_missed(room: Room) -> None:
    """A browser that lost the stream names the last picture it saw; another server's is none."""
    room.fill()
    client = room.server.client()
    page = client.get("/board")[1]
    room.server.happen(room.report(4))
    for last, whole in (("", False), ("0badcafe-3", True)):
        headers = {"last-event-id": last} if last else {}
        with client.open(stream_of(page), headers=headers) as answer:
            parts: dict[str, str] = {}
            for name, data, _ in events(answer):
                parts |= data if name == "parts" else {}
                if "volunteers-funnel" in parts:
                    break
        assert ("volunteers-channels" in parts) or not whole


def test_new_places_load_the_page_again(room: Room) -> None:
    """When a list is added while people look on, their page has no place for it: it is reloaded."""
    client = room.server.client()
    page = client.get("/board")[1]
    assert "Nobody is invited yet." in page
    with client.open(stream_of(page)) as answer:
        coming = events(answer)
        next(coming)
        room.fill()
        assert any(name == "reload" for name, _, _ in coming)


def test_stream_ends_with_the_sign_in(room: Room) -> None:
    """Whoever signs out, or is signed out, hears no more."""
    room.fill()
    client = room.server.client()
    page = client.get("/board")[1]
    with client.open(stream_of(page)) as answer:
        coming = events(answer)
        next(coming)
        room.server.hall.live.sessions.clear()
        assert len(list(coming)) <= 2  # what was on its way, and then the end


def test_many_who_look_on_share_one_picture(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten boards cost no more marks than one."""
    room.fill()
    looked: list[float] = []
    look = Board._look
    monkeypatch.setattr(
        Board, "_look", lambda board, hall: (looked.append(1.0), look(board, hall))[1]
    )
    client = room.server.client()
    page = client.get("/board")[1]
    answers = [client.open(stream_of(page)) for _ in range(10)]
    coming = [events(each) for each in answers]
    ticks = 0
    while ticks < 3:
        ticks += all(any(name == "tick" for name, _, _ in each) for each in coming)
    for each in answers:
        each.close()
    assert len(looked) <= 6


def test_board_speaks_three_languages(room: Room) -> None:
    """Every word that the board has in English it has in Spanish and French."""
    english = words_of("en").words
    for tag in ("es", "fr"):
        other = words_of(tag).words
        assert list(other) == list(english)
        for key, said in english.items():
            assert re.findall(r"{\w+}", other[key]) == re.findall(r"{\w+}", said), key
    room.fill()
    client = room.server.client()
    assert '<html lang="es">' in client.get("/board?language=es")[1]
    assert "Reportaron" in client.get("/board?language=es")[1]
    assert '<html lang="en">' in client.get("/board?language=%22%3E")[1]


def test_page_in_a_browser_is_for_everybody(room: Room, chromium: Chromium) -> None:
    """It reflows at 320 px, follows dark mode, keeps itself up to date, and axe finds nothing."""
    room.fill()
    room.server.happen(
        *(Event(0.0, Happening.OPENED, each.volunteer.id) for each in room.invited[:6]),
        room.report(1), room.report(2, {0: 9999}),
    )  # fmt: skip
    cookies = room.server.cookies()

    async def look(page: Any) -> None:
        await page.context.add_cookies(cookies)
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text))
        for width, height, scheme in ((1280, 800, "light"), (320, 568, "dark")):
            await page.set_viewport_size({"width": width, "height": height})
            await page.emulate_media(color_scheme=scheme)
            await page.goto(f"{room.server.url}/board")
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert await page.evaluate(wide) <= 0
            assert await axe_violations(page) == []
        reported = page.locator(".volunteers .tile.reported b")
        assert await reported.text_content() == "2"
        await reported.evaluate("it => it.closest('.group').dataset.kept = '1'")
        await asyncio.to_thread(room.server.happen, room.report(3))
        await page.locator(".volunteers .tile.reported b", has_text="3").wait_for()
        assert await page.locator(".group[data-kept]").count() == 1  # the page was not loaded again
        assert complaints == []

    chromium.on_page(look)
