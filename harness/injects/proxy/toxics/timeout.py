"""A black hole: nothing comes through any more, and after a time, if one is set, it is closed."""

from __future__ import annotations

import asyncio
import random
from typing import ClassVar

from pydantic import Field

from harness.injects.proxy.stage import Attributes, Cause, Direction, Stage


class TimeoutAttributes(Attributes):
    """Milliseconds without a byte after which it is closed; 0 never closes it."""

    timeout: int = Field(default=0, ge=0)


class Timeout(Stage):
    """What came is gone, so a connection ends when the toxic is removed: the rest has no sense."""

    kind: ClassVar[str] = "timeout"
    attributes: ClassVar[type[Attributes]] = TimeoutAttributes

    def __init__(self, toxic: Cause, link: Direction, rng: random.Random) -> None:
        super().__init__(toxic, link, rng)
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """The time runs for an idle connection, too."""
        self.retuned()

    def retuned(self) -> None:
        """Begin to wait again."""
        self.drop()
        told = self.toxic.told
        assert isinstance(told, TimeoutAttributes)
        if told.timeout:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(told.timeout / 1000, self.let_go)

    def take(self, data: bytes) -> None:
        """Swallow it."""
        self.toxic.touched += 1
        self.retuned()

    def let_go(self) -> None:
        """Close both sides."""
        self.drop()
        self.link.connection.close()

    def drop(self) -> None:
        """Wait no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
