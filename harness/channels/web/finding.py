"""Finding things on a page as people do: by role, label and text, and whether they can be used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Error, Locator, Page

from harness.target.web_walk import Said, Spot

SCRIPT = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")


class Hindered(Exception):  # noqa: N818 - not an error of ours, but what somebody met
    """What was tried cannot be done now; the text says why, in a person's words."""


class Strayed(Hindered):
    """What was hit instead led to another page."""


@dataclass(frozen=True)
class Sight:
    """Something on the screen that can be used.

    Attributes:
        locator: What it is, for the browser.
        x, y: Where it is pressed: the middle of what is on the screen.
        width, height: CSS pixels.
        kind: ``text``, ``select``, or an input's own type.
        value: What is in it.
    """

    locator: Locator
    x: float
    y: float
    width: float
    height: float
    kind: str
    value: str
    read_only: bool = False

    @property
    def small_side(self) -> float:
        """The shorter of its sides, which decides how easily it is missed."""
        return min(self.width, self.height)


def locate(page: Page, spot: Spot) -> Locator:
    """A spot as the browser knows it; it may be nowhere, or in several places."""
    root: Page | Locator = page if spot.within is None else locate(page, spot.within)
    said = _matcher(spot.said)
    if spot.way == "role":
        role: Any = spot.said.text
        if spot.name is None:
            return root.get_by_role(role)
        return root.get_by_role(role, name=_matcher(spot.name), exact=True)
    if spot.way == "label":
        return root.get_by_label(said, exact=True)
    if spot.way == "text":
        return root.get_by_text(said, exact=True)
    if spot.way == "placeholder":
        return root.get_by_placeholder(said, exact=True)
    return root.locator(spot.said.text)


def _matcher(said: Said) -> str | re.Pattern[str]:
    if not said.pattern:
        return said.text
    return re.compile(said.text, re.IGNORECASE if said.any_case else 0)


async def ask(where: Page | Locator, function: str, about: Any = None) -> Any:
    """Evaluate one of the functions of ``page.js``; of a locator, with its elements.

    Args:
        about: A second argument, after the elements.

    Raises:
        Hindered: If the page went away meanwhile, or a selector is none.
    """
    try:
        if isinstance(where, Page):
            return await where.evaluate(f"() => {SCRIPT}.{function}()")
        return await where.evaluate_all(
            f"(found, about) => {SCRIPT}.{function}(found, about)", about
        )
    except Error as error:
        raise Hindered(_first_line(error)) from None


async def sight(page: Page, spot: Spot, *, helped: bool = False) -> Sight:
    """Bring something onto the screen, if a person could, and see whether it can be used.

    Args:
        helped: Somebody says which is meant, where there are several.

    Raises:
        Hindered: Says why it cannot.
    """
    found = locate(page, spot)
    told = await ask(found, "sight", helped)
    if why := told.pop("why"):
        raise Hindered(why)
    return Sight(found.nth(told.pop("index")), **told)


async def is_seen(page: Page, spot: Spot) -> bool:
    """Whether something is on the page, on the screen or further down."""
    try:
        return bool(await ask(locate(page, spot), "seen"))
    except Hindered:
        return False


def _first_line(error: Error) -> str:
    text = error.message.splitlines()[0] if error.message else "the page went away"
    if "context was destroyed" in text or "has been closed" in text:
        return "the page went away"
    return text[:160]
