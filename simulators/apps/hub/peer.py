"""The other region: whether it is there, and telling it what it must not show any longer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlsplit

from simulators.apps.hub.ask import NoAnswerError, ask
from simulators.apps.hub.backoff import Backoff

LOOK = 0.5  # wall seconds between looks
PATIENCE = 2.0  # wall seconds for an answer
GONE = 2.0  # wall seconds without an answer until it counts as away
CHANGED = "/peer/changed"
STUBBORN = 3.0  # wall seconds that a sender waits for the notice, with retry_without_backoff


class Peer:
    """The web server of the other region.

    Args:
        url: Where it is, ``http://HOST:PORT``.
        secret: Proves to it who we are.
        at_once: Tell it of each change by itself and without a pause between tries: the defect
            ``retry_without_backoff``.
    """

    def __init__(self, url: str, secret: str, *, at_once: bool = False) -> None:
        place = urlsplit(url)
        self._host, self._port = place.hostname or "127.0.0.1", place.port or 80
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._at_once = at_once
        self._heard = time.monotonic()
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def well(self) -> bool:
        """Whether it is there, as far as we know."""
        return time.monotonic() - self._heard < GONE + LOOK

    def begin(self) -> None:
        """Watch it until :meth:`close`."""
        self._keep(self._watch())
        self._keep(self._tell())

    async def close(self) -> None:
        """Stop watching."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def changed(self) -> None:
        """Something it may have cached is no longer so."""
        if self._at_once:
            await asyncio.wait([self._keep(self._say(Backoff(never=True)))], timeout=STUBBORN)
        else:
            self._changed.set()  # one notice stands for all that wait, and nobody waits for it

    def _keep(self, job: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _watch(self) -> None:
        while True:
            try:
                # Ill or not: whoever answers is there.
                await ask(self._host, self._port, "/health", within=PATIENCE)
            except NoAnswerError:
                pass
            else:
                self._heard = time.monotonic()
            await asyncio.sleep(LOOK)

    async def _tell(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._say(Backoff())

    async def _say(self, backoff: Backoff) -> None:
        """Tell it once, however often that has to be tried."""
        while True:
            try:
                await ask(
                    self._host, self._port, CHANGED, within=PATIENCE, method="POST",
                    headers=self._headers,
                )  # fmt: skip
            except NoAnswerError:
                await asyncio.sleep(backoff.pause())
            else:
                return
