"""report.pdf: the page, printed by a Chromium that the system has.

Traps met on the way: a dark context prints a dark page, and what is inside a closed
``<details>`` is not printed at all. So the page is printed in light, with all of them open.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class PdfSkippedError(Exception):
    """No PDF was made; the message says why and what would help."""


def find_browser(names: Iterable[str] = BROWSERS) -> str | None:
    """The first browser of these that this machine has."""
    return next((found for name in names if (found := shutil.which(name))), None)


def write_pdf(page: str, path: Path, *, browser: str | None = None) -> None:
    """Print a page.

    Args:
        page: The HTML, self-contained.
        path: Where the PDF goes; written whole or not at all.
        browser: Path of a Chromium; one is looked for where none is named.

    Raises:
        PdfSkippedError: If Playwright or a browser is missing, or the browser fails.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise PdfSkippedError(
            "report.pdf: not made: Playwright is not installed (pip install 'drillhall[browser]'). "
            "Any browser prints report.html just as well."
        ) from error
    browser = browser or find_browser()
    if browser is None:
        raise PdfSkippedError(
            "report.pdf: not made: no Chromium on this machine. "
            "Any browser prints report.html just as well."
        )
    # Chromium's own sandbox refuses to start for root; the page holds no script either way.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=browser, args=[*sandbox, *_ARGUMENTS]
            )
            try:
                printed = chromium.new_page(color_scheme="light", offline=True)
                printed.emulate_media(media="print", color_scheme="light")
                printed.set_content(page, wait_until="load")
                printed.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                data = printed.pdf(
                    tagged=True, outline=True, prefer_css_page_size=True, print_background=True
                )
            finally:
                chromium.close()
    except Error as error:
        raise PdfSkippedError(
            f"report.pdf: not made: {browser} failed: {str(error).splitlines()[0]}"
        ) from error
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(data)
    partial.replace(path)
