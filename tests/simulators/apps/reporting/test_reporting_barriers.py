"""In a real browser each barrier is found by the look meant for it; clean pages pass every look.

The app runs once, in this process, and its barriers are switched while it runs; each of them is
tried in a browser context of its own, so that nothing is remembered from the one before.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from reporting_night import ADMIN, ROSTER, SECRET, Running

from harness.browser import browser_arguments, find_browser, why_no_browser
from simulators.apps.reporting.barriers import BARRIERS
from simulators.apps.reporting.form import NAMES
from simulators.apps.reporting.office import Office, Settings
from simulators.apps.reporting.spoil import Spoiled, spoiled

if why := why_no_browser():
    pytest.skip(why, allow_module_level=True)

from playwright.async_api import Browser, Page, async_playwright

from harness.channels.web.looks.barrier import Seeing, Setting
from harness.channels.web.looks.language import texts_of
from harness.channels.web.looks.registry import LOOKS

PHONE = {"viewport": {"width": 320, "height": 568}, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 800}}
SCREENS: dict[str, dict[str, Any]] = {
    "phone": PHONE,
    "desk": DESK,
    "zoom": {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2},
    "dark": {**DESK, "color_scheme": "dark"},
    "forced": {**DESK, "forced_colors": "active"},
    # Somewhat wider, where what is laid out for the narrowest phones no longer holds.
    "spanish": {**PHONE, "viewport": {"width": 390, "height": 844}, "locale": "es-US"},
}
CODES = ("#precinct_id", "#pin", "#security_code")
SEND = "main form > button:not([name]), main form > .send"
# States that are walked with the Tab key: the form, of 45 stops, on one screen only.
WALKED = {True: ("form", "sign-in", "sent"), False: ("wrong codes", "sent")}


async def fill_codes(page: Page, first: str = "1") -> None:
    for box, digit in zip(CODES, (first, "2", "3"), strict=True):
        await page.locator(box).fill(f"{digit}00000")
    await page.locator("main form button").click()


async def send(page: Page, attendance: str) -> None:
    await page.locator("#attendance").fill(attendance)
    await page.locator("main form > button:not([name])").click()


async def start(page: Page) -> None:
    await page.goto("/")


async def wrong_codes(page: Page) -> None:
    await start(page)
    await fill_codes(page, "9")
    await page.locator(".problem").wait_for()


async def form(page: Page) -> None:
    await start(page)
    await fill_codes(page)
    await page.locator("fieldset").first.wait_for()


async def wrong_number(page: Page) -> None:
    await form(page)
    await send(page, "6o")
    await page.locator(".fault").wait_for()


async def journey(page: Page) -> AsyncIterator[str]:
    """The states of the pages, one after the other, as an evening goes."""
    await wrong_codes(page)
    yield "wrong codes"
    await start(page)
    yield "sign-in"
    await fill_codes(page)
    await page.locator("fieldset").first.wait_for()
    yield "form"
    await send(page, "6o")
    await page.locator(".fault").wait_for()
    yield "wrong number"
    await send(page, "1")
    await page.locator("#confirmed").wait_for()
    yield "look again"
    await page.goto("/report/IA-0001/sent")
    yield "sent"
    await page.goto("/report/IA-0002")
    yield "refused"
    await page.goto("/results")
    yield "results"
    await page.goto("/desk/sign-in")
    await page.locator("#user").fill("operator-0")
    await page.locator("#password").fill("correct horse")
    await page.locator("main form button").click()
    await page.locator("#q").fill("ames")
    await page.locator("main form button").click()
    await page.locator(".sites").wait_for()
    yield "back office"


Go = Callable[[Page], Awaitable[None]]


@dataclass
class Stand:
    """The app, a browser, and the loop that both tests and Playwright run on."""

    office: Office
    base: str
    browser: Browser
    runner: asyncio.Runner

    async def look(self, name: str, go: Go, screen: str, barriers: Spoiled) -> Seeing:
        """What one look sees where ``go`` leads, on a screen, with barriers."""
        self.office.barriers = barriers
        texts: frozenset[str] = frozenset()
        if name == "language":
            async with self.page(SCREENS[screen] | {"locale": "en-US"}) as page:
                await go(page)
                texts = await texts_of(page)
        async with self.page(SCREENS[screen]) as page:
            await go(page)
            return await LOOKS[name](page, await setting(page, screen, texts))

    async def clean(self, screen: str) -> dict[tuple[str, str], Seeing]:
        """What every look sees of the clean pages, by state and look."""
        self.office.barriers = Spoiled()
        english: dict[str, frozenset[str]] = {}
        if screen == "spanish":
            async with self.page(PHONE) as page:
                async for state in journey(page):
                    english[state] = await texts_of(page)
        found = {}
        async with self.page(SCREENS[screen]) as page:
            async for state in journey(page):
                given = await setting(page, screen, english.get(state, frozenset()))
                for name, look in LOOKS.items():
                    if _is_made(name, state, screen):
                        found[state, name] = await look(page, given)
        return found

    @asynccontextmanager
    async def page(self, given: dict[str, Any]) -> AsyncIterator[Page]:
        context = await self.browser.new_context(base_url=self.base, **given)
        yield await context.new_page()
        await context.close()


def _is_made(name: str, state: str, screen: str) -> bool:
    """Whether a look is made of a state: those that go from box to box, of few long forms."""
    if name == "soft_keyboard":
        return "is_mobile" in SCREENS[screen] and state not in ("wrong number", "look again")
    return name not in ("keyboard", "focus") or state in WALKED[screen == "desk"]


async def setting(page: Page, screen: str, texts: frozenset[str]) -> Setting:
    """What a look is told about a page on a screen."""
    return Setting(
        phone="is_mobile" in SCREENS[screen],
        language="es" if screen == "spanish" else "en",
        texts=texts,
        untranslated=("SDE", *(name.title() for name in NAMES)),
        codes=CODES if await page.locator("#pin").count() else (),
        main=(SEND,),
    )


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    folder = tmp_path_factory.mktemp("barriers")
    running = Running(Settings(f"sqlite:///{folder}/reporting.db", SECRET, 1.0))
    running.http.post("/admin/roster", ROSTER, ADMIN)
    app: Any = running.server.config.app
    with asyncio.Runner() as runner:
        playwright = runner.run(async_playwright().start())
        browser = runner.run(
            playwright.chromium.launch(executable_path=find_browser(), args=browser_arguments())
        )
        base = f"http://127.0.0.1:{running.http.port}"
        yield Stand(app.state.office, base, browser, runner)
        runner.run(browser.close())
        runner.run(playwright.stop())
    running.stop()


# By barrier: where it is, on which screen, and the rule that it breaks.
FOUND = {
    "div_button": (form, "desk", "not-reached"),
    "keyboard_trap": (form, "desk", "keyboard-trap"),
    "no_focus_ring": (start, "desk", "focus-not-shown"),
    "placeholder_labels": (start, "phone", "placeholder-label"),
    "low_contrast": (start, "phone", "color-contrast"),
    "missing_lang": (start, "spanish", "html-has-lang"),
    "untranslated_error": (wrong_codes, "spanish", "untranslated"),
    "fixed_width": (start, "phone", "sideways"),
    "tiny_buttons": (start, "phone", "main-target"),
    "keyboard_covers_button": (start, "phone", "button-under-keys"),
    "no_paste": (start, "phone", "paste-refused"),
    "picture_of_text": (start, "phone", "image-alt"),
    "error_not_told": (wrong_number, "phone", "silent-error"),
    "invisible_in_forced_colors": (start, "forced", "text-vanishes"),
    "zoom_blocked": (start, "phone", "meta-viewport"),
}


def test_every_barrier_that_a_look_can_find_is_tried() -> None:
    """What is left out here is found by walking the whole way."""
    assert FOUND.keys() == {each.name for each in BARRIERS if each.caught_by != "personas"}
    assert {each.caught_by for each in BARRIERS} - {"personas"} == LOOKS.keys()


@pytest.mark.parametrize("name", FOUND)
def test_a_barrier_is_found_by_the_look_meant_for_it(stand: Stand, name: str) -> None:
    """With the barrier the look breaks its rule. That it is silent without, the next test says."""
    go, screen, rule = FOUND[name]
    barriers = spoiled(BARRIERS, [name])
    found = stand.runner.run(stand.look(barriers.on[0].caught_by, go, screen, barriers))
    assert found.problem == ""
    assert rule in {each.rule for each in found.barriers}, found


@pytest.mark.slow
@pytest.mark.parametrize("screen", SCREENS)
def test_clean_pages_pass_every_look(stand: Stand, screen: str) -> None:
    """On every screen, in the dark, in forced colours and in Spanish nobody is shut out."""
    found = stand.runner.run(stand.clean(screen))
    assert {at: seen for at, seen in found.items() if seen.problem or seen.barriers} == {}
    assert {name for _, name in found} >= LOOKS.keys() - {"soft_keyboard"}
    assert all(sum(seen.seen for (_, each), seen in found.items() if each == name)
               for name in {name for _, name in found})  # fmt: skip
