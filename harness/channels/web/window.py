"""What somebody has in front of them: the page that came last, and what it still waits for."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from playwright.async_api import BrowserContext, Dialog, Error, Page, Request, Response

_LOOK = 0.05  # wall seconds between looks at whether a page has come to rest
_REST = 0.15  # wall seconds without a request after which it has
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Window:
    """Follows the pages of one context.

    Attributes:
        page: The page in front.
        sent: Unix seconds at which the first writing request left, since :meth:`begin`.
        status: HTTP status of the page in front, 0 if none came.
        trouble: Why the last page did not come; empty if it did.
        address: Of the last page that came; empty if none has.
        loads: Documents that have been loaded so far.
    """

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.page = page
        self.sent: float | None = None
        self.status = 0
        self.trouble = ""
        self.address = ""
        self.loads = 0
        self._pending: dict[Request, None] = {}
        self._busy_until = 0.0
        self._dialogs: set[asyncio.Task[None]] = set()
        context.on("request", self._asked)
        context.on("requestfinished", self._over)
        context.on("requestfailed", self._failed)
        context.on("response", self._came)
        context.on("dialog", self._dialog)

    def show(self, page: Page) -> None:
        """A page was opened, and is now in front."""
        self.page = page

    def begin(self) -> None:
        """Forget what was sent: something new begins."""
        self.sent = None
        self.trouble = ""

    @property
    def busy(self) -> bool:
        """Whether the page is still waiting for something."""
        return bool(self._pending) or time.monotonic() < self._busy_until

    @property
    def failed(self) -> bool:
        """Whether the browser shows a page of its own, which says that the app's did not come."""
        return self.page.url.startswith("chrome-error:")

    async def rest(self, within: float) -> bool:
        """Wait until nothing is on its way any more; whether that came in time."""
        until = time.monotonic() + within
        await asyncio.sleep(_LOOK)
        while time.monotonic() < until:
            if not self.busy and await self._loaded():
                return True
            await asyncio.sleep(_LOOK)
        return False

    async def _loaded(self) -> bool:
        try:
            return bool(await self.page.evaluate("document.readyState === 'complete'"))
        except Error:
            return False  # it is about to be another page

    def _asked(self, request: Request) -> None:
        self._pending[request] = None
        if request.method not in _READS and self.sent is None:
            self.sent = time.time()

    def _over(self, request: Request) -> None:
        self._pending.pop(request, None)
        self._busy_until = time.monotonic() + _REST

    def _failed(self, request: Request) -> None:
        self._over(request)
        if self._in_front(request):
            self.trouble = (request.failure or "it did not come").removeprefix("net::")

    def _came(self, response: Response) -> None:
        if self._in_front(response.request):
            self.status, self.trouble, self.address = response.status, "", response.url
            self.loads += 1

    def _in_front(self, request: Request) -> bool:
        try:
            return request.is_navigation_request() and request.frame == self.page.main_frame
        except Error:
            return False  # its frame is gone

    def _dialog(self, dialog: Dialog) -> None:
        """People press OK."""
        task = asyncio.ensure_future(_accept(dialog))
        self._dialogs.add(task)
        task.add_done_callback(self._dialogs.discard)


async def _accept(dialog: Any) -> None:
    try:
        await dialog.accept()
    except Error:
        return  # it went away by itself
