"""One direction of a connection: bytes come from one socket, pass the stages, and go to the other.

While a stage holds more than it has room for, or the far socket takes no more, nothing is read:
whoever sends feels it, as on a real line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import cast

from harness.injects.proxy.stage import Course, Stage, Taker


def _nobody(data: bytes) -> None:
    """Stands where the way on was, once the connection is over."""


class Link:
    """The direction and its stages.

    Args:
        connection: Both of its directions.
        stream: ``upstream``, from person to app, or ``downstream``.

    Attributes:
        push: What takes the bytes that were read; with no stages, the socket itself.
        ended: Nothing more will go out.
    """

    def __init__(self, connection: Course, stream: str) -> None:
        self.connection, self.stream = connection, stream
        self._early: list[bytes] = []  # what came before both sockets were there
        self.push: Callable[[bytes], None] = self._early.append
        self.ended = False
        self._stages: list[Stage] = []
        self._full: set[Stage] = set()
        self._finished = False  # the near side has said that it sends nothing more
        self._blocked = False  # the far socket takes no more
        self._source: asyncio.Transport | None = None
        self._target: asyncio.Transport | None = None

    def join(self, source: asyncio.Transport, target: asyncio.Transport) -> None:
        """Both sockets are there: reading begins, unless a stage is against it."""
        self._source, self._target = source, target
        self._line_up()
        self._breathe()
        early, self._early = self._early, []
        for data in early:
            self.push(data)
        if self._finished:
            self.finish()

    # -- stages ---------------------------------------------------------------------------------

    def add(self, stage: Stage) -> None:
        """Put a stage last in the row."""
        self._stages.append(stage)
        self._line_up()
        stage.begin()

    def remove(self, stage: Stage) -> None:
        """Take a stage out of the row; what it holds goes on."""
        if stage in self._stages:
            stage.let_go()
        if stage in self._stages:  # letting go may have ended the connection
            self._stages.remove(stage)
            self._full.discard(stage)
            self._line_up()
            self._breathe()

    def _line_up(self) -> None:
        for one, other in pairwise([*self._stages, cast("Stage", self)]):
            one.next = other
        if self._target is not None:
            self.push = self._stages[0].take if self._stages else self._target.write

    # -- the end of the row: see Taker ----------------------------------------------------------

    def take(self, data: bytes) -> None:
        """Hand bytes over to the far socket."""
        if self._target is not None and not self.ended:
            self._target.write(data)

    def end(self) -> None:
        """Nothing more will come: tell the far side, as the near side told us."""
        if not self.ended and self._target is not None:
            self.ended = True
            if self._target.can_write_eof() and not self._target.is_closing():
                self._target.write_eof()
            self.connection.one_ended()

    def finish(self) -> None:
        """The near side sends nothing more."""
        self._finished = True
        if self._target is None:
            return
        first: Taker = self._stages[0] if self._stages else self
        first.end()

    def cut(self) -> None:
        """The connection is over: nothing goes anywhere any more."""
        self.ended = True
        self.push = _nobody
        stages, self._stages = self._stages, []
        for stage in stages:
            stage.drop()
            stage.toxic.stages.discard(stage)

    # -- back-pressure --------------------------------------------------------------------------

    def weigh(self, stage: Stage) -> None:
        """A stage holds more or less than before."""
        if stage.held > stage.room:
            if stage not in self._full:
                self._full.add(stage)
                self._breathe()
        elif stage in self._full and stage.held <= stage.room // 2:
            self._full.discard(stage)
            self._breathe()

    def block(self, *, blocked: bool) -> None:
        """The far socket takes no more, or takes bytes again."""
        self._blocked = blocked
        self._breathe()

    def _breathe(self) -> None:
        source = self._source
        if source is None or source.is_closing():
            return
        if self._blocked or self._full:
            source.pause_reading()
        else:
            source.resume_reading()
