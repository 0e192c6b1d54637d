"""A walk over a page with the Tab key, from one stop to the next, until it comes round again.

Nobody says where a walk begins: the browser goes on from where the focus is. So a lap is whole
when the focus has left the page twice, or has come to a stop that it had been at.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Page

from harness.channels.web.looks.world import World

TABS = 200
_STUCK = 3  # keys of Tab that leave the focus where it is: what holds it swallows Tab
_MANY = 60  # stops of what from outside is one: a frame, a film's buttons, the parts of a date
_RESTLESS = 3  # times that the focus moved with no key pressed
_STOP = """async () => {
  const before = look.focused();
  await look.settled();
  const now = look.focused(), top = !now || now === document.body
    || now === document.documentElement;
  return {number: top ? -1 : look.keep(now), told: top ? null : look.told(now),
          many: !!now?.matches('iframe, video, audio, input:is([type=date], [type=time],'
            + ' [type=month], [type=week], [type=datetime-local])'), moved: before !== now};
}"""
_NOW = "() => { const now = look.focused(); return now ? look.kept.indexOf(now) : -1; }"


@dataclass(frozen=True)
class Stop:
    """Something that has the focus. ``number`` is its place in the page's ``look.kept``."""

    number: int
    told: dict[str, Any]


@dataclass
class Walk:
    """How a walk went.

    Attributes:
        reached: Numbers of the stops, in order.
        trap: The stop that the focus never leaves, or the first of those it circles among.
        circle: Numbers of the stops among which it circles.
        problem: Why the walk says nothing of what was not reached.
    """

    reached: list[int] = field(default_factory=list)
    trap: Stop | None = None
    circle: frozenset[int] = frozenset()
    problem: str = ""


async def stops(page: Page, world: World, walk: Walk) -> AsyncIterator[Stop]:
    """Press Tab, and yield each new stop while it has the focus; ``walk`` tells how it went."""
    ends = same = moved = 0
    last = -2
    trail: list[int] = []
    for _ in range(TABS):
        if last >= -1 and await world.ask(_NOW) != last:
            moved += 1
        await page.keyboard.press("Tab")
        told = await world.ask(_STOP)
        number = int(told["number"])
        moved += bool(told["moved"])
        if moved >= _RESTLESS:
            walk.problem = "the page moves the focus by itself"
            return
        same = same + 1 if number == last else 0
        last = number
        if number < 0:
            ends += 1
            if ends == 2 or same >= _STUCK:
                return
            continue
        stop = Stop(number, told["told"])
        if same >= (_MANY if told["many"] else _STUCK):
            walk.trap, walk.circle = stop, frozenset({number})
            return
        if same:
            continue
        if trail.count(number) >= 2 + ends:
            since = trail[len(trail) - 1 - trail[::-1].index(number) :]
            walk.circle = frozenset(since)
            walk.trap = stop
            return
        if number not in walk.reached:
            walk.reached.append(number)
            yield stop
        trail.append(number)
        await asyncio.sleep(0)
    walk.problem = f"{TABS} keys of Tab did not come round the page"
