"""A connection is reset once something is sent on it, at once or after a while."""

from __future__ import annotations

import asyncio
import random
from typing import ClassVar

from pydantic import Field

from harness.injects.proxy.stage import Attributes, Cause, Direction, Stage


class ResetPeerAttributes(Attributes):
    """Milliseconds from the first byte to the reset."""

    timeout: int = Field(default=0, ge=0)


class ResetPeer(Stage):
    """What was sent does not arrive: both sides get a TCP reset in its place."""

    kind: ClassVar[str] = "reset_peer"
    attributes: ClassVar[type[Attributes]] = ResetPeerAttributes

    def __init__(self, toxic: Cause, link: Direction, rng: random.Random) -> None:
        super().__init__(toxic, link, rng)
        self._timer: asyncio.TimerHandle | None = None

    def take(self, data: bytes) -> None:
        """Swallow it; the first of it decides the connection's end."""
        if self._timer is None:
            told = self.toxic.told
            assert isinstance(told, ResetPeerAttributes)
            self.toxic.touched += 1
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(told.timeout / 1000, self.link.connection.reset)

    def let_go(self) -> None:
        """A connection whose bytes were swallowed is reset all the same."""
        if self._timer is not None:
            self.link.connection.reset()

    def drop(self) -> None:
        """It is over."""
        if self._timer is not None:
            self._timer.cancel()
