"""The front page in a real browser: fits any screen, and axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from strikes_day import Day

from reports.pdf import find_browser

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine"),
]


@pytest.fixture
def html(day: Day) -> str:
    """The front page with its style in it, fetched before the browser takes the thread's loop."""
    day.text("0012 4821 4711")
    style = day.asgi.send("GET", "/style.css").text
    link = '<link rel="stylesheet" href="/style.css">'
    page = day.asgi.send("GET", "/").text
    assert link in page
    return page.replace(link, f"<style>{style}</style>")


@pytest.fixture
def chromium(html: str) -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page(html: str, chromium: Any, scheme: str) -> None:
    """The accessibility rules of axe-core find no violation, by day and by night, on a phone."""
    axe = pytest.importorskip("axe_playwright_python.base", reason="axe is not installed")
    script = Path(axe.__file__).with_name("axe.min.js").read_text("utf-8")
    page = chromium.new_page(viewport={"width": 320, "height": 640}, color_scheme=scheme)
    page.set_content(html)
    page.evaluate(script)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.close()
