"""The front page in a real browser: fits any screen, and axe finds nothing."""

from __future__ import annotations

from typing import Any

import pytest
from browser_stand import Chromium, axe_violations
from strikes_day import Day

pytestmark = pytest.mark.live


@pytest.fixture
def html(day: Day) -> str:
    """The front page with its style in it."""
    day.text("0012 4821 4711")
    style = day.asgi.send("GET", "/style.css").text
    link = '<link rel="stylesheet" href="/style.css">'
    page = day.asgi.send("GET", "/").text
    assert link in page
    return page.replace(link, f"<style>{style}</style>")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page(html: str, chromium: Chromium, scheme: str) -> None:
    """The accessibility rules of axe-core find no violation, by day and by night, on a phone."""

    async def opened(page: Any) -> tuple[list[tuple[str, str]], int]:
        await page.set_content(html)
        found = await axe_violations(page)
        return found, await page.evaluate("document.documentElement.scrollWidth")

    viewport = {"width": 320, "height": 640}
    found, width = chromium.on_page(opened, viewport=viewport, color_scheme=scheme)
    assert found == []
    assert width <= 320
