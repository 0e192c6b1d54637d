"""The live app: the stage's operations become exchanges with the target, driven by callbacks.

An operation's intent goes to the ledger before its first byte goes to the wire: all operations
begun in one turn of the loop wait for one write, and are sent after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any

from harness.engine.clock import DrillClock
from harness.engine.head import HeadError
from harness.engine.meter import Meter
from harness.engine.order import Via
from harness.engine.parts import Adapter
from harness.engine.wire import Transfer, Wire
from harness.ledger import Ledger, LedgerFull
from harness.target.wire import Answered, Exchange, Fault, Request, Response
from simulators.behaviours.protocol import Answer, AnswerClass, Outcome
from simulators.stage import Operation

_SORTS = {each.value: (each, each.value, each.outcome, each.outcome.value) for each in AnswerClass}
_SHED = Answer(Outcome.REFUSED, AnswerClass.SHED, 0.0, "held back by the generator")


@dataclass(frozen=True)
class Means:
    """What a live app works with."""

    clock: DrillClock
    wire: Wire
    ledger: Ledger
    meter: Meter
    target: Adapter
    max_in_flight: int
    ways: tuple[Via, ...] = ()


class LiveApp:
    """Answers the stage's operations from a live target.

    Args:
        means: Clock, wire, ledger, meter and target.
        failed: Told once why the drill cannot go on: ``disk full`` or ``crashed``, and the
            reason.
    """

    def __init__(self, means: Means, failed: Callable[[str, str], None]) -> None:
        self.means = means
        self.in_flight: dict[Doing, None] = {}  # in the order they began
        self.over = False
        self._failed = failed
        self._listed = frozenset(means.target.operations)
        self._sessions: dict[str, Any] = {}
        self._due: list[tuple[Doing, Request]] = []
        self._flushing = False
        self._loop = asyncio.get_running_loop()

    def perform(self, operation: Operation, answered: Callable[[Answer], None]) -> None:
        """Begin an operation; see ``simulators.stage.App``."""
        if self.over:
            return
        means = self.means
        doing = Doing(self, operation, answered)
        if means.clock.releasing:
            means.meter.lateness.record(doing.released - doing.intended)
        if len(self.in_flight) >= means.max_in_flight and operation.kind in self._listed:
            doing.note(shed=True)
            means.meter.kind(operation.kind).shed += 1
            answered(_SHED)
            return
        person = operation.actor
        session = self._sessions.get(person.key)
        try:
            if session is None:
                session = self._sessions[person.key] = means.target.session(person)
            doing.exchange = means.target.perform(operation, session)
            request = next(doing.exchange)
        except StopIteration as stop:
            self._answered_unasked(doing, stop.value)
        except Exception as error:
            self.broken(operation, error)
        else:
            doing.note()
            self.in_flight[doing] = None
            self._due.append((doing, request))
            self.flush_soon()

    def _answered_unasked(self, doing: Doing, answered: Answered) -> None:
        """The target answered without a request; what it does not list is no operation."""
        if doing.operation.kind in self._listed:
            doing.note()
            doing.end(answered)
        else:
            doing.tell(answered, doing.released)

    def way_of(self, index: int) -> Via | None:
        """The way that a participant takes, for good; None if they go straight."""
        return next((way for way in self.means.ways if way.carries(index)), None)

    def flush_soon(self) -> None:
        """Write the ledger, and then send what waits for it, at the end of this turn.

        Outcomes do not ask for it: they go along with the next intents, or with the next look
        of the executor. Should the process die before that, an answer counts as unknown.
        """
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        due, self._due = self._due, []
        if not self.write() or self.over:
            return
        for doing, request in due:
            if request.after > 0:
                doing.send(request)
            else:
                doing.send_now(request)

    def write(self) -> bool:
        """Hand the ledger's lines to the kernel. False, and the drill ends, if it has no room."""
        try:
            self.means.ledger.flush()
        except LedgerFull as error:
            self.fail("disk full", str(error))
            return False
        return True

    def broken(self, operation: Operation, error: Exception) -> None:
        """The target's adapter failed: a drill with it proves nothing, so it ends here."""
        at = f"{operation.kind} of {operation.key}"
        self.fail("crashed", f"the target's adapter failed at {at}: {error!r}")

    def fail(self, state: str, reason: str) -> None:
        """End the drill, once."""
        if not self.over:
            self.over = True
            self._failed(state, reason)

    def abandon(self) -> None:
        """Note that nobody will ever know what came of what is still on its way."""
        self.over = True
        for doing in list(self.in_flight):
            doing.end(Answered(AnswerClass.NO_ANSWER, detail="the drill ended before an answer"))


