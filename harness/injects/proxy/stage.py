"""A stage: what one toxic does to one direction of one connection.

Bytes come to a stage in the order in which they were sent and leave it in that order, at once or
later, or not at all. The stages of a link stand in a row; the last one hands over to the socket.
Times are seconds of the loop's clock.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from typing import ClassVar, Protocol

from pydantic import BaseModel, ConfigDict

KIB = 1024
INTERIM = b"HTTP/1.1 1"  # 100 Continue asks for the rest of the request: it is no answer yet


class Attributes(BaseModel):
    """What a toxic is told, by Toxiproxy's names of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Taker(Protocol):
    """Where bytes go next: another stage, or the socket."""

    def take(self, data: bytes) -> None:
        """Take the bytes that come next."""
        ...

    def end(self) -> None:
        """Nothing more will come."""
        ...


class Cause(Protocol):
    """The toxic, as far as its stages know it."""

    told: Attributes
    touched: int
    stages: set[Stage]


class Course(Protocol):
    """The whole connection, as far as stages and links know it.

    Attributes:
        word: The first four bytes of the request that came last, such as ``POST``.
        requests: Requests so far, taking turns with answers as HTTP/1.1 has it.
        answered: The last of them has an answer, or the beginning of one.
    """

    word: bytes
    requests: int
    answered: bool

    def one_ended(self) -> None:
        """One direction has ended."""
        ...

    def close(self) -> None:
        """Close both sides in good order."""
        ...

    def reset(self) -> None:
        """Reset both sides."""
        ...


class Direction(Protocol):
    """The direction that a stage stands in, as far as the stage knows it."""

    @property
    def connection(self) -> Course:
        """Both directions."""
        ...

    def weigh(self, stage: Stage) -> None:
        """A stage holds more or less than before."""
        ...

    def remove(self, stage: Stage) -> None:
        """Take a stage out of the row."""
        ...


class Stage:
    """One toxic at work on one direction of one connection.

    Args:
        toxic: Whose stage it is; its attributes may change at any time.
        link: The direction of the connection.
        rng: Of this toxic on this connection alone.

    Attributes:
        next: Where to pass bytes on to.
        held: Bytes that it has and has not passed on.
    """

    kind: ClassVar[str]
    attributes: ClassVar[type[Attributes]]
    room: ClassVar[int] = 64 * KIB  # with more than this held, reading pauses

    def __init__(self, toxic: Cause, link: Direction, rng: random.Random) -> None:
        self.toxic, self.link, self.rng = toxic, link, rng
        self.next: Taker
        self.held = 0

    def begin(self) -> None:
        """It is in its place; an open connection may have waited for nothing but this."""

    def take(self, data: bytes) -> None:
        """Take the bytes that come next."""
        self.next.take(data)

    def end(self) -> None:
        """Nothing more will come."""
        self.next.end()

    def retuned(self) -> None:
        """The toxic's attributes have changed."""

    def let_go(self) -> None:
        """The toxic is removed: what is held passes on at once."""

    def drop(self) -> None:
        """The connection is gone, and whatever is held with it."""


class Waiting(Stage):
    """A stage that passes on each piece when its time has come."""

    def __init__(self, toxic: Cause, link: Direction, rng: random.Random) -> None:
        super().__init__(toxic, link, rng)
        self.loop = asyncio.get_running_loop()
        self.last = 0.0  # when the piece that came last is due
        self._line: deque[tuple[float, bytes | None]] = deque()  # None: nothing more will come
        self._timer: asyncio.TimerHandle | None = None

    def later(self, data: bytes | None, delay: float) -> None:
        """Pass a piece on in so many seconds, and not before those that came before it."""
        now = self.loop.time()
        self.last = max(self.last, now + delay)
        if not self._line and self.last <= now:
            self._pass_on(data)
            return
        self._line.append((self.last, data))
        if data:
            self.held += len(data)
            self.link.weigh(self)
        if self._timer is None:
            self._wait()

    def end(self) -> None:
        """Nothing more will come, once all that is here has gone."""
        self.later(None, 0.0)

    def let_go(self) -> None:
        """Pass on everything, now."""
        self._stop()
        while self._line:
            self._shift()

    def drop(self) -> None:
        """Forget everything."""
        self._stop()
        self._line.clear()

    def _wait(self) -> None:
        self._timer = self.loop.call_at(self._line[0][0], self._due)

    def _due(self) -> None:
        self._timer = None
        now = self.loop.time()
        while self._line and self._line[0][0] <= now:
            self._shift()
        if self._line and self._timer is None:
            self._wait()

    def _shift(self) -> None:
        _, data = self._line.popleft()
        if data:
            self.held -= len(data)
            self.link.weigh(self)
        self._pass_on(data)

    def _pass_on(self, data: bytes | None) -> None:
        if data is None:
            self.next.end()
        else:
            self.next.take(data)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
