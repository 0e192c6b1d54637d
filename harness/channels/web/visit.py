"""A visit: one persona's session in a browser of their own, from their first operation on."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Error, Page

from harness.channels.web.code import Flow, walk_by_code
from harness.channels.web.cut import LineCutter
from harness.channels.web.device import Reach, open_device, slow_down
from harness.channels.web.endings import Ended
from harness.channels.web.errand import Errand, Guest, Other
from harness.channels.web.finding import Hindered, ask
from harness.channels.web.habits import Habits
from harness.channels.web.hand import Hand
from harness.channels.web.journal import Journal
from harness.channels.web.looker import Looker, plain
from harness.channels.web.step import Step
from harness.channels.web.stopwatch import Stopwatch
from harness.channels.web.walker import Walker
from harness.channels.web.window import Window
from harness.target.web_walk import Deed, State, Walk
from simulators.behaviours.protocol import Outcome
from simulators.people.personas.persona import Persona

_AT_ONCE = 1000.0  # speed at which we come to a state that nobody has to be slow for
_TIMEOUT = 60_000.0  # milliseconds: no one thing in the browser takes longer


@dataclass(frozen=True)
class Means:
    """What every visit works with.

    Attributes:
        base: Where the app is.
        folder: The run folder.
        flows: Flows in Python, by operation.
        looker: None where pages are not looked at.
    """

    browser: Browser
    reach: Reach
    journal: Journal
    looker: Looker | None
    folder: Path
    base: str
    seed: int
    speed: float
    flows: dict[str, Flow]


class Visit:
    """One persona's session."""

    def __init__(self, guest: Guest, means: Means, context: BrowserContext, page: Page) -> None:
        self.guest, self.means, self.context = guest, means, context
        self.stopwatch = Stopwatch(means.speed)
        self.window = Window(context, page)
        self.habits = Habits(guest.persona)
        self._setting_up: set[asyncio.Task[None]] = set()
        self._steps = 0
        self._kind = ""
        self._trace = ""
        self._zipping: asyncio.Task[None] | None = None
        self._been = False
        self._inside = ""  # the page that signing in led to
        context.set_default_timeout(_TIMEOUT)
        context.on("page", self._came)

    @classmethod
    async def open(cls, guest: Guest, means: Means, *, cutter: LineCutter | None = None) -> Visit:
        """Open a browser of their own.

        Args:
            cutter: The line that all of it goes through, where that goes dead once.
        """
        through = "" if cutter is None else cutter.url
        context = await open_device(means.browser, guest.persona, means.reach, through=through)
        page = await context.new_page()
        await slow_down(page, guest.persona)
        visit = cls(guest, means, context, page)
        visit.habits.cutter = cutter
        means.journal.note("session", **visit.about)
        return visit

    @property
    def about(self) -> dict[str, object]:
        """Who it is, for the journal."""
        guest = self.guest
        return {
            "session": guest.session, "persona": guest.persona.name, "who": guest.index,
            "language": guest.persona.language, "offered": guest.offered, **guest.about,
        }  # fmt: skip

    def _came(self, page: Page) -> None:
        """Another page came up: it is what they look at now, on the same line."""
        task = asyncio.ensure_future(self._take_up(page))
        self._setting_up.add(task)
        task.add_done_callback(self._setting_up.discard)

    async def _take_up(self, page: Page) -> None:
        with contextlib.suppress(Error):
            if await page.opener() is None:
                return  # one of ours
            await slow_down(page, self.guest.persona)
            self.window.show(page)

    # -- operations -----------------------------------------------------------------------------

    async def do(self, errand: Errand) -> Ended:
        """Walk one operation. Their time begins when it was handed over, less our queue."""
        self.stopwatch.set(errand.drill)
        self._kind = errand.walk.kind
        began = self.stopwatch.drill
        self.means.journal.note(
            "began", session=self.guest.session, operation=self._kind, attempt=errand.attempt,
            began_drill=began,
        )  # fmt: skip
        await self.settle()
        ended = await self._walked(errand)
        finished = self.stopwatch.drill
        self._end_trace()
        self.means.journal.note(
            "walk", session=self.guest.session, operation=errand.walk.kind, key=errand.key,
            attempt=errand.attempt, answer_class=ended.answer_class, detail=ended.detail,
            began_drill=began, ended_drill=finished, helped=errand.helped,
        )  # fmt: skip
        if self._kind == "sign_in" and ended.answer_class.outcome is Outcome.OK:
            self._inside = self.window.page.url
        return replace(ended, took=finished - began)

    async def _walked(self, errand: Errand) -> Ended:
        walk = errand.walk
        if not self._been:
            walk = _from_outside(walk)
            if self.guest.other is not None:
                with self.stopwatch.paused():
                    await self._let_other_go_first(self.guest.other)
        self._been = True
        rng = random.Random(f"{self.means.seed}/web/{errand.key}/{errand.attempt}")
        hand = Hand(self.guest.persona, lambda: self.window.page, rng, self.means.speed)
        hand.helped = errand.helped
        walker = Walker(
            walk, self.guest.persona, self.window, hand, self, self.habits,
            base=self.means.base, within=errand.within,
        )  # fmt: skip
        if walk.by_code:
            return await walk_by_code(walker, self.means.flows[walk.kind])
        return await walker.walk()

    # -- what is written down: see walker.Book --------------------------------------------------

    def begin(self, name: str) -> Step:
        """A step begins."""
        self._steps += 1
        return Step(name, self._kind, self._steps, self.stopwatch.drill)

    async def failed(self, step: Step) -> None:
        """One try did not work: from now on, a trace tells what they see."""
        if not self._trace:
            self._trace = self._path(f"{self._steps:02}-{step.name}", "zip")
            with self.stopwatch.paused(), contextlib.suppress(Error):
                await self.context.tracing.start(screenshots=True, snapshots=True)

    async def look(self, name: str, walk: Walk) -> None:
        """Look at the page, while their time stands still."""
        looker = self.means.looker
        if looker is not None and looker.wanted(self.guest, name):
            with self.stopwatch.paused():
                await looker.look(self.window.page, self.guest, name, walk.deeds)

    async def close(self, step: Step) -> None:
        """A step is over."""
        step.ended = self.stopwatch.drill
        if self.guest.other is not None:
            await self._look_for_traces(step, self.guest.other)
        if step.state != "passed" or step.answer:
            with self.stopwatch.paused():
                step.screenshot = await self._screenshot(step)
        self.means.journal.note(
            "step", session=self.guest.session, persona=self.guest.persona.name,
            trace=self._trace, **step.line(),
        )  # fmt: skip

    async def _let_other_go_first(self, other: Other) -> None:
        """Somebody else signs in on this phone, and out if there is a way to."""
        for walk in (_from_outside(other.sign_in), other.sign_out):
            if walk is not None:
                persona = plain(self.guest.persona)
                await self._unseen(walk, persona, self.window).walk()

    async def _look_for_traces(self, step: Step, other: Other) -> None:
        """Nothing of theirs may be seen any more."""
        with contextlib.suppress(Hindered):
            says = str(await ask(self.window.page, "says"))
            for each in other.traces:
                if re.search(rf"(?<!\w){re.escape(each)}(?!\w)", says):
                    step.blocked = step.lasting = True
                    step.failures.append(f"the page shows {each}, of whoever was signed in before")

    async def _screenshot(self, step: Step) -> str:
        path = self._path(f"{step.number:02}-{step.name}", "png")
        try:
            await self.window.page.screenshot(path=self.means.folder / path, timeout=5000)
        except Error:
            return ""
        return path

    def _path(self, name: str, kind: str) -> str:
        safe = re.sub(r"\W+", "-", name).strip("-")[:50]
        return f"evidence/web/{self.guest.session}/{safe}.{kind}"

    def _end_trace(self) -> None:
        """Zip the trace, which takes seconds: nobody waits for it with an answer."""
        if self._trace:
            self._zipping = asyncio.ensure_future(self._zip(self.means.folder / self._trace))
            self._trace = ""

    async def _zip(self, path: Path) -> None:
        with contextlib.suppress(Error):
            await self.context.tracing.stop(path=path)

    async def settle(self) -> None:
        """Wait until the last trace is there."""
        if self._zipping is not None:
            with self.stopwatch.paused():
                await self._zipping
            self._zipping = None

    # -- states that nobody comes to by themselves ----------------------------------------------

    async def look_further(self, until: float) -> None:
        """Look at the states that the description names, in a page of our own beside theirs.

        Args:
            until: Wall seconds, as ``time.monotonic`` has them, after which none is looked at.
        """
        looker = self.means.looker
        for state in self.guest.states if looker is not None else ():
            if state.signed_in and not self._inside:
                continue
            assert looker is not None
            if not looker.wanted(self.guest, state.name):
                continue
            try:
                async with asyncio.timeout(until - time.monotonic()):
                    why = await self._visit_state(state, looker)
            except TimeoutError:
                why = "there was no time left for it"
            except Error as error:
                why = error.message.splitlines()[0][:200] if error.message else "gone"
            looker.unmade(self.guest, state.name, why)

    async def _visit_state(self, state: State, looker: Looker) -> str:
        """Come to one state and look at it; why they could not come there."""
        persona = plain(self.guest.persona)
        page = await self.context.new_page()
        try:
            if state.deeds[0].verb != "open":
                await page.goto(self._inside or self.means.base)
            walker = self._unseen(Walk("state", state.deeds), persona, Window(self.context, page))
            said = await walker.come_to(state.deeds)
            if not said:
                await looker.look(page, self.guest, state.name, state.deeds, state=True)
            return said
        finally:
            with contextlib.suppress(Error):
                await page.close()

    def _unseen(self, walk: Walk, persona: Persona, window: Window) -> Walker:
        """A walk that is none of theirs: at once, and written down nowhere."""
        hand = Hand(persona, lambda: window.page, random.Random(0), _AT_ONCE)
        return Walker(walk, persona, window, hand, _NoBook(), Habits(persona), base=self.means.base)

    # -- the end --------------------------------------------------------------------------------

    async def vanish(self) -> None:
        """End it in the middle: nothing more is sent."""
        with contextlib.suppress(Error):
            await self.context.close()
        await self.settle()


class _NoBook:
    """Where nothing is written down."""

    def begin(self, name: str) -> Step:
        return Step(name, "", 0, 0.0)

    async def failed(self, step: Step) -> None: ...

    async def look(self, name: str, walk: Walk) -> None: ...

    async def close(self, step: Step) -> None: ...


def _from_outside(walk: Walk) -> Walk:
    """A walk that begins by opening the app's pages, if it does not say how it begins."""
    if walk.deeds and walk.deeds[0].verb == "open":
        return walk
    way_in = Deed("arrive", "open", value=walk.entrance)
    return replace(walk, deeds=(way_in, *walk.deeds))
