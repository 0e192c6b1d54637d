"""A few places for requests, each held until the last byte has come: slow_clients_starve.

So do servers that give each connection one of a few workers, and pools that a request takes
from before it has been read.
"""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PLACES = 16


class Slots:
    """Reads each request whole, in one of a few places."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._places = asyncio.Semaphore(PLACES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for a place, take the body, serve, and free the place."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        async with self._places:
            kept: list[Message] = []
            while not kept or kept[-1].get("more_body", False):
                kept.append(await receive())

            async def told() -> Message:
                return kept.pop(0) if kept else await receive()

            await self._app(scope, told, send)
