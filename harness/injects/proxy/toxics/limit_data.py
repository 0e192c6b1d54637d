"""A connection ends after so many bytes."""

from __future__ import annotations

import random
from typing import ClassVar

from pydantic import Field

from harness.injects.proxy.stage import Attributes, Cause, Direction, Stage


class LimitDataAttributes(Attributes):
    """How many, counted from when the toxic took hold of the connection."""

    bytes: int = Field(default=0, ge=0)


class LimitData(Stage):
    """The last byte that is allowed still arrives; both sides are closed after it."""

    kind: ClassVar[str] = "limit_data"
    attributes: ClassVar[type[Attributes]] = LimitDataAttributes

    def __init__(self, toxic: Cause, link: Direction, rng: random.Random) -> None:
        super().__init__(toxic, link, rng)
        self._passed = 0

    def take(self, data: bytes) -> None:
        """Pass on what is allowed."""
        told = self.toxic.told
        assert isinstance(told, LimitDataAttributes)
        allowed = data[: max(0, told.bytes - self._passed)]
        self._passed += len(allowed)
        if allowed:
            self.next.take(allowed)
        if self._passed >= told.bytes:
            self.toxic.touched += 1
            self.link.connection.close()
