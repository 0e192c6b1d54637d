"""An engine's line to the carrier, or to the browser: JSON lines both ways over loopback TCP.

Requests name their call or text; whatever the carrier says of it goes to whoever registered
that name. The carrier is part of the drill, so a lost line ends the drill.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import orjson

Message = dict[str, Any]
Hear = Callable[[Message], None]


class ControlLink(asyncio.Protocol):
    """One connection to the carrier's control socket.

    Args:
        lost: Told why, if the connection ends before :meth:`close`.
        whom: What is at the other end, in words.

    Attributes:
        calls, texts: Who hears of a call, and of a text or a walk, by its id.
    """

    def __init__(self, lost: Callable[[str], None], whom: str = "the phone carrier") -> None:
        self._whom = whom
        self.calls: dict[str, Hear] = {}
        self.texts: dict[str, Hear] = {}
        self._lost = lost
        self._transport: asyncio.Transport | None = None
        self._rest = b""

    async def connect(self, address: str) -> None:
        """Connect to a control socket, given as ``host:port``.

        Raises:
            OSError: If it does not answer.
        """
        host, _, port = address.rpartition(":")
        await asyncio.get_running_loop().create_connection(lambda: self, host, int(port))

    def say(self, message: Message) -> None:
        """Send one request; nothing once the line is closed or lost."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE))

    def close(self) -> None:
        """Let go of the line."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The line stands."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Hand each whole line to whoever waits for it."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._hear(orjson.loads(line))

    def _hear(self, message: Message) -> None:
        if message.get("event") == "error":
            self._lost(f"{self._whom} refused a request: {message.get('detail', message)}")
            return
        hear = self.calls.get(message.get("call", "")) or self.texts.get(message.get("id", ""))
        if hear is not None:
            hear(message)

    def connection_lost(self, exc: Exception | None) -> None:
        """The carrier is gone, unless we let go of the line ourselves."""
        if self._transport is not None:
            self._transport = None
            self._lost(f"{self._whom} ended under the drill ({exc or 'it hung up'})")
