"""Printing a page of ours to PDF, by a Chromium that the machine has."""

from __future__ import annotations

from pathlib import Path

from harness.browser import browser_arguments, find_browser


class PrintingError(Exception):
    """No PDF could be made; the message says why and what would help."""


def print_page(page: str, path: Path, *, browser: str | None = None) -> Path:
    """Print a page of HTML.

    It takes seconds and blocks: call it in a thread of its own from anything that serves.

    Args:
        page: The HTML, self-contained; its ``@page`` says the paper.
        path: Where the PDF goes; written whole or not at all, readable by its owner alone.
        browser: Path of a Chromium; one is looked for where none is named.

    Raises:
        PrintingError: If Playwright or a browser is missing, or the browser fails.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise PrintingError(
            f"{path.name}: not printed: Playwright is not installed (pip install "
            "'drillhall[browser]'). Open the .html beside it and print that: it has the same pages."
        ) from error
    browser = browser or find_browser()
    if browser is None:
        raise PrintingError(
            f"{path.name}: not printed: no Chromium on this machine. Open the .html beside it "
            "and print that: it has the same pages."
        )
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=browser, args=browser_arguments())
            try:
                context = chromium.new_context(
                    offline=True, java_script_enabled=False, color_scheme="light"
                )
                printed = context.new_page()
                printed.set_content(page, wait_until="load", timeout=120_000)
                data = printed.pdf(tagged=True, prefer_css_page_size=True, print_background=True)
            finally:
                chromium.close()
    except Error as error:
        said = str(error).splitlines()[0]
        raise PrintingError(f"{path.name}: not printed: {browser} failed: {said}") from error
    partial = path.with_name(path.name + ".partial")
    partial.touch(mode=0o600)
    partial.write_bytes(data)
    partial.replace(path)
    return path
