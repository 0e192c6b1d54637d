"""Every page of the live drill in a real browser: nothing on it shuts anybody out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browser_stand import Chromium
from live_hall import Served, served

pytest.importorskip("playwright.async_api")
from harness.channels.web.looks.barrier import Setting
from harness.channels.web.looks.registry import LOOKS
from harness.live.invitations import anonymous, invite
from harness.live.language import LANGUAGES
from harness.live.model import Event, Happening, Volunteer

pytestmark = pytest.mark.slow

SETTINGS: dict[str, dict[str, Any]] = {
    "phone, light, English": {"viewport": {"width": 320, "height": 640}, "locale": "en-US"},
    "phone, dark, Spanish": {
        "viewport": {"width": 320, "height": 640}, "locale": "es-US", "color_scheme": "dark",
    },
    "wide, light, French": {"viewport": {"width": 1280, "height": 800}, "locale": "fr-CA"},
    "wide, dark, English": {
        "viewport": {"width": 1280, "height": 800}, "locale": "en-US", "color_scheme": "dark",
    },
    "phone, forced colours": {
        "viewport": {"width": 320, "height": 640}, "locale": "en-US", "forced_colors": "active",
    },
}  # fmt: skip
EVERYWHERE = ("axe", "reflow", "targets", "labels", "contrast")
AS_SEEN = {
    "phone, light, English": EVERYWHERE,
    "phone, dark, Spanish": ("axe", "reflow"),
    "wide, light, French": ("axe", "reflow"),
    "wide, dark, English": ("axe",),
    "phone, forced colours": ("contrast",),
}
"""Which looks each is worth: what depends on the words, on the width, or on the colours."""


class Room:
    """A drill with somebody on every page."""

    def __init__(self, server: Served) -> None:
        self.server = server
        deck = server.hall.settings.deck
        invited = invite(anonymous(12, deck), deck, seed=7)
        self.people = [each.volunteer for each in invited]
        server.run(server.hall.live.add_volunteers(self.people))
        server.now(Happening.OPEN)
        for upto, who in enumerate(self.people[:4]):
            for what in (Happening.AGREED, Happening.SIGNED_IN, Happening.SENT)[:upto]:
                server.now(what, who.id)
        self.seen(self.people[4], {0: 99, 3: 55, 17: 12})
        self.seen(self.people[5], {})
        server.now(Happening.SURVEYED, self.people[5].id, sus=[3] * 10, comment="")
        server.now(Happening.CALLED, self.people[6].id, whom="volunteer", reached=False)
        server.happen(Event(0.0, Happening.TROUBLE, detail={"what": "app_down", "on": True}))
        server.run(server.hall.live.erase(self.people[7].id))
        opened = server.hall.live.roll.opened
        assert opened is not None
        server.hall.live.now = lambda: opened + 5000  # so that reports are due

    def seen(self, who: Volunteer, changes: dict[int, int]) -> None:
        """The app holds their report."""
        server = self.server
        for what in (Happening.AGREED, Happening.SIGNED_IN, Happening.SENT):
            server.now(what, who.id)
        card = server.hall.card(server.hall.live.roll.journeys[who.id].card)
        values = [changes.get(cell, value) for cell, value in enumerate(card.values)]
        server.happen(Event(0.0, Happening.SEEN, who.id, {"values": values}))

    @property
    def pages(self) -> dict[str, str]:
        """Every page by a name for it."""
        names = ("notice", "sign_in", "report", "looking", "wrong", "thanks")
        mine = {name: f"/v/{who.token}" for name, who in zip(names, self.people, strict=False)}
        token = self.people[1].token
        return {
            "door": "/", **mine, "again": f"/v/{self.people[3].token}/card",
            "stuck": f"/v/{token}/stuck", "delete": f"/v/{token}/delete",
            "gone": f"/v/{self.people[7].token}", "refused": "/v/nobody",
            "staff sign-in": "/organize/sign-in",
        }  # fmt: skip

    @property
    def staff_pages(self) -> dict[str, str]:
        """Every page of the organizers."""
        found = {
            each: f"/organize/{each}"
            for each in ("missing", "volunteers", "trouble", "accounts", "audit", "delete")
        }
        return {
            "overview": "/organize?done=opened", **found,
            "look up": f"/organize/volunteer?code={self.people[4].id}",
        }  # fmt: skip


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A drill that is served."""
    with served(tmp_path_factory.mktemp("live")) as server:
        yield Room(server)


async def choose(page: Any, tag: str) -> None:
    """Switch the page's language, as a reader does."""
    button = page.locator(f"button[name=language][value={tag}]")
    if await button.count():
        await button.click()


