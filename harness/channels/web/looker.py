"""Looks at pages for what shuts people out: each state of a page once in every setting.

Looks take none of a persona's time. What a look cannot do is noted as a problem of that look and
ends nobody's walk.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

from playwright.async_api import Error, Page

from harness.channels.web.errand import Guest
from harness.channels.web.finding import Hindered, ask, locate
from harness.channels.web.journal import Journal
from harness.channels.web.looks.barrier import Barrier, Look, Seeing, Setting
from harness.target.web_walk import Deed
from simulators.people.personas.persona import Persona

_LIMIT = 30.0  # wall seconds for one look
_PICTURES = 12  # outlined screenshots of one look


class Looker:
    """Makes looks.

    Args:
        looks: Every look by its name.
        folder: The run folder, for screenshots.
    """

    def __init__(self, looks: Mapping[str, Look], journal: Journal, folder: Path) -> None:
        self._looks, self._journal, self._folder = looks, journal, folder
        self._made: set[tuple[object, ...]] = set()
        self._texts: dict[str, frozenset[str]] = {}
        self._pictures = 0

    def wanted(self, guest: Guest, step: str) -> list[str]:
        """Names of the looks that nobody has made yet at this step in this setting."""
        known = [name for name in guest.persona.looks if name in self._looks]
        return [name for name in known if self._key(guest, step, name) not in self._made]

    async def look(self, page: Page, guest: Guest, step: str, deeds: tuple[Deed, ...]) -> None:
        """Make every look that is wanted."""
        wanted = self.wanted(guest, step)
        if not wanted:
            return
        self._made |= {self._key(guest, step, name) for name in wanted}
        setting = await self._setting(page, guest, step, deeds)
        for name in wanted:
            seeing = await self._make(name, page, setting)
            about = {"session": guest.session, "persona": guest.persona.name, "step": step}
            self._journal.note("look", **about, look=name, seen=seeing.seen, problem=seeing.problem)
            for count, barrier in enumerate(seeing.barriers):
                shot = await self._picture(page, barrier, name) if count < _PICTURES else ""
                self._journal.note(
                    "barrier", **about, look=name, screenshot=shot, **asdict(barrier)
                )

    def _key(self, guest: Guest, step: str, look: str) -> tuple[object, ...]:
        persona = guest.persona
        return (step, look, persona.screen, persona.display, guest.language, persona.hands)

    async def _make(self, name: str, page: Page, setting: Setting) -> Seeing:
        try:
            return await asyncio.wait_for(self._looks[name](page, setting), _LIMIT)
        except TimeoutError:
            return Seeing(problem=f"not done within {_LIMIT:g} seconds")
        except Error as error:  # the page went away, or the browser did
            return Seeing(problem=error.message.splitlines()[0][:200] if error.message else "gone")

    async def _setting(
        self, page: Page, guest: Guest, step: str, deeds: tuple[Deed, ...]
    ) -> Setting:
        said = guest.persona
        return Setting(
            phone=said.screen.phone,
            language=guest.language,
            texts=self._texts.get(step, frozenset()),
            untranslated=guest.untranslated,
            codes=await _selectors(page, [deed for deed in deeds if deed.code]),
            main=await _selectors(page, [deed for deed in deeds if deed.verb == "press"]),
        )

    async def _picture(self, page: Page, barrier: Barrier, look: str) -> str:
        """A screenshot with the element outlined; its path below the run folder."""
        self._pictures += 1
        name = re.sub(r"\W+", "-", f"{look}-{barrier.rule}")[:60]
        path = f"evidence/web/barriers/{self._pictures:03}-{name}.png"
        outlined = page.locator(barrier.element or "body").first
        with contextlib.suppress(Error):
            await outlined.evaluate(_OUTLINE, True, timeout=1000)
        try:
            await page.screenshot(path=self._folder / path, timeout=5000, animations="disabled")
        except Error:
            path = ""
        with contextlib.suppress(Error):
            await outlined.evaluate(_OUTLINE, False, timeout=1000)
        return path


_OUTLINE = """(element, on) => {
  element.scrollIntoView({block: 'center', behavior: 'instant'});
  element.style.outline = on ? '4px solid #d00' : '';
}"""


async def _selectors(page: Page, deeds: list[Deed]) -> tuple[str, ...]:
    """CSS selectors of what some deeds touch on this page."""
    found: list[str] = []
    for deed in deeds:
        if deed.spot is not None:
            with contextlib.suppress(Hindered):
                found += await ask(locate(page, deed.spot), "selectors")
    return tuple(dict.fromkeys(found))


def plain(persona: Persona) -> Persona:
    """The persona's device in hands that do nothing of their own: to come to a state."""
    none = replace(persona.tap_misses, value=0.0)
    return replace(persona, habits=frozenset(), tap_misses=none, network=None)
