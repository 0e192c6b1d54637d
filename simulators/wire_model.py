"""The wire of a modelled app: how long it takes to answer, and what is laid over it.

What an app makes of an operation is a model of its own (``simulators.model`` of one that takes
reports, ``simulators.strike_model`` of one that takes codes); here are latency, outages, and the
answers that get lost on their way back. In virtual time a wall second is a drill second. All
times are drill seconds.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Generic, TypeVar

from simulators.behaviours.protocol import Answer, AnswerClass
from simulators.clock import Clock
from simulators.line_model import Group, LineFault, Lines
from simulators.stage import Operation

WRITES = frozenset({"submit_report", "amend_report", "send_photo", "send_text"})
REPORTS = frozenset({"submit_report", "amend_report"})


@dataclass(frozen=True, slots=True)
class Outage:
    """The app is away from ``start`` until ``end``: its process, or a service it cannot do without.

    Attributes:
        kind: Of the inject.
    """

    name: str
    start: float
    end: float
    kind: str = "process.restart"


@dataclass(frozen=True, slots=True)
class Slowed:
    """A service that the app can do without is away, and answers take longer.

    Attributes:
        kind: Of the inject.
        seconds: How much longer.
        services: What is away, by role.
    """

    name: str
    start: float
    end: float
    kind: str
    seconds: float
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """Every ``every``-th answer to a write is lost on its way to some of the people.

    Attributes:
        group: Whose answers.
    """

    name: str
    start: float
    end: float
    group: Group
    every: int

    def touches(self, index: int, now: float) -> bool:
        """Whether it is on, for this person."""
        return self.start <= now < self.end and self.group.has(index)


@dataclass(frozen=True, slots=True)
class PhoneFault:
    """Something is wrong with the phones from ``start`` until ``end``.

    Attributes:
        what: Its name at the carrier: ``silence``, ``drop``, ``doubled``, ``sms_loss``,
            ``unreachable``, ``caller_id`` or ``trunks``.
        share: Of the calls or messages that it touches.
        line: The line it touches, empty for all.
        lines: For ``trunks``: calls that the line still carries.
    """

    name: str
    what: str
    start: float
    end: float
    share: float = 1.0
    line: str = ""
    lines: int = 0

    def touches(self, line: str, now: float) -> bool:
        """Whether it is on, for this line."""
        return self.start <= now < self.end and self.line in ("", line)


Fault = Outage | Slowed | Cut | LineFault | PhoneFault


@dataclass(frozen=True, slots=True)
class WireSettings:
    """How a modelled app performs on the wire.

    Attributes:
        latency: Median seconds an answer takes when nothing else is going on.
        latency_sigma: Spread of its logarithm.
        per_second: Operations it can handle in a second; the rest wait in line. None: no limit.
        failure_share: Share of operations that end in a server error; half of them were stored.
        defects: Names of ``DEFECTS`` that are switched on.
        faults: What is laid over it, at its drill times.

    Raises:
        ValueError: If a defect is not known, or a number is out of its range.
    """

    DEFECTS: ClassVar[Mapping[str, str]] = {}

    latency: float = 0.12
    latency_sigma: float = 0.5
    per_second: float | None = 400.0
    failure_share: float = 0.0
    defects: frozenset[str] = frozenset()
    faults: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        unknown = sorted(self.defects - set(self.DEFECTS))
        if unknown:
            known = ", ".join(self.DEFECTS)
            raise ValueError(f"defect {unknown[0]!r} is not known. Known: {known}.")
        if not 0 <= self.failure_share <= 1:
            raise ValueError(f"failure_share={self.failure_share!r}, but a share is 0 to 1.")
        if self.per_second is not None and self.per_second <= 0:
            raise ValueError(f"per_second={self.per_second!r}, but it must be above 0, or None.")
        if self.latency <= 0:
            raise ValueError(f"latency={self.latency!r}, but it must be above 0.")


@dataclass(slots=True)
class Stored:
    """One report the app holds.

    Attributes:
        values: As stored.
        at: When it was stored.
        counts: Whether it is the one that counts for its record.
    """

    id: str
    operation: str
    record: str
    version: int
    values: tuple[int, ...]
    at: float
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """What the app made of one operation."""

    answer_class: AnswerClass
    status: int | None = None
    stored_id: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """One finished attempt, for the record."""

    operation: Operation
    done: float
    reply: Reply


S = TypeVar("S", bound=WireSettings)


class WireModel(ABC, Generic[S]):
    """Answers operations after a modelled latency; what it makes of them is the subclass's.

    Args:
        clock: Drill time.
        settings: How it performs.
        seed: Decides latencies and failures.
        record: Told of every finished attempt.

    Attributes:
        touched: What each fault changed, by its name.
    """

    def __init__(
        self,
        clock: Clock,
        settings: S,
        seed: int,
        record: Callable[[Done], None] = lambda done: None,
    ) -> None:
        self.clock = clock
        self.record = record
        self.touched = dict.fromkeys((each.name for each in settings.faults), 0)
        self.settings = settings
        self._rng = random.Random(f"{seed}/model app")
        self._free_at = 0.0
        self._answers_cut: dict[str, int] = {}
        self._outages = [each for each in settings.faults if isinstance(each, Outage)]
        self._cuts = [each for each in settings.faults if isinstance(each, Cut)]
        self._lines = Lines(settings.faults, seed)
        self._slowed = [each for each in settings.faults if isinstance(each, Slowed)]
        for outage in self._outages:
            clock.at(outage.start, partial(self._stop, outage))
        for slowed in self._slowed:
            clock.at(slowed.start, partial(self.lost_a_service, slowed))

    @abstractmethod
    def serve(self, operation: Operation, now: float) -> Reply:
        """What the app makes of an operation that has arrived."""

    def extra_work(self, operation: Operation, now: float) -> float:
        """Seconds that this operation takes longer than others."""
        return 0.0

    def went_down(self, outage: Outage) -> None:
        """The process has ended: what it kept only in memory is gone."""

    def lost_a_service(self, slowed: Slowed) -> None:
        """Something that the app can do without is away; what only that knew is gone."""

    def is_down(self, now: float) -> bool:
        """Whether the process is away."""
        return any(each.start <= now < each.end for each in self._outages)

    def perform(self, operation: Operation, answered: Callable[[Answer], None]) -> None:
        """Begin the operation; its answer comes when the modelled latency has passed."""
        now = self.clock.now()
        line = self._lines.of(operation.actor.index, now)
        swallowed = self._lines.swallowed(line, now, operation.within, self.touched)
        if swallowed is not None:
            at, detail = swallowed
            reply = Reply(AnswerClass.NO_ANSWER, detail=detail)
            self.clock.at(at, lambda: self._finish(operation, answered, now, reply))
            return
        if self.is_down(now):
            reply = Reply(AnswerClass.UNREACHABLE, detail="connection refused")
            self._finish(operation, answered, now, reply)
            return
        there, back = (self._lines.take(line, self.touched) for _ in range(2))
        work = self._latency(operation, now)
        done = now + there + work + back
        handled = now + there + work * 0.7
        if line and operation.within is not None and handled > now + operation.within:
            reply = Reply(AnswerClass.NO_ANSWER, detail="gave up waiting")
            gives_up = now + operation.within
            self.clock.at(gives_up, lambda: self._finish(operation, answered, now, reply))
            self.clock.at(handled, lambda: self._arrive_late(operation, now))
            return
        self.clock.at(handled, lambda: self._arrive(operation, answered, now, done))

    def _latency(self, operation: Operation, now: float) -> float:
        """Seconds in line and in work."""
        settings = self.settings
        work = self._rng.lognormvariate(0.0, settings.latency_sigma) * settings.latency
        work += self.extra_work(operation, now)
        if self._slowed:
            work += self._slowness(now)
        if settings.per_second is None:
            return work
        self._free_at = max(self._free_at, now) + 1 / settings.per_second
        return self._free_at - now + work

    def _slowness(self, now: float) -> float:
        """Seconds more, by what is away just now."""
        away = [each for each in self._slowed if each.start <= now < each.end]
        for slowed in away:
            self.touched[slowed.name] += 1
        return sum(each.seconds for each in away)

    def _arrive(
        self, operation: Operation, answered: Callable[[Answer], None], sent: float, done: float
    ) -> None:
        """The request has been handled; its answer may still be lost."""
        now = self.clock.now()
        down = next((each for each in self._outages if sent < each.start <= done), None)
        if down is not None and down.start <= now:
            reply = Reply(AnswerClass.NO_ANSWER, detail="connection reset")
        else:
            reply = self.handle(operation, now)
            if down is not None:
                done = down.start
                reply = Reply(AnswerClass.NO_ANSWER, detail="connection reset")
            elif self._cut(operation, now):
                reply = Reply(AnswerClass.NO_ANSWER, detail="answer cut")
        if operation.within is not None and done - sent > operation.within:
            done = max(now, sent + operation.within)
            reply = Reply(AnswerClass.NO_ANSWER, detail="gave up waiting")
        self.clock.at(done, lambda: self._finish(operation, answered, sent, reply))

    def _arrive_late(self, operation: Operation, sent: float) -> None:
        """The request comes when nobody waits for its answer any more; the app takes it."""
        now = self.clock.now()
        if not any(sent < each.start <= now for each in self._outages):
            self.handle(operation, now)

    def _finish(
        self, operation: Operation, answered: Callable[[Answer], None], sent: float, reply: Reply
    ) -> None:
        now = self.clock.now()
        self.record(Done(operation, now, reply))
        sort = reply.answer_class
        answered(Answer(sort.outcome, sort, now - sent, reply.detail))

    def _cut(self, operation: Operation, now: float) -> bool:
        """Whether this answer is lost on its way back."""
        if operation.kind not in WRITES:
            return False
        for cut in self._cuts:
            if cut.touches(operation.actor.index, now):
                seen = self._answers_cut[cut.name] = self._answers_cut.get(cut.name, 0) + 1
                if seen % cut.every == 0:
                    self.touched[cut.name] += 1
                    return True
        return False

    def _stop(self, outage: Outage) -> None:
        self.touched[outage.name] += 1
        self.went_down(outage)

    def handle(self, operation: Operation, now: float) -> Reply:
        """Serve an operation, or fail at it."""
        fails = self.settings.failure_share
        if fails and self._rng.random() < fails:
            if self._rng.random() < 0.5:
                self.serve(operation, now)
            return Reply(AnswerClass.SERVER_ERROR, 500, detail="internal error")
        return self.serve(operation, now)