class Doing:
    """One operation on its way."""

    __slots__ = (
        "_answered", "_app", "_first", "_number", "_way", "exchange", "intended", "operation",
        "released",
    )  # fmt: skip

    def __init__(
        self, app: LiveApp, operation: Operation, answered: Callable[[Answer], None]
    ) -> None:
        clock = app.means.clock
        self.operation = operation
        self.intended = int(operation.intended * clock.ns_per_drill_second)
        self.released = perf_counter_ns() - clock.start
        self.exchange: Exchange
        self._app = app
        self._answered = answered
        self._way = app.way_of(operation.actor.index) if app.means.ways else None
        self._first: Transfer | None = None
        self._number = -1

    def note(self, *, shed: bool = False) -> None:
        """Put the intent in the ledger."""
        operation = self.operation
        person = operation.actor
        self._number = self._app.means.ledger.intent(
            operation.key, operation.attempt, operation.kind, operation.record, operation.version,
            operation.values, person.index, person.role, person.record, operation.channel,
            self.intended, self.released, shed=shed,
        )  # fmt: skip

    def send(self, request: Request) -> None:
        """Put a request on the wire, held back as long as it asks for."""
        if request.after > 0:
            self._app._loop.call_later(request.after, self.send_now, request)
        else:
            self.send_now(request)

    def send_now(self, request: Request) -> None:
        """Put a request on the wire at once."""
        means = self._app.means
        if self._app.over:
            return
        timeout = request.timeout
        within = self.operation.within
        if within is not None:
            waited = (means.clock.elapsed() - self.released) / 1e9
            timeout = min(timeout, within - waited)
            if timeout <= 0:  # they stopped looking between two requests
                self._heard(Response(0, fault=Fault.TIMEOUT))
                return
        try:
            through = None if self._way is None else self._way.through.get(request.origin)
            transfer = means.wire.send(request, self._heard, timeout=timeout, origin=through)
        except HeadError as error:
            self.end(Answered(AnswerClass.UNMATCHED, detail=str(error)))
            return
        if self._first is None:
            self._first = transfer

    def _heard(self, response: Response) -> None:
        if self._app.over:
            return
        try:
            request = self.exchange.send(response)
        except StopIteration as stop:
            self.end(stop.value)
        except Exception as error:
            self._app.broken(self.operation, error)
        else:
            self.send(request)

    def end(self, answered: Answered) -> None:
        """Note the outcome and tell the stage."""
        app = self._app
        means = app.means
        start, first = means.clock.start, self._first
        done = perf_counter_ns() - start
        sent = first.sent - start if first is not None and first.sent else None
        _, sort, _, outcome = _SORTS[answered.answer_class]
        means.ledger.outcome(
            self._number, sent, done, outcome, sort, answered.status or None,
            answered.stored_id, answered.detail,
        )  # fmt: skip
        means.meter.answered(self.operation.kind, outcome, self.intended, sent, done)
        app.in_flight.pop(self, None)
        self.tell(answered, done)

    def tell(self, answered: Answered, done: int) -> None:
        """Pass the answer on to the participant."""
        waited = (done - self.released) / self._app.means.clock.ns_per_drill_second
        sort, _, outcome, _ = _SORTS[answered.answer_class]
        self._answered(Answer(outcome, sort, waited, answered.detail))
