"""Operations that leave by phone or in a browser: noted in the ledger first, then handed over.

The rule is the live app's: all operations begun in one turn of the loop wait for one write of
the ledger, and are handed over after it. What carrier or browser say later ends them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from time import perf_counter_ns

from harness.engine.live_app import LiveApp
from harness.target.wire import Answered
from simulators.behaviours.protocol import Answer, AnswerClass
from simulators.stage import Operation

_DETAIL = 200  # characters of what was heard that are kept as evidence
_ENDED = Answered(AnswerClass.NO_ANSWER, detail="the drill ended before an answer")


class Attempt:
    """One operation on its way, with those that travel in the same message.

    Attributes:
        operation: The operation, or the head of several.
        intended, released: Nanoseconds since the start barrier.
    """

    __slots__ = ("_answered", "_dispatch", "_numbers", "intended", "operation", "released", "send")

    def __init__(
        self,
        dispatch: Dispatch,
        operation: Operation,
        answered: Callable[[Answer], None],
        send: Callable[[Attempt], None],
    ) -> None:
        clock = dispatch.live.means.clock
        self.operation = operation
        self.send = send
        self.intended = int(operation.intended * clock.ns_per_drill_second)
        self.released = perf_counter_ns() - clock.start
        self._dispatch = dispatch
        self._answered = answered
        self._numbers = [self._note(each) for each in (operation, *operation.together)]

    def _note(self, operation: Operation) -> int:
        person = operation.actor
        return self._dispatch.live.means.ledger.intent(
            operation.key, operation.attempt, operation.kind, operation.record, operation.version,
            operation.values, person.index, person.role, person.record, operation.channel,
            self.intended, self.released,
        )  # fmt: skip

    def end(
        self, answered: Answered, sent: int | None = None, *, waited: float | None = None
    ) -> None:
        """Note the outcome of each operation and tell the stage, once.

        Args:
            sent: Nanoseconds since the start barrier; None if nothing went to the app.
            waited: Drill seconds of the person's own time, where some of it was ours.
        """
        dispatch = self._dispatch
        if self not in dispatch.in_flight:
            return  # it has ended already
        del dispatch.in_flight[self]
        means, sort = dispatch.live.means, answered.answer_class
        done = means.clock.elapsed()
        outcome, detail = sort.outcome.value, answered.detail[:_DETAIL]
        for number, operation in zip(
            self._numbers, (self.operation, *self.operation.together), strict=True
        ):
            means.ledger.outcome(
                number, sent, done, outcome, sort.value, None, answered.stored_id, detail
            )
            kind = f"{operation.channel}.{operation.kind}"
            means.meter.answered(kind, outcome, self.intended, sent, done)
        if waited is None:
            waited = (done - self.released) / means.clock.ns_per_drill_second
        self._answered(Answer(sort.outcome, sort, waited, detail))


class Dispatch:
    """Begins attempts and keeps those that have not ended.

    Args:
        live: The live app, whose ledger and clock it shares.

    Attributes:
        in_flight: In the order they began.
    """

    def __init__(self, live: LiveApp) -> None:
        self.live = live
        self.in_flight: dict[Attempt, None] = {}
        self._due: list[Attempt] = []
        self._loop = asyncio.get_running_loop()

    def begin(
        self,
        operation: Operation,
        answered: Callable[[Answer], None],
        send: Callable[[Attempt], None],
    ) -> None:
        """Note an operation, and call ``send`` with its attempt once the ledger has it."""
        live = self.live
        if live.over:
            return
        attempt = Attempt(self, operation, answered, send)
        if live.means.clock.releasing:
            live.means.meter.lateness.record(attempt.released - attempt.intended)
        self.in_flight[attempt] = None
        self._due.append(attempt)
        if len(self._due) == 1:
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        due, self._due = self._due, []
        if not self.live.write() or self.live.over:
            return
        for attempt in due:
            attempt.send(attempt)

    def nanoseconds(self, unix: float | None) -> int | None:
        """A moment in Unix seconds as nanoseconds since the start barrier."""
        if unix is None:
            return None
        return self.live.means.clock.elapsed() + int((unix - time.time()) * 1e9)

    def abandon(self) -> None:
        """Note that nobody will ever know what came of what is still on its way."""
        for attempt in list(self.in_flight):
            attempt.end(_ENDED)
