"""How long a practice app waits for whoever is slow to say what they want.

A client that sends a byte now and then would hold its connection for ever otherwise ("Slowloris",
2009), and with a body that never ends whatever the app set aside for it ("R.U.D.Y.", 2010).
"""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD = 20.0  # wall seconds from the first byte to the last of a head
BODY = 30.0  # wall seconds for a whole body; 6 MB of photo at 1.6 Mbit/s


class PatientProtocol(HttpToolsProtocol):
    """Hangs up on heads that do not come to an end."""

    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Give the first head its time."""
        super().connection_made(transport)
        self._wait()

    def on_message_begin(self) -> None:
        """Give a later head on the same connection its time."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._have()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waited for any more."""
        self._have()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._have()
        self._due = self.loop.call_later(HEAD, self.transport.close)

    def _have(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None


class Patience:
    """Ends requests whose body does not come to an end, as if the client had gone."""

    def __init__(self, app: ASGIApp, seconds: float = BODY) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, with a time for the body."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        until = asyncio.get_running_loop().time() + self._seconds
        whole = False

        async def patient() -> Message:
            nonlocal whole
            if whole:  # what is waited for now is that the client goes
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                return {"type": "http.disconnect"}
            whole = not message.get("more_body", False)
            return message

        await self._app(scope, patient, send)


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
