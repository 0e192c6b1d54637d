"""The walker: somebody's way over an app's pages, step by step, to one of its endings.

Start reading here. What a step does is in ``hand``, how things are found in ``finding``, how it
ends in ``endings``, and what only some people do in ``habits``. Waiting for the app is wall time;
looking, typing and patience are drill time.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Protocol
from urllib.parse import urljoin

from playwright.async_api import Error

from harness.channels.web.endings import Ended, Endings
from harness.channels.web.finding import Hindered, Sight, Strayed, is_seen, sight
from harness.channels.web.habits import Habits
from harness.channels.web.hand import Hand
from harness.channels.web.rhythm import Keyed
from harness.channels.web.step import Step
from harness.channels.web.window import Window
from harness.target.web_walk import Deed, Walk
from simulators.behaviours.protocol import AnswerClass
from simulators.people.personas.persona import Persona

_LOOK = 0.1  # wall seconds between looks at whether something can be used by now
_STILL = 1.0  # wall seconds that a page at rest gets before somebody says it is not there
_REST = 5.0  # wall seconds for a page to come to rest before it is read
_TURNS = 5  # times that an ending may go on with further steps
_REFUSED = ("ERR_CONNECTION_REFUSED", "ERR_ADDRESS_UNREACHABLE", "ERR_NAME_NOT_RESOLVED")


class Stuck(Exception):  # noqa: N818 - what became of a persona, and no error of ours
    """Somebody has given up a step; the text says at what, and why."""


class Book(Protocol):
    """Where a walk is written down."""

    def begin(self, name: str) -> Step:
        """A step begins."""
        ...

    async def failed(self, step: Step) -> None:
        """One try of a step did not work."""
        ...

    async def look(self, name: str, walk: Walk) -> None:
        """Look at the page for what shuts people out; that takes none of their time."""
        ...

    async def close(self, step: Step) -> None:
        """A step is over."""
        ...


class Walker:
    """Walks one operation.

    Args:
        within: Wall seconds that they wait for an ending at most; the flow may say less.
        base: Where the app is.
    """

    def __init__(
        self,
        walk: Walk,
        persona: Persona,
        window: Window,
        hand: Hand,
        book: Book,
        habits: Habits,
        *,
        base: str,
        within: float | None = None,
    ) -> None:
        self.persona, self.window, self.hand, self.book = persona, window, hand, book
        self.plan = walk
        self.habits = habits
        self.endings = Endings(window, walk.goals)
        self.done: list[Deed] = []  # what has been filled in or chosen, since a page was opened
        self.step: Step | None = None
        self._base = base
        self._within = walk.within_s if within is None else min(within, walk.within_s)
        self._verbs: dict[str, Callable[[Deed], Awaitable[None]]] = {
            "open": self._open, "fill": self._fill, "choose": self._choose, "check": self._check,
            "press": self._press, "upload": self._upload, "expect": self._expect,
            "go_back": self._go_back,
        }  # fmt: skip

    async def walk(self) -> Ended:
        """Do every step, and wait for an ending."""
        await self._come_back()
        self.window.begin()
        try:
            for name, deeds in groupby(self.plan.deeds, key=lambda deed: deed.step):
                await self.take(name, list(deeds))
            ended = await self.reach_an_ending()
        except Stuck as stuck:
            ended = self.gave_up(stuck)
        return replace(ended, sent=self.window.sent)

    async def _come_back(self) -> None:
        """From the browser's own page that says that none came, people go back to the last one.

        Where a form is sent to its own address, the browser has put its page in the form's place,
        and what is behind it is an older one: then they ask for that address once more.
        """
        if not self.window.failed:
            return
        page, last = self.window.page, self.window.address
        with contextlib.suppress(Error):
            await page.go_back(wait_until="domcontentloaded")
            if last and page.url != last:
                await page.goto(last, wait_until="domcontentloaded")
        await self.window.rest(_REST)

    async def come_to(self, deeds: Sequence[Deed]) -> str:
        """Do some deeds without an ending; why it did not work, if it did not."""
        self.step = self.book.begin(deeds[0].step)
        try:
            for deed in deeds:
                await self.do(deed)
        except Stuck as stuck:
            return str(stuck)
        await self.window.rest(_REST)
        return ""

    async def take(self, name: str, deeds: Sequence[Deed]) -> None:
        """Do one step: come to its page, take it in, and act.

        Raises:
            Stuck: If it is given up.
        """
        step = self.step = self.book.begin(name)
        try:
            if deeds[0].verb == "open":
                await self.do(deeds[0])
                deeds = deeds[1:]
            await self.window.rest(_REST)
            await self.book.look(name, self.plan)
            await self.hand.take_in()
            for deed in deeds:
                await self.habits.before(self, deed)
                await self.do(deed)
        except Stuck:
            step.blocked = True
            await self._over(step)
            raise
        await self._over(step)

    async def _over(self, step: Step) -> None:
        step.keyed, self.hand.keyed = self.hand.keyed, Keyed()
        await self.book.close(step)

    async def do(self, deed: Deed) -> None:
        """Do one thing, again and again while patience lasts.

        Raises:
            Stuck: When it does not.
        """
        assert self.step is not None
        if deed.if_seen is not None and not await is_seen(self.window.page, deed.if_seen):
            return
        tries, until = 0, float("inf")
        while True:
            try:
                await self._verbs[deed.verb](deed)
            except Hindered as why:
                tries += 1
                what = str(deed.spot) if deed.spot else deed.value or deed.verb
                self.step.failures.append(f"{what}: {why}")
                self.step.place = deed.place
                await self.book.failed(self.step)
                if isinstance(why, Strayed) and await self._led_on(deed):
                    return
                patience = self.persona.patience_seconds.value / self.hand.speed
                until = min(until, time.monotonic() + patience)
                if tries >= self.persona.tries.value or time.monotonic() >= until:
                    raise Stuck(f"stuck at {self.step.name}: {what}: {why}") from None
                await self._look_again()
                if isinstance(why, Strayed):
                    await self.habits.fill_again(self, "after a tap beside")
            else:
                return

    @property
    def last_press(self) -> Deed | None:
        """What sends it."""
        return next((deed for deed in reversed(self.plan.deeds) if deed.verb == "press"), None)

    async def _led_on(self, deed: Deed) -> bool:
        """Whether what was hit instead sent it as well; if not, they go back."""
        await self.window.rest(_REST)
        if deed == self.last_press and await self.endings.seen():
            return True
        with contextlib.suppress(Error):
            await self.window.page.go_back(wait_until="domcontentloaded")
        await self.window.rest(_REST)
        return False

    async def _look_again(self) -> None:
        """What somebody does before another try: puts the keys away and looks once more."""
        await self.hand.put_keys_away()
        await self.hand.take_in()

    # -- endings --------------------------------------------------------------------------------

    async def reach_an_ending(self) -> Ended:
        """Wait for an ending, and go on where it asks for more."""
        for _ in range(_TURNS):
            step = self.step = self.book.begin("answer")
            step.answer = True
            goal = await self.endings.watch(self._within)
            if goal is None:
                ended = await self.endings.none()
                step.blocked, step.seen = True, ended.detail
                await self.book.close(step)
                return ended
            step.name = goal.name
            await self.book.look(goal.name, self.plan)
            if goal.then:
                await self.book.close(step)
                for name, deeds in groupby(goal.then, key=lambda deed: deed.step):
                    await self.take(name, list(deeds))
                continue
            sort = AnswerClass(goal.answer_class)
            if sort.outcome != "ok":
                step.failures.append(f"the app said no: {goal.name}")
            ended = Ended(sort, goal.name, await self.endings.stored_id(goal))
            await self.book.close(step)
            if await self.habits.after(self, ended):
                continue
            return ended
        return Ended(AnswerClass.UNMATCHED, "the flow goes on and on; see then: in its endings")

    def gave_up(self, stuck: Stuck) -> Ended:
        """Nothing was sent, or nobody can tell what came of it."""
        if self.window.sent is not None:
            return Ended(AnswerClass.UNMATCHED, str(stuck))
        lost = any(each in str(stuck) for each in _REFUSED)
        return Ended(AnswerClass.UNREACHABLE if lost else AnswerClass.REFUSED, str(stuck))

    # -- one thing each -------------------------------------------------------------------------

    async def _ready(self, deed: Deed) -> Sight:
        """Wait until something can be used: as long as the page is busy, and a moment longer."""
        assert deed.spot is not None
        began = time.monotonic()
        still = began + _STILL
        while True:
            try:
                return await sight(self.window.page, deed.spot, helped=self.hand.helped)
            except Hindered:
                now = time.monotonic()
                if self.window.busy:
                    still = now + _STILL
                if now >= min(still, began + deed.within_s):
                    raise
            await asyncio.sleep(_LOOK)

    async def _open(self, deed: Deed) -> None:
        address = urljoin(self._base + "/", deed.value.removeprefix("/"))
        if self.window.busy:  # a page that is on its way would come in between
            await self.window.rest(_REST)
        try:
            await self.window.page.goto(
                address, wait_until="domcontentloaded", timeout=deed.within_s * 1000
            )
        except Error as error:
            why = error.message.splitlines()[0] if error.message else "it did not open"
            raise Hindered(f"it did not open: {why.partition('net::')[2] or why}"[:160]) from None
        self.done.clear()

    async def _fill(self, deed: Deed) -> None:
        assert deed.spot is not None
        await self._ready(deed)
        await self.habits.fill(self, deed)
        self.done.append(deed)

    async def _choose(self, deed: Deed) -> None:
        assert deed.spot is not None
        await self._ready(deed)
        await self.hand.choose(deed.spot, deed.value)
        self.done.append(deed)

    async def _check(self, deed: Deed) -> None:
        assert deed.spot is not None
        await self._ready(deed)
        await self.hand.check(deed.spot)
        self.done.append(deed)

    async def _press(self, deed: Deed) -> None:
        assert deed.spot is not None
        await self._ready(deed)
        await self.endings.mark()
        await self.hand.press(deed.spot)
        await self.window.rest(_LOOK)
        with contextlib.suppress(Hindered):  # the page is on its way to another one
            await self.hand.keys_follow()

    async def _upload(self, deed: Deed) -> None:
        assert deed.spot is not None
        await self._ready(deed)
        picture = base64.b64decode(self.plan.picture)
        file: dict[str, str | bytes] = {
            "name": "worksheet.png", "mimeType": "image/png", "buffer": picture,
        }  # fmt: skip
        await self.hand.upload(deed.spot, file)

    async def _expect(self, deed: Deed) -> None:
        assert deed.spot is not None
        until = time.monotonic() + deed.within_s
        while not await is_seen(self.window.page, deed.spot):
            if time.monotonic() >= until:
                raise Hindered("it is not seen")
            await asyncio.sleep(_LOOK)

    async def _go_back(self, deed: Deed) -> None:
        try:
            await self.window.page.go_back(
                wait_until="domcontentloaded", timeout=deed.within_s * 1000
            )
        except Error as error:
            raise Hindered(f"no going back: {error.message.splitlines()[0][:120]}") from None
