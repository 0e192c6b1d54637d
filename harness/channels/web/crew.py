"""The crew: everybody who walks the pages of one drill, in one browser.

At most two of them walk at once on each core: more would slow each other's keys down. Who waits
for a place waits in order, and on our time.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, Error, async_playwright

from harness.browser import browser_arguments, find_browser
from harness.channels.web.cut import LineCutter
from harness.channels.web.device import Nowhere, Reach, resolver_rules
from harness.channels.web.endings import Ended
from harness.channels.web.errand import Config, Errand, Guest
from harness.channels.web.journal import Journal
from harness.channels.web.looker import Looker
from harness.channels.web.looks.barrier import Look
from harness.channels.web.pinning import trusting
from harness.channels.web.visit import Means, Visit
from harness.target.web_code import load_flow
from simulators.behaviours.protocol import AnswerClass
from simulators.line_model import group_told
from simulators.people.personas.persona import Habit

A_CORE = 2
"""Walks at once on each core; measured (SOURCES.md): with more, keys come late."""

FURTHER = 180.0
"""Wall seconds for all looks after the drill; what is not done by then is told as not made."""
_FURTHER_AT_ONCE = 2


class Crew:
    """Walks errands.

    Args:
        looks: Every look by its name.
    """

    def __init__(
        self, config: Config, journal: Journal, browser: Browser, reach: Reach,
        looks: Mapping[str, Look],
    ) -> None:  # fmt: skip
        folder = Path(config.folder)
        looker = None
        if config.looks:
            looker = Looker(looks, journal, folder, reach, config.languages)
        self._means = Means(
            browser, reach, journal, looker, folder, config.base, config.seed, config.speed,
            load_flow(Path(config.code)) if config.code else {},
        )  # fmt: skip
        self._config = config
        self._guests = {guest.index: guest for guest in config.guests}
        self._visits: dict[int, Visit] = {}
        self._lines: list[LineCutter] = []
        self._ways: Sequence[Mapping[str, Any]] = ()
        self._places = asyncio.Semaphore(A_CORE * (os.cpu_count() or 1))
        self._turns: dict[int, asyncio.Lock] = {}
        self._ending: list[asyncio.Future[None]] = []

    async def do(self, errand: Errand) -> Ended:
        """Walk one errand, when there is a place and its guest has done those before it."""
        guest = self._guests.get(errand.guest)
        if guest is None:
            return Ended(AnswerClass.UNREACHABLE, "no persona of this drill")
        async with self._turns.setdefault(errand.guest, asyncio.Lock()), self._places:
            try:
                visit = await self._visit(guest)
                return await visit.do(errand)
            except Error as error:
                said = error.message.splitlines()[0] if error.message else "gone"
                self._means.journal.note("broken", session=guest.session, detail=said[:300])
                return Ended(AnswerClass.NO_ANSWER, f"the browser failed: {said}"[:200])

    async def _visit(self, guest: Guest) -> Visit:
        visit = self._visits.get(guest.index)
        if visit is None:
            cutter, through = None, self._through(guest)
            if through or Habit.CUT_WHILE_SENDING in guest.persona.habits:
                cutter = LineCutter(self._config.hosts, self._config.addresses or {}, through)
                await cutter.start()
                self._lines.append(cutter)
            visit = self._visits[guest.index] = await Visit.open(guest, self._means, cutter=cutter)
        return visit

    def take_ways(self, ways: Sequence[Mapping[str, Any]]) -> None:
        """Hear who is on which network, before anybody comes."""
        self._ways = ways

    def _through(self, guest: Guest) -> dict[str, str]:
        """The proxies of the way that a guest is on, by ``host:port``, as in the engines."""
        for way in self._ways:
            if group_told(way).has(guest.index):
                places = {urlsplit(url): proxy for url, proxy in way["through"].items()}
                return {f"{each.hostname}:{each.port}": proxy for each, proxy in places.items()}
        return {}

    async def look_further(self) -> None:
        """When everybody is done: look at the states that the description names.

        Who has the keyboard alone comes first: looks that press Tab are made in one setting.
        """
        for line in self._lines:  # the drill is over, and with it the proxies of its ways
            line.go_straight()
        until = time.monotonic() + FURTHER
        visits = sorted(
            self._visits.values(), key=lambda each: each.guest.persona.hands != "keyboard"
        )
        places = asyncio.Semaphore(_FURTHER_AT_ONCE)

        async def look(visit: Visit) -> None:
            async with places:
                await visit.look_further(until)

        await asyncio.gather(*map(look, visits))

    def abandon(self, guest: int) -> None:
        """The drill is over for somebody amid a walk: nothing more of theirs is sent."""
        visit = self._visits.get(guest)
        if visit is not None:
            self._ending.append(asyncio.ensure_future(visit.vanish()))

    def broken(self, detail: str) -> None:
        """Something of ours went wrong: the journal is then not whole."""
        self._means.journal.note("broken", session="", detail=detail[:300])

    async def close(self) -> None:
        """Everybody leaves, once their traces are there."""
        await asyncio.gather(*(each.settle() for each in self._visits.values()))
        await asyncio.gather(*self._ending, return_exceptions=True)
        for line in self._lines:
            await line.close()


@asynccontextmanager
async def open_crew(
    config: Config, journal: Journal, looks: Mapping[str, Look]
) -> AsyncIterator[Crew]:
    """Start a browser with nobody in it yet, and end it.

    Raises:
        RuntimeError: If there is no browser, it does not start, or the target's certificate is
            none that it may trust.
    """
    path = find_browser()
    if path is None:
        raise RuntimeError("there is no Chromium on this machine")
    nowhere = Nowhere()
    try:
        trusted = await asyncio.to_thread(trusting, config)
        async with async_playwright() as playwright:
            arguments = [*browser_arguments(), *resolver_rules(config.addresses or {}), *trusted]
            try:
                browser = await playwright.chromium.launch(executable_path=path, args=arguments)
            except Error as error:
                raise RuntimeError(f"{path} does not start: {error.message[:300]}") from error
            reach = Reach(config.hosts, nowhere.url, config.run)
            crew = Crew(config, journal, browser, reach, looks)
            try:
                yield crew
                await crew.close()
            finally:
                with contextlib.suppress(Error):
                    await browser.close()
    finally:
        nowhere.close()
