"""Flows in Python: what a function of a target's own file may do with a page.

``async def submit_report(walk)`` gets a :class:`CodedWalk`. Whatever it does through it is done by
the persona's hand, with their patience, and written down as any step is.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypedDict, Unpack, get_args

from playwright.async_api import Page

from harness.channels.web.endings import Ended, Endings
from harness.channels.web.rhythm import Keyed
from harness.channels.web.walker import Stuck, Walker
from harness.target.web_walk import Deed, Goal, Said, Spot, Verb, Way
from simulators.behaviours.protocol import AnswerClass

Told = str | re.Pattern[str]
Flow = Callable[["CodedWalk"], Awaitable[Any]]


class Where(TypedDict, total=False):
    """How something is found: one of the first five; ``name`` goes with ``role``."""

    role: str
    label: Told
    text: Told
    placeholder: Told
    css: str
    name: Told
    within: Spot | None


def spot(**where: Unpack[Where]) -> Spot:
    """Something on a page, as people find it.

    Raises:
        ValueError: If it is not exactly one of role, label, text, placeholder and css.

    Example:
        >>> str(spot(role="button", name="Send"))
        'button "Send"'
    """
    ways: list[Way] = [each for each in get_args(Way) if each in where]
    if len(ways) != 1:
        raise ValueError(f"needs exactly one of {', '.join(get_args(Way))}; found {ways or 'none'}")
    name = where.get("name")
    said: Any = where[ways[0]]
    return Spot(ways[0], _said(said), None if name is None else _said(name), where.get("within"))


def _said(told: Told) -> Said:
    if isinstance(told, str):
        return Said(told)
    return Said(told.pattern, True, bool(told.flags & re.IGNORECASE))


class CodedWalk:
    """A walk in the hands of a function.

    Attributes:
        row, cells, person, codes: What the templates of a description may name.
        language: What the pages are to be in.
        page: Playwright's page, for what nothing here can do.
    """

    def __init__(self, walker: Walker) -> None:
        self._walker = walker
        names = walker.plan.names
        self.row: dict[str, Any] = names.get("row", {})
        self.cells: dict[str, int] = names.get("cells", {})
        self.person: dict[str, Any] = names.get("person", {})
        self.codes: list[str] = names.get("codes", [])
        self.language = walker.plan.language
        self._name = "arrive"
        self._open = False

    @property
    def page(self) -> Page:
        """What is in front of them now."""
        return self._walker.window.page

    async def step(self, name: str) -> None:
        """What follows is another step, as reports call it."""
        await self._close()
        self._name = name

    async def open(self, address: str) -> None:
        """Open a page of the app's."""
        await self._do("open", None, address)

    async def fill(self, value: object, *, code: bool = False, **where: Unpack[Where]) -> None:
        """Type something into a box."""
        await self._do("fill", spot(**where), str(value), code=code)

    async def choose(self, value: str, **where: Unpack[Where]) -> None:
        """Choose an option of a list by what it says."""
        await self._do("choose", spot(**where), value)

    async def check(self, **where: Unpack[Where]) -> None:
        """Tick a box."""
        await self._do("check", spot(**where))

    async def press(self, **where: Unpack[Where]) -> None:
        """Press a button or follow a link."""
        await self._do("press", spot(**where))

    async def expect(self, **where: Unpack[Where]) -> None:
        """Wait until something is seen."""
        await self._do("expect", spot(**where))

    async def go_back(self) -> None:
        """Go back to the page before."""
        await self._do("go_back", None)

    async def ending(self, within: float = 30.0, **endings: Spot | str) -> Ended:
        """Wait for the first of some endings: a class of answer, and what is then seen.

        Example:
            ``return await walk.ending(accepted=spot(text="Received"), refused=spot(role="alert"))``
        """
        await self._close()
        goals = [
            Goal(str(AnswerClass(sort)), see=seen if isinstance(seen, Spot) else spot(text=seen),
                 name=sort.replace("_", " "))
            for sort, seen in endings.items()
        ]  # fmt: skip
        self._walker.plan = replace(self._walker.plan, goals=tuple(goals))
        self._walker.endings = Endings(self._walker.window, goals)
        return await self._walker.reach_an_ending()

    async def _do(
        self, verb: Verb, where: Spot | None, value: str = "", *, code: bool = False
    ) -> None:
        walker = self._walker
        if not self._open:
            walker.step, self._open = walker.book.begin(self._name), True
            if verb != "open":
                await walker.window.rest(5.0)
                await walker.book.look(self._name, walker.plan)
                await walker.hand.take_in()
        await walker.do(Deed(self._name, verb, where, value, code))

    async def _close(self, *, blocked: bool = False) -> None:
        step = self._walker.step
        if self._open and step is not None:
            self._open = False
            step.blocked = blocked
            step.keyed, self._walker.hand.keyed = self._walker.hand.keyed, Keyed()
            await self._walker.book.close(step)


async def walk_by_code(walker: Walker, flow: Flow) -> Ended:
    """Let a function walk; what it raises is what came of it."""
    walker.window.begin()
    walk = CodedWalk(walker)
    try:
        ended = await flow(walk)
        if not isinstance(ended, Ended):
            said = f"{walker.plan.kind} must end with: return await walk.ending(...)"
            ended = Ended(AnswerClass.UNMATCHED, said)
    except Stuck as stuck:
        await walk._close(blocked=True)
        ended = walker.gave_up(stuck)
    except Exception as error:
        await walk._close(blocked=True)
        ended = Ended(AnswerClass.UNMATCHED, f"{walker.plan.kind} failed: {error!r}"[:200])
    return replace(ended, sent=walker.window.sent)
