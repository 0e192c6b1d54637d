"""Looks at pages are made once, and told of everybody who comes to the same page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser_stand import Chromium

pytest.importorskip("playwright")

from harness.channels.web.device import Reach
from harness.channels.web.errand import Guest
from harness.channels.web.journal import ListJournal
from harness.channels.web.looker import Looker
from harness.channels.web.looks.barrier import Barrier, Seeing, Setting
from simulators.people.personas import PERSONAS

STEADY = replace(PERSONAS["steady"], looks=("axe", "keyboard"))
PAGE = "<!doctype html><html lang=en><title>Report</title><button>Send</button></html>"
Ask = Callable[[Any, Looker], Any]


def guest(session: str, **differs: Any) -> Guest:
    return Guest(1, session, replace(STEADY, **differs), {})


class Made:
    """Looks that count how often they are made, and what came of them.

    Attributes:
        looked: How often each was made.
        lines: What the journal has: session, step, look, and how many barriers.
    """

    def __init__(self, folder: Path) -> None:
        self.looked = {"axe": 0, "keyboard": 0}
        self.hangs = False
        self.journal = ListJournal()
        looks = {name: self._look(name) for name in self.looked}
        self.looker = Looker(looks, self.journal, folder, Reach((), "http://127.0.0.1:9", "run"))

    def _look(self, name: str) -> Any:
        async def look(page: Any, setting: Setting) -> Seeing:
            self.looked[name] += 1
            if self.hangs:
                await asyncio.sleep(60)
            return Seeing((Barrier(name, f"{name} found it.", "button"),), 3)

        return look

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        return [
            (each["session"], each["step"], each["look"])
            for each in self.journal.lines
            if each["k"] == "look"
        ]

    def barriers(self, session: str) -> int:
        return sum(e["k"] == "barrier" and e["session"] == session for e in self.journal.lines)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


def test_who_comes_second_in_the_same_setting_is_told_of_it_too(
    chromium: Chromium, made: Made
) -> None:
    """A look is made once in a setting, and counts for everybody who has it; barriers as well."""

    async def come(page: Any) -> None:
        await page.set_content(PAGE)
        for session in ("steady-1", "double-tapper-1"):
            await made.looker.look(page, guest(session), "arrive", ())
        await made.looker.look(page, guest("small-1", hands="mouse"), "arrive", ())

    chromium.on_page(come)
    assert made.looked == {"axe": 2, "keyboard": 2}
    assert sorted({session for session, _, _ in made.lines}) == [
        "double-tapper-1", "small-1", "steady-1",
    ]  # fmt: skip
    assert made.barriers("double-tapper-1") == made.barriers("steady-1") == 2


def test_a_page_that_has_not_changed_is_not_looked_at_again(chromium: Chromium, made: Made) -> None:
    """What is typed changes no page; a message that comes up does."""

    async def walk(page: Any) -> None:
        await page.set_content(PAGE + "<input>")
        await made.looker.look(page, guest("steady-1"), "arrive", ())
        await page.locator("input").fill("12")
        await made.looker.look(page, guest("steady-1"), "numbers", ())
        assert made.looked == {"axe": 1, "keyboard": 1}
        await page.evaluate("document.body.append('Only digits, please.')")
        await made.looker.look(page, guest("steady-1"), "send", ())

    chromium.on_page(walk)
    assert made.looked == {"axe": 2, "keyboard": 2}
    assert [step for _, step, _ in made.lines] == ["arrive"] * 2 + ["numbers"] * 2 + ["send"] * 2


def test_states_are_walked_with_tab_in_one_setting_only(chromium: Chromium, made: Made) -> None:
    """Other looks are made there in each setting; what the walk saw is told of everybody."""

    async def look(page: Any) -> None:
        await page.set_content(PAGE)
        for session, hands in (("keyboard-1", "keyboard"), ("steady-1", "touch")):
            await made.looker.look(page, guest(session, hands=hands), "wrong codes", (), state=True)

    chromium.on_page(look)
    assert made.looked == {"axe": 2, "keyboard": 1}
    assert len(made.lines) == 4


def test_a_look_that_is_broken_off_is_told_as_not_made(chromium: Chromium, made: Made) -> None:
    """Also of those who wait for it; and looks there is no time for say so."""
    made.hangs = True
    one, other = guest("steady-1"), guest("double-tapper-1")

    async def look(page: Any) -> None:
        await page.set_content(PAGE)
        first = asyncio.ensure_future(made.looker.look(page, one, "arrive", ()))
        while not made.looked["axe"]:
            await asyncio.sleep(0.01)
        second = asyncio.ensure_future(made.looker.look(page, other, "arrive", ()))
        while made.looked["keyboard"] < 1:
            await asyncio.sleep(0.01)
        first.cancel()
        second.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        made.looker.unmade(one, "arrive", "there was no time left for it")

    chromium.on_page(look)
    told = {(e["session"], e["look"]): e["problem"] for e in made.journal.lines}
    assert told == {
        ("steady-1", "axe"): "it was broken off",
        ("double-tapper-1", "axe"): "it was broken off",
        ("double-tapper-1", "keyboard"): "it was broken off",
        ("steady-1", "keyboard"): "there was no time left for it",
    }
