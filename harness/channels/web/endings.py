"""How a walk ends: watching a page for the first ending of its flow that is seen."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from harness.channels.web.finding import Hindered, ask, is_seen
from harness.channels.web.window import Window
from harness.target.web_walk import Goal
from simulators.behaviours.protocol import AnswerClass

_LOOK = 0.1  # wall seconds between looks
_STILL = 1.0  # wall seconds of nothing new after which the page says the same as before
_REST = 2.0  # wall seconds that a page gets to be whole before it is believed
_WORDS = 200  # characters of what the page says that are kept


@dataclass(frozen=True)
class Ended:
    """What came of a walk.

    Attributes:
        sent: Unix seconds at which its first writing request left; None if there was none.
        took: Drill seconds of the persona's own time, without what was ours.
    """

    answer_class: AnswerClass
    detail: str = ""
    stored_id: str = ""
    sent: float | None = None
    took: float | None = None


class Endings:
    """Watches one window for the endings of one walk."""

    def __init__(self, window: Window, goals: Sequence[Goal]) -> None:
        self._window, self._goals = window, goals
        self._before: set[int] = set()
        self._loads = 0
        self._marked = 0.0

    async def mark(self) -> None:
        """Something is about to be pressed: an ending that is there already is none of it.

        It counts again once it was gone meanwhile, once another document has come, or when
        nothing at all has happened for a while.
        """
        self._before = {i for i, goal in enumerate(self._goals) if await self._holds(goal)}
        self._loads, self._marked = self._window.loads, time.monotonic()

    async def watch(self, within: float) -> Goal | None:
        """The first ending that is seen; None if none is in time. Wall seconds."""
        until = time.monotonic() + within
        while True:
            if await self._look() is not None:
                # A page may still be on its way to another one, or be half there.
                await self._window.rest(min(_REST, max(0.0, until - time.monotonic())))
                found = await self._look()
                if found is not None:
                    return found
            if time.monotonic() >= until or (self._window.failed and not self._window.busy):
                return None
            await asyncio.sleep(_LOOK)

    async def seen(self) -> bool:
        """Whether one is seen now."""
        return await self._look() is not None

    async def _look(self) -> Goal | None:
        if self._window.busy:
            self._marked = time.monotonic()
        still = time.monotonic() - self._marked > _STILL
        fresh = still or self._window.loads > self._loads
        for i, goal in enumerate(self._goals):
            if not await self._holds(goal):
                self._before.discard(i)
            elif fresh or i not in self._before:
                return goal
        return None

    async def _holds(self, goal: Goal) -> bool:
        page = self._window.page
        if goal.see is not None:
            return await is_seen(page, goal.see)
        return re.search(goal.url, page.url) is not None

    async def stored_id(self, goal: Goal) -> str:
        """What the app calls the record, as the page says."""
        found = re.search(goal.stored_id, await self.says()) if goal.stored_id else None
        return "" if found is None else (found[1] if found.re.groups else found[0])[:100]

    async def says(self) -> str:
        """What the page in front says."""
        try:
            return str(await ask(self._window.page, "says"))
        except Hindered:
            return ""

    async def none(self) -> Ended:
        """What it means that no ending was seen."""
        window = self._window
        words = (await self.says())[:_WORDS]
        if window.trouble or window.failed:
            return Ended(AnswerClass.NO_ANSWER, f"the page did not come: {window.trouble}")
        if window.busy:
            return Ended(AnswerClass.NO_ANSWER, f"still waiting for an answer: {words}")
        if window.status >= 500:
            return Ended(AnswerClass.SERVER_ERROR, f"{window.status}: {words}")
        return Ended(
            AnswerClass.UNMATCHED, f"no ending of the flow was seen; the page says: {words}"
        )
