"""The way out that an app is given: it leads to the stand-in, and nowhere else.

An app whose ``HTTPS_PROXY`` points here asks to be connected to a host (``CONNECT``, RFC 9110,
section 9.3.6). For the provider's API it is connected to the stand-in, which shows a certificate
of the drill's own authority; for every other host it is refused with 403. So an app can be
drilled without a change to it, and whatever it does, no real phone rings. The provider's SDK for
Node reads ``HTTP_PROXY`` instead; an app is best given both.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from urllib.parse import urlsplit

__all__ = ["HOST", "Proxy"]

HOST = "api.twilio.com"
_PORT = 443
_HEAD_LIMIT = 16_384
_HEAD_SECONDS = 10.0
_CHUNK = 65_536


class Proxy:
    """A forward proxy on loopback with one destination."""

    def __init__(self, stand_in: tuple[str, int], refused: Callable[[str], None]) -> None:
        """Connect the provider's name to ``stand_in`` (address and port, speaking TLS).

        Args:
            stand_in: Where the stand-in listens.
            refused: Told the host and port that an app asked for in vain.
        """
        self._stand_in = stand_in
        self._refused = refused
        self._server: asyncio.Server | None = None
        self._tunnels: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        """Listen on a free port of loopback; returns the proxy's URL."""
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", 0, limit=_HEAD_LIMIT, backlog=1024
        )
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Stop listening and cut every tunnel."""
        if self._server is not None:
            self._server.close()
        for tunnel in list(self._tunnels):
            tunnel.cancel()
        await asyncio.gather(*self._tunnels, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tunnels.add(task)
        task.add_done_callback(self._tunnels.discard)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass  # the app hung up, or the drill is over: either way this tunnel is done
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            await _answer(writer, 400, "Bad Request", "Send one CONNECT request.")
            return
        method, destination = _asked_for(head)
        if method != "CONNECT" or destination.lower() != f"{HOST}:{_PORT}":
            self._refused(destination)
            await _answer(
                writer,
                403,
                "Forbidden",
                f"A drill is on: this proxy connects to {HOST}:{_PORT} only, not to {destination}.",
            )
            return
        await self._tunnel(reader, writer)

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(*self._stand_in)
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_pipe(reader, inner_writer), _pipe(inner_reader, writer))
        finally:
            inner_writer.close()


def _asked_for(head: bytes) -> tuple[str, str]:
    """Method, and host with port, of a request to a proxy; a request it cannot read is ``?``."""
    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    if len(words) != 3:
        return "?", "?"
    method, target, _ = words
    if method == "CONNECT":
        return method, target
    try:
        return method, urlsplit(target).netloc or target
    except ValueError:
        return method, "?"


async def _answer(writer: asyncio.StreamWriter, status: int, reason: str, text: str) -> None:
    body = f"{text}\n".encode()
    writer.write(
        f"HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        + body
    )
    await writer.drain()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes one way until the sender has no more."""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    if writer.can_write_eof():
        with contextlib.suppress(ConnectionError, OSError):
            writer.write_eof()
    else:
        writer.close()
