"""Looks at pages for what shuts people out: each state of a page once in every setting.

Looks take none of a persona's time. What a look cannot do is noted as a problem of that look and
ends nobody's walk.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Error, Page

from harness.channels.web.device import Reach, open_device
from harness.channels.web.errand import Guest
from harness.channels.web.finding import Hindered, ask, locate
from harness.channels.web.journal import Journal
from harness.channels.web.looks.barrier import Barrier, Look, Seeing, Setting
from harness.channels.web.looks.language import texts_of
from harness.channels.web.looks.outline import outlined
from harness.target.web_walk import Deed
from simulators.people.personas.persona import Persona

_LIMIT = 60.0  # wall seconds for one look
_TWIN = 10_000  # milliseconds for a page of our own
_PICTURES = 12  # outlined screenshots of one look


class Looker:
    """Makes looks.

    Args:
        looks: Every look by its name.
        folder: The run folder, for screenshots.
        reach: What our own pages may reach, as everybody's.
        languages: Those that somebody reads, the pages' first one first.
    """

    def __init__(
        self,
        looks: Mapping[str, Look],
        journal: Journal,
        folder: Path,
        reach: Reach,
        languages: Sequence[str] = ("en",),
    ) -> None:
        self._looks, self._journal, self._folder = looks, journal, folder
        self._reach, self._first = reach, languages[0]
        self._compares = len(languages) > 1
        self._made: set[tuple[object, ...]] = set()
        self._texts: set[str] = set()  # whatever the pages say in their first language
        self._read: set[str] = set()  # steps at which that has been read
        self._pictures = 0
        self._shots: dict[tuple[object, ...], str] = {}  # pictures that are there already

    def wanted(self, guest: Guest, step: str) -> list[str]:
        """Names of the looks that nobody has made yet at this step in this setting."""
        if not guest.offered:
            return []
        known = [name for name in guest.persona.looks if name in self._looks]
        return [name for name in known if self._key(guest, step, name) not in self._made]

    async def look(self, page: Page, guest: Guest, step: str, deeds: tuple[Deed, ...]) -> None:
        """Make every look that is wanted."""
        if self._compares and guest.language == self._first and step not in self._read:
            self._read.add(step)
            self._texts |= await texts_of(page)
        wanted = self.wanted(guest, step)
        if not wanted:
            return
        self._made |= {self._key(guest, step, name) for name in wanted}
        setting = await self._setting(page, guest, step, deeds)
        for name in wanted:
            began = time.monotonic()
            seeing = await self._make(name, page, setting)
            took = round(time.monotonic() - began, 3)
            about = {"session": guest.session, "persona": guest.persona.name, "step": step}
            self._journal.note(
                "look", **about, look=name, seen=seeing.seen, problem=seeing.problem, took=took
            )
            for count, barrier in enumerate(seeing.barriers):
                shot = await self._picture(page, guest, barrier, name, few=count < _PICTURES)
                self._journal.note(
                    "barrier", **about, look=name, screenshot=shot, **asdict(barrier)
                )

    def _key(self, guest: Guest, step: str, look: str) -> tuple[object, ...]:
        return (step, look, *self._in(guest))

    def _in(self, guest: Guest) -> tuple[object, ...]:
        """The setting that somebody sees pages in."""
        persona = guest.persona
        return (persona.screen, persona.display, guest.language, persona.hands)

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
            texts=await self._texts_for(page, guest, step),
            untranslated=guest.untranslated,
            codes=await _selectors(page, [deed for deed in deeds if deed.code]),
            main=await _selectors(page, [deed for deed in deeds if deed.verb == "press"]),
        )

    async def _picture(
        self, page: Page, guest: Guest, barrier: Barrier, look: str, *, few: bool
    ) -> str:
        """A picture with the element outlined; its path below the run folder.

        A box without a label has none at the next step either: one picture shows it for both.

        Args:
            few: Whether the look has made few pictures yet, so that another one may be made.
        """
        place = urlsplit(page.url).path
        same = (place, look, barrier.rule, barrier.element, *self._in(guest))
        if same not in self._shots and few:
            self._shots[same] = await self._outlined(page, barrier, look)
        return self._shots.get(same, "")

    async def _outlined(self, page: Page, barrier: Barrier, look: str) -> str:
        self._pictures += 1
        name = re.sub(r"\W+", "-", f"{look}-{barrier.rule}")[:60]
        path = self._folder / "evidence" / "web" / "barriers" / f"{self._pictures:03}-{name}.jpg"
        taken = await outlined(page, barrier.element, path)
        return "" if taken is None else taken.relative_to(self._folder).as_posix()

    async def _texts_for(self, page: Page, guest: Guest, step: str) -> frozenset[str]:
        """What the pages say in their first language, for who reads another one."""
        if guest.language == self._first:
            return frozenset()
        if step not in self._read:  # nobody who reads it has been here yet
            self._read.add(step)
            self._texts |= await self._in_first_language(page, guest)
        return frozenset(self._texts)

    async def _in_first_language(self, page: Page, guest: Guest) -> frozenset[str]:
        """What the address of a page shows to the same person in the first language."""
        browser = page.context.browser
        if browser is None:
            return frozenset()
        twin = await open_device(
            browser, replace(plain(guest.persona), locale=self._first), self._reach
        )
        try:
            await twin.add_cookies(await page.context.cookies())  # type: ignore[arg-type]
            shown = await twin.new_page()
            await shown.goto(page.url, timeout=_TWIN)
            return await texts_of(shown)
        except Error:
            return frozenset()
        finally:
            with contextlib.suppress(Error):
                await twin.close()


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
