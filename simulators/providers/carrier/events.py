"""What happens to a call from outside the document it plays, and where documents lead."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from simulators.providers.carrier.twiml import Document

__all__ = ["Goto", "Input", "Interruption", "Left", "Over", "Redirected", "TakenOut"]


class Interruption(Exception):  # noqa: N818 - an event of the call, no error
    """Something from outside the document that the call is playing."""


class Over(Interruption):
    """The call ends."""

    def __init__(self, cause: str, code: int = 0) -> None:
        super().__init__(cause)
        self.cause = cause
        self.code = code


class Redirected(Interruption):
    """REST sends the call elsewhere."""

    def __init__(self, goto: Goto | None, document: Document | None = None) -> None:
        super().__init__("redirected")
        self.goto = goto
        self.document = document


class Left(Interruption):
    """The waiting document says to leave the queue."""


class TakenOut(Interruption):
    """Somebody took the call out of its queue.

    Attributes:
        parted: Done when they part; whoever parts first sets it.
        greeting: What the waiting caller hears before they talk, if anything.
    """

    def __init__(self, parted: asyncio.Future[None], greeting: Goto | None = None) -> None:
        super().__init__("taken out of the queue")
        self.parted = parted
        self.greeting = greeting

    def part(self) -> None:
        """They part, unless they have."""
        if not self.parted.done():
            self.parted.set_result(None)


@dataclass(frozen=True, slots=True)
class Goto:
    """The next document: where it is and what the app is told."""

    url: str
    method: str
    params: Mapping[str, str]
    purpose: str


@dataclass(frozen=True, slots=True)
class Input:
    """A key, or words spoken."""

    key: str = ""
    speech: str = ""
