"""The page in a real browser: asks for nothing, fits any screen, and axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.record import RunFolder
from reports import write_reports
from reports.pdf import find_browser

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page_file(faulty_night: RunFolder) -> Path:
    return write_reports(faulty_night, pdf=False)[0]


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_request_and_no_sideways_scroll(chromium: Any, page_file: Path, width: int) -> None:
    """The page asks for itself alone, reads without JavaScript, and fits a phone."""
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=False
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    assert asked == [page_file.as_uri()]
    size = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert size[0] <= size[1]
    assert page.get_by_text("NO-GO", exact=True).first.is_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_verdict_is_on_the_first_screen(chromium: Any, page_file: Path, scheme: str) -> None:
    """The word and the reasons are seen before anyone scrolls, in the colours the reader chose."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page.goto(page_file.as_uri())
    word = page.locator(".verdict").bounding_box()
    reasons = page.locator("section[aria-labelledby=why]").bounding_box()
    assert word["y"] + word["height"] < 400
    assert reasons["y"] + reasons["height"] < 900
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium: Any, page_file: Path, scheme: str) -> None:
    """The accessibility rules of axe-core find no violation, with everything opened."""
    axe = pytest.importorskip("axe_playwright_python.base", reason="axe is not installed")
    script = Path(axe.__file__).with_name("axe.min.js").read_text("utf-8")
    page = chromium.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page.goto(page_file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.evaluate(script)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    page.close()
