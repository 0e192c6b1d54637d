"""A volunteer's browser without JavaScript: opens their page, fills in its forms, keeps cookies.

A page that does not come is tried again, as people reload it: a live server that was killed and
started again finds everybody still there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import aiohttp
from yarl import URL

from harness.live.forms import Form, form_at
from harness.live.model import Happening

_RELOAD = 0.3  # seconds before a page that did not come is tried again
_TIMEOUT = aiohttp.ClientTimeout(total=60.0)

FORM_OF = {
    Happening.AGREED: "agree",
    Happening.SIGNED_IN: "signed-in",
    Happening.PRACTISED: "practised",
    Happening.SENT: "sent",
    Happening.HELP: "help",
    Happening.SURVEYED: "survey",
}
"""Last part of the address of the form with which a volunteer says that something happened."""


class PageError(Exception):
    """A page that did not come, or that has no such form; the message says which."""


class Pages:
    """One volunteer's view of the live server.

    Args:
        link: Their own page.
        connector: Shared by everybody.
        address: Where they are, as a proxy in front of the server would tell it.
        patience: Seconds for which a page that does not come is tried again.
        took: Every page's time in seconds is added here.
    """

    def __init__(
        self,
        link: str,
        connector: aiohttp.TCPConnector,
        *,
        language: str = "en",
        address: str = "",
        patience: float = 120.0,
        took: list[float] | None = None,
    ) -> None:
        self.link = link
        self.patience = patience
        self._took = [] if took is None else took
        self._client = aiohttp.ClientSession(
            connector=connector,
            connector_owner=False,
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # a drill on an address has cookies too
            headers={"Accept-Language": language, "User-Agent": "Mozilla/5.0 (rehearsal)"}
            | ({"X-Forwarded-For": address} if address else {}),
            timeout=_TIMEOUT,
        )
        self.text, self.url = "", link

    async def close(self) -> None:
        """Put the phone away."""
        await self._client.close()

    async def open(self, link: str = "") -> None:
        """Open a page: their own, if none is named.

        Raises:
            PageError: If it does not come.
        """
        await self._load("GET", link or self.link, None)

    async def say(self, what: Happening, answers: Mapping[str, str], *, must: bool = True) -> bool:
        """Fill in the form for this on the page that is open, or else on their own, and send it.

        Args:
            must: Whether it has to be there; if not, False says that it was not.

        Raises:
            PageError: If no page has it, or it is not taken.
        """
        form = self._form(what)
        if form is None:
            await self.open()
            form = self._form(what)
        if form is None and not must:
            return False
        if form is None:
            raise PageError(f"no form {FORM_OF[what]!r} on their page")
        try:
            sent = form.filled(answers)
        except LookupError as error:
            raise PageError(str(error)) from error
        await self._load("POST", form.url, sent)
        return True

    def _form(self, what: Happening) -> Form | None:
        return form_at(self.text, self.url, FORM_OF[what])

    async def _load(self, method: str, url: str, data: Mapping[str, str] | None) -> None:
        until = time.monotonic() + self.patience
        while True:
            began = time.perf_counter()
            try:
                async with self._client.request(method, URL(url), data=data) as response:
                    text = await response.text()
                    status = response.status
                    self.url = str(response.url)
            except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
                status, text = 0, type(error).__name__
            if 200 <= status < 300:
                self._took.append(time.perf_counter() - began)
                self.text = text
                return
            if (0 < status < 500 and status != 429) or time.monotonic() >= until:
                at = URL(url).path.rpartition("/")[2] if method == "POST" else "their page"
                raise PageError(f"{method} {at}: {status or text}")
            await asyncio.sleep(_RELOAD)
