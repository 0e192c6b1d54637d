"""The page in a real browser: asks for nothing, fits any screen, and axe finds nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser_stand import Chromium, axe_violations

from harness.record import RunFolder
from reports import write_reports


@pytest.fixture(scope="module")
def page_file(faulty_night: RunFolder) -> Path:
    return write_reports(faulty_night, pdf=False)[0]


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_request_and_no_sideways_scroll(chromium: Chromium, page_file: Path, width: int) -> None:
    """The page asks for itself alone, reads without JavaScript, and fits a phone."""
    asked: list[str] = []

    async def measure(page: Any) -> tuple[list[int], bool]:
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(page_file.as_uri())
        size = await page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        return size, await page.get_by_text("NO-GO", exact=True).first.is_visible()

    size, told = chromium.on_page(
        measure, viewport={"width": width, "height": 800}, java_script_enabled=False
    )
    assert asked == [page_file.as_uri()]
    assert size[0] <= size[1]
    assert told


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_verdict_is_on_the_first_screen(
    chromium: Chromium, page_file: Path, scheme: str
) -> None:
    """The word and the reasons are seen before anyone scrolls, in the colours the reader chose."""

    async def measure(page: Any) -> tuple[Any, Any, str]:
        await page.goto(page_file.as_uri())
        word = await page.locator(".verdict").bounding_box()
        reasons = await page.locator("section[aria-labelledby=why]").bounding_box()
        ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        return word, reasons, ground

    word, reasons, ground = chromium.on_page(
        measure, viewport={"width": 1280, "height": 900}, color_scheme=scheme
    )
    assert word["y"] + word["height"] < 400
    assert reasons["y"] + reasons["height"] < 900
    assert (ground != "rgb(255, 255, 255)") == (scheme == "dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium: Chromium, page_file: Path, scheme: str) -> None:
    """The accessibility rules of axe-core find no violation, with everything opened."""

    async def opened(page: Any) -> list[tuple[str, str]]:
        await page.goto(page_file.as_uri())
        await page.evaluate(
            "document.querySelectorAll('details').forEach(each => each.open = true)"
        )
        return await axe_violations(page)

    viewport = {"width": 1280, "height": 900}
    assert chromium.on_page(opened, viewport=viewport, color_scheme=scheme) == []