@pytest.mark.parametrize("name", SETTINGS)
def test_nothing_shuts_anybody_out(room: Room, chromium: Chromium, name: str) -> None:
    """Every page, as these people see it: every look is silent."""
    tag = SETTINGS[name]["locale"][:2]
    cookies = room.server.cookies()

    async def looks_at(page: Any, at: str, path: str) -> list[str]:
        await page.goto(room.server.url + path)
        found = []
        if at != "refused" and await page.evaluate("document.documentElement.lang") != tag:
            await choose(page, tag)
            await page.goto(room.server.url + path)
        if await page.evaluate("document.documentElement.lang") != tag:
            found.append(f"{at}: not in {tag}")
        if LANGUAGES[tag].words["page.practice"] not in await page.inner_text("header"):
            found.append(f"{at}: no banner")
        for look in AS_SEEN[name]:
            seeing = await LOOKS[look](page, Setting(language=tag, main=("main button",)))
            if seeing.problem or (look == "axe" and not seeing.seen):
                found.append(f"{at}: {look}: {seeing.problem or 'saw nothing'}")
            found += [f"{at}: {each.rule} {each.says} {each.element}" for each in seeing.barriers]
        return found

    async def walk(page: Any) -> list[str]:
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text))
        found = [each for at, path in room.pages.items() for each in await looks_at(page, at, path)]
        await page.context.add_cookies(cookies)
        found += [
            each for at, path in room.staff_pages.items() for each in await looks_at(page, at, path)
        ]
        return found + [each for each in complaints if "404" not in each]

    assert chromium.on_page(walk, **SETTINGS[name]) == []


def test_the_looks_can_fail(room: Room, chromium: Chromium) -> None:
    """The same looks find a button that is small and pale, and a page that is too wide."""

    async def spoil(page: Any) -> set[str]:
        await page.goto(room.server.url + room.pages["notice"])
        await page.evaluate(
            "document.querySelector('main button').style.cssText = 'min-height: 0; min-width: 0; '"
            " + 'width: 60px; padding: 0; font-size: 9px; color: #9ab; background: #abc'"
        )
        await page.evaluate("document.querySelector('h1').style.width = '900px'")
        found: set[str] = set()
        for look in EVERYWHERE:
            seeing = await LOOKS[look](page, Setting(main=("main button",)))
            found |= {look for _ in seeing.barriers}
        return found

    context = SETTINGS["phone, light, English"]
    assert chromium.on_page(spoil, **context) >= {"axe", "reflow", "targets"}


@pytest.mark.parametrize("at", ["door", "notice", "sign_in", "report", "looking", "delete"])
def test_by_keyboard_alone(room: Room, chromium: Chromium, at: str) -> None:
    """Everything is reached with Tab, focus is seen wherever it is, and nothing traps it."""

    async def walk(page: Any) -> list[str]:
        await page.goto(room.server.url + room.pages[at])
        found = []
        for look in ("keyboard", "focus"):
            seeing = await LOOKS[look](page, Setting(main=("main button",)))
            assert seeing.seen, look
            found += [f"{each.rule} {each.says} {each.element}" for each in seeing.barriers]
        return found

    assert chromium.on_page(walk, **SETTINGS["phone, light, English"]) == []


def test_a_volunteer_with_a_keyboard_and_no_scripts(room: Room, chromium: Chromium) -> None:
    """Tab, space, arrows and Enter bring somebody from the notice to the thanks."""
    who = room.people[9]

    async def to(page: Any, button: str) -> None:
        """Tab until the focus is on a button, and press it."""
        for _ in range(60):
            await page.keyboard.press("Tab")
            if await page.locator(f":focus:text-is('{button}')").count():
                break
        async with page.expect_navigation():
            await page.keyboard.press("Enter")

    async def walk(page: Any) -> str:
        say = LANGUAGES["en"].words
        await page.goto(f"{room.server.url}/v/{who.token}")
        if await page.locator("html[lang=en]").count() == 0:
            await to(page, "English")
        for word in ("notice.agree", "card.signed_in", "card.sent"):
            await to(page, say[word])
        for _ in range(60):
            await page.keyboard.press("Tab")
            if await page.locator(":focus[name=sus1]").count():
                break
        for _ in range(9):
            await page.keyboard.press("Space")
            await page.keyboard.press("ArrowRight")
            await page.keyboard.press("Tab")
        await to(page, say["survey.button"])
        return await page.inner_text("main")

    text = chromium.on_page(walk, java_script_enabled=False, **SETTINGS["wide, dark, English"])
    assert LANGUAGES["en"].words["survey.thanks"] in text
    journey = room.server.hall.live.roll.journeys[who.id]
    assert journey.survey is not None
    assert journey.survey.sus == (2,) * 9 + (None,)
