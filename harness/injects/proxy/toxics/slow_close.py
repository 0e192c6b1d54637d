"""A connection that is over stays open for a while."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from harness.injects.proxy.stage import Attributes, Waiting


class SlowCloseAttributes(Attributes):
    """Milliseconds that it stays open."""

    delay: int = Field(default=0, ge=0)


class SlowClose(Waiting):
    """Bytes pass; the end waits."""

    kind: ClassVar[str] = "slow_close"
    attributes: ClassVar[type[Attributes]] = SlowCloseAttributes

    def end(self) -> None:
        """Let the end come later."""
        told = self.toxic.told
        assert isinstance(told, SlowCloseAttributes)
        self.toxic.touched += 1
        self.later(None, told.delay / 1000)
