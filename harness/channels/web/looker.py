"""Looks at pages for what shuts people out: each state of a page once in every setting.

Whoever comes to a page that has been looked at in their setting has what was seen told of them as
well; and so it is at further steps on a page that has not changed since. Looks take none of a
persona's time. What a look cannot do is noted as a problem of that look and
ends nobody's walk.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
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

WALK_WITH_TAB = frozenset({"keyboard", "focus"})
"""Looks that press Tab all the way round a page, which takes seconds."""
OF_THE_WALK = frozenset({"paste", "soft_keyboard", "targets"})
"""Looks that depend on what the walk fills in and presses on a page."""
_LIMIT = 60.0  # wall seconds for one look
_TWIN = 10_000  # milliseconds for a page of our own
_PICTURES = 12  # outlined screenshots of one look


Line = tuple[str, dict[str, Any]]
"""A line of the journal: its kind, and what it says."""


@dataclass
class _Made:
    """What one look came to, and for whom it counts once it is made.

    Attributes:
        lines: Of the journal, without who met it and where; None until it is made.
        waiting: Who is told of it then, and at which step they came to the page.
    """

    lines: list[Line] | None = None
    waiting: list[dict[str, str]] = field(default_factory=list)


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
        self._made: dict[tuple[object, ...], _Made] = {}  # by what is alike for several
        self._told: set[tuple[str, str, str]] = set()  # by session, step and look
        self._texts: set[str] = set()  # whatever the pages say in their first language
        self._read: set[str] = set()  # steps at which that has been read
        self._pictures = 0
        self._shots: dict[tuple[object, ...], str] = {}  # pictures that are there already

    def wanted(self, guest: Guest, step: str) -> list[str]:
        """Names of the looks at this step of which this guest's session has nothing yet."""
        if not guest.offered:
            return []
        return [
            name
            for name in guest.persona.looks
            if name in self._looks and (guest.session, step, name) not in self._told
        ]

    async def look(
        self, page: Page, guest: Guest, step: str, deeds: tuple[Deed, ...], *, state: bool = False
    ) -> None:
        """Make every look that is wanted.

        Args:
            state: Nobody came there by themselves: looks with Tab are then made in one setting.
        """
        if self._compares and guest.language == self._first and step not in self._read:
            self._read.add(step)
            self._texts |= await texts_of(page)
        wanted = self.wanted(guest, step)
        if not wanted:
            return
        about = {"session": guest.session, "persona": guest.persona.name, "step": step}
        unchanged = (guest.session, str(page.viewport_size), await _markup(page))
        setting: Setting | None = None
        for name in wanted:
            alike = () if state and name in WALK_WITH_TAB else self._in(guest)
            of = deeds if name in OF_THE_WALK else ()
            keys = [(name, step, *alike), (name, of, *unchanged)]
            made = next((self._made[key] for key in keys if key in self._made), None)
            if made is not None:
                self._tell(name, made, about)
                continue
            setting = setting or await self._setting(page, guest, step, deeds)
            made = self._made[keys[0]] = self._made[keys[1]] = _Made()
            self._tell(name, made, about)
            try:
                made.lines = await self._look_at(name, page, guest, setting)
            finally:
                made.lines = made.lines or [_not_made(name, "it was broken off")]
                for each in made.waiting:
                    self._tell(name, made, each)

    def unmade(self, guest: Guest, step: str, why: str) -> None:
        """Say of the looks that are wanted why they are not made."""
        about = {"session": guest.session, "persona": guest.persona.name, "step": step}
        for name in self.wanted(guest, step):
            self._tell(name, _Made([_not_made(name, why)]), about)

    def _tell(self, name: str, made: _Made, about: dict[str, str]) -> None:
        """Note of somebody what a look came to, now or once it is made."""
        self._told.add((about["session"], about["step"], name))
        if made.lines is None:
            made.waiting.append(about)
        for kind, line in made.lines or ():
            self._journal.note(kind, **about, **line)

    async def _look_at(self, name: str, page: Page, guest: Guest, setting: Setting) -> list[Line]:
        """Make one look; what it comes to as lines of the journal."""
        began = time.monotonic()
        seeing = await self._make(name, page, setting)
        took = round(time.monotonic() - began, 3)
        line = {"look": name, "seen": seeing.seen, "problem": seeing.problem, "took": took}
        lines: list[Line] = [("look", line)]
        for count, barrier in enumerate(seeing.barriers):
            shot = await self._picture(page, guest, barrier, name, few=count < _PICTURES)
            lines.append(("barrier", {"look": name, "screenshot": shot, **asdict(barrier)}))
        return lines

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


def _not_made(look: str, why: str) -> Line:
    return "look", {"look": look, "seen": 0, "problem": why, "took": 0.0}


async def _markup(page: Page) -> str:
    """What a page is made of, whatever has been typed into it; a digest."""
    try:
        return hashlib.sha256((await page.content()).encode()).hexdigest()
    except Error:
        return uuid.uuid4().hex  # it is about to be another one, and like none


async def _selectors(page: Page, deeds: list[Deed]) -> tuple[str, ...]:
    """CSS selectors of what some deeds touch on this page."""
    found: list[str] = []
    for deed in deeds:
        if deed.spot is not None:
            with contextlib.suppress(Hindered):
                found += await ask(locate(page, deed.spot), "selectors")
    return tuple(dict.fromkeys(found))


def plain(persona: Persona) -> Persona:
    """The persona's device in hands that do nothing of their own and reach everything."""
    none = replace(persona.tap_misses, value=0.0)
    hands = "mouse" if persona.hands == "keyboard" else persona.hands
    return replace(persona, habits=frozenset(), tap_misses=none, network=None, hands=hands)
