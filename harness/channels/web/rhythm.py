"""The rhythm of somebody's keys: drawn beforehand, kept by absolute times, and measured.

The keys of a phone's screen put letters into a box, as those of Android do, and tell the page of
no key; those of a keyboard come down and go up. (In Chromium with touch, a key that comes down
after the page was scrolled far puts nothing into the box that was tapped.)

A key that was late makes no later one late as well. What was planned is compared with when letters
came to the page itself: a busy machine makes slow people slower, and then timings are void.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from itertools import accumulate, pairwise
from random import Random

from playwright.async_api import Page

from harness.channels.web.finding import Hindered, ask

LISTENER = """
(() => {
  const taken = globalThis[Symbol.for('drillhall.keys')] = [];
  addEventListener('beforeinput', (event) => {
    if (event.isTrusted && event.inputType.startsWith('insert')) taken.push(performance.now());
  }, true);
})()
"""
"""Runs in every page before its own scripts."""


@dataclass
class Keyed:
    """What one step or one session keyed.

    Attributes:
        keys: How many.
        planned, taken: Wall seconds from the first key of a text to its last, summed.
    """

    keys: int = 0
    planned: float = 0.0
    taken: float = 0.0

    def add(self, other: Keyed) -> None:
        """Count what another one keyed as well."""
        self.keys += other.keys
        self.planned += other.planned
        self.taken += other.taken

    @property
    def drift(self) -> float | None:
        """How much longer the keys took than planned, as a part of it; None without any."""
        return self.taken / self.planned - 1 if self.planned > 0 else None


class Rhythm:
    """One person's rhythm.

    Args:
        mean: Seconds from one key to the next, wall time.
        spread: Standard deviation of the logarithm of that.
    """

    def __init__(self, mean: float, spread: float, rng: Random) -> None:
        self._mean, self._spread, self._rng = mean, spread, rng

    def gap(self) -> float:
        """Seconds to the next key: log-normal."""
        if self._mean <= 0:
            return 0.0
        middle = math.log(self._mean) - self._spread**2 / 2
        return math.exp(self._rng.gauss(middle, self._spread))

    async def key(self, page: Page, text: str, *, on_screen: bool = False) -> Keyed:
        """Key a text into whatever has the focus.

        Args:
            on_screen: The keys are on the screen of a phone.
        """
        strike = page.keyboard.insert_text if on_screen else page.keyboard.type
        gaps = [self.gap() for _ in text]
        await _forget_keys(page)
        loop = asyncio.get_running_loop()
        start = loop.time()
        for at, letter in zip(accumulate(gaps), text, strict=True):
            await asyncio.sleep(max(0.0, start + at - loop.time()))
            await strike(letter)
        down = await _forget_keys(page)
        planned = sum(gaps[1:])
        if len(down) != len(text):  # the page moved on at the last key, or took some away
            return Keyed(len(text))
        return Keyed(len(text), planned, sum(b - a for a, b in pairwise(down)) / 1000)


async def _forget_keys(page: Page) -> list[float]:
    try:
        taken: list[float] = await ask(page, "keys")
    except Hindered:
        return []
    return taken
