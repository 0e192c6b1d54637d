"""One Chromium for all tests of pages, on an event loop of its own.

The loop runs in a thread, so that tests which have a loop themselves can use the browser too.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from harness.browser import browser_arguments, find_browser

Result = TypeVar("Result")
LONGEST = 120.0  # wall seconds that a test may keep a page; then something hangs


class Chromium:
    """The browser, and how a test does something with it.

    Attributes:
        browser: Playwright's asynchronous ``Browser``; to be used inside of ``run`` only.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.browser: Any = None

    def run(self, doing: Coroutine[Any, Any, Result]) -> Result:
        """Do something on the browser's loop, and wait for what it comes to."""
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(LONGEST)

    def on_page(self, do: Callable[[Any], Awaitable[Result]], **context: Any) -> Result:
        """Do something with a page of a new context, which is closed afterwards.

        Args:
            context: Options of Playwright's ``new_context``, as ``viewport``.
        """

        async def doing() -> Result:
            opened = await self.browser.new_context(**context)
            try:
                return await do(await opened.new_page())
            finally:
                await opened.close()

        return self.run(doing())


@contextmanager
def chromium_started() -> Iterator[Chromium]:
    """A Chromium without a window, until the tests are over."""
    from playwright.async_api import async_playwright

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="chromium", daemon=True)
    thread.start()
    stand = Chromium(loop)

    async def start() -> Any:
        playwright = await async_playwright().start()
        stand.browser = await playwright.chromium.launch(
            executable_path=find_browser(), args=browser_arguments()
        )
        return playwright

    async def stop(playwright: Any) -> None:
        await stand.browser.close()
        await playwright.stop()

    try:
        playwright = stand.run(start())
        yield stand
        stand.run(stop(playwright))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def axe_violations(page: Any) -> list[tuple[str, str]]:
    """What every rule of axe-core finds on a page: the rule, and the first place."""
    from harness.channels.web.looks.axe import axe_source

    await page.evaluate(axe_source())
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]]
