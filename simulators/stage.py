"""The stage: plays participants' behaviours on a clock, against an app and a hotline.

The stage is the same in virtual and in real time. What differs is handed in: the clock (a heap
of virtual events, or the drill clock of the engine) and the app (a model, or a live target).
All times are drill seconds since the drill began.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from simulators.behaviours.protocol import (
    WAITED,
    Action,
    Amend,
    Answer,
    AnswerClass,
    Behaviour,
    Dial,
    Keyed,
    Outcome,
    Read,
    Send,
    SignIn,
    Submit,
    Wait,
)
from simulators.people.person import Person
from simulators.phones.hotline import Call, Hotline
from simulators.quick import record

TRY_APP_EVERY = 300.0
"""Drill seconds a caller holds before they try the app again, if they do. Assumed."""


@dataclass(frozen=True, slots=True)
class Participant:
    """One person of the plan: who, when they begin, and what they do.

    Attributes:
        index: Position in the plan; it decides the worker and the random stream.
        arrives: Drill seconds from the start of the drill to their first action.
        first: The report as first keyed, if they have one: part of the plan's hash.
        behave: Makes the behaviour anew.
    """

    index: int
    arrives: float
    person: Person
    first: Keyed | None
    behave: Callable[[], Behaviour]


@record(frozen=True, slots=True)
class Operation:
    """One attempt at one domain action on the app.

    Attributes:
        kind: ``sign_in``, ``submit_report``, ``amend_report``, ``read_results``,
            ``read_report``, ``send_photo`` or ``send_text``.
        key: The operation key: the same on every retry.
        attempt: 1 for the first try of this key.
        actor: Whose account is used; on the hotline that is the operator's.
        channel: ``api``; ``hotline`` where an operator keys it; ``photo`` or ``text`` where a
            reader does; ``voice`` where it is keyed on a phone inside a call; ``sms`` where it is
            texted to the app.
        record: Key of the record it is about, as typed; empty where there is none.
        values: The values as keyed, None where nothing is keyed; for ``sign_in`` one cell, 1 if
            the codes were the person's own and 0 if not.
        codes: Codes as typed, for ``sign_in``.
        intended: When it was due, in drill seconds.
        within: Wall seconds the person waits for an answer, None for the target's own limit.
        call: Id of the phone call it is part of (``c<caller>-<n>``), empty outside of calls.
        together: Further operations that travel in the same message as this one, which is the
            head: one message, one answer for all. Each has its own place in the record.
    """

    kind: str
    key: str
    attempt: int
    actor: Person
    channel: str
    record: str
    version: int
    values: tuple[int, ...] | None
    codes: tuple[str, ...]
    intended: float
    within: float | None
    call: str = ""
    together: tuple[Operation, ...] = ()


class Clock(Protocol):
    """Drill time, and a way to be called when it comes."""

    def now(self) -> float:
        """Drill seconds since the drill began."""
        ...

    def at(self, due: float, call: Callable[[], None]) -> None:
        """Call when drill time reaches ``due``; in order of scheduling where two are due."""
        ...


class App(Protocol):
    """Whatever answers operations: a model or a live target."""

    def perform(self, operation: Operation, answered: Callable[[Answer], None]) -> None:
        """Begin the operation; call ``answered`` once, later or at once."""
        ...


class Operators(Protocol):
    """The people behind the hotline."""

    def take(self, agent: int, call: Call, report: Keyed | None) -> tuple[Person, Behaviour, float]:
        """Who answers, what they do while the caller is on the line, and seconds of wrap-up."""
        ...


class Menus(Protocol):
    """The lines that the app itself answers: a model of its menu, or a carrier that calls it."""

    def dial(
        self,
        call: Call,
        person: Person,
        answered: Callable[[bool, str], None],
        ended: Callable[[str], None],
    ) -> None:
        """Place a call.

        Args:
            call: The call; ``call.id`` is what its operations carry.
            person: Who calls.
            answered: Called once: ``(True, "")`` when connected, else False with ``busy``,
                ``no answer`` or ``failed``.
            ended: Called at most once, after a connection, if the far end or the network ends
                the call: ``app_hung_up`` or ``dropped``.
        """
        ...

    def hang_up(self, call: Call) -> None:
        """The caller ends the call, connected or still ringing. ``ended`` is not called."""
        ...


class Stage:
    """Plays participants until they have nothing more to do, or until :meth:`close`.

    Args:
        clock: Drill time.
        app: Answers every operation.
        hotline: The phone line, or None where the drill has none (a dial is then refused).
        operators: Who answers the line; needed with a hotline.
        on_call: Told of every call when it ends.
    """

    def __init__(
        self,
        clock: Clock,
        app: App,
        *,
        hotline: Hotline | None = None,
        operators: Operators | None = None,
        on_call: Callable[[Call], None] = lambda call: None,
    ) -> None:
        self.clock = clock
        self.app = app
        self.hotline = hotline
        self.operators = operators
        self.on_call = on_call
        self.present = 0  # participants who still have something to do
        self.closed = False
        self._lines: dict[int, _Line] = {}  # calls that have not ended, by id
        # Tries at each operation, by operator: they go on counting from one call to the next.
        self._tries_at_desk: dict[int, dict[str, int]] = {}

    def enter(self, participant: Participant) -> None:
        """Schedule a participant's first action."""
        self.present += 1
        player = _Player(self, participant.person, participant.index, self._leave)
        self.clock.at(participant.arrives, lambda: player.play(participant.behave()))

    def close(self) -> None:
        """End the drill: nobody begins anything more; calls still open end as ``closed``."""
        self.closed = True
        now = self.clock.now()
        for line in self._lines.values():
            line.call.ended, line.call.cause = now, "closed"
            self.on_call(line.call)
        self._lines.clear()

    def _leave(self) -> None:
        self.present -= 1

    # -- the phone ------------------------------------------------------------------------

    def _dial(self, player: _Player, action: Dial) -> None:
        if self.hotline is None:
            player.answer(Answer(Outcome.REFUSED, AnswerClass.UNREACHABLE, 0.0, "no such line"))
            return
        now = self.clock.now()
        record = action.report.record if action.report else ""
        line = _Line(Call(player.index, action.line, record, now), player, action)
        if not self.hotline.dial(line.call, now):
            self.on_call(line.call)
            player.answer(Answer(Outcome.REFUSED, AnswerClass.REFUSED, 0.0, "busy"))
            return
        self._lines[id(line.call)] = line
        if line.call.agent is not None:
            self._converse(line)
            return
        if action.within is not None:
            self.clock.at(now + action.within, lambda: self._hang_up(line, "abandoned"))
        if action.meanwhile is not None:
            self._try_app_later(line, action.meanwhile)

    def _try_app_later(self, line: _Line, action: Submit) -> None:
        """While the caller holds, try the app now and then; hang up once it says yes."""

        def tried(answer: Answer) -> None:
            if answer.outcome is Outcome.OK:
                self._hang_up(line, "app")
            else:
                self._try_app_later(line, action)

        def try_now() -> None:
            if not self.closed and line.call.answered is None and line.call.ended is None:
                line.player.operate(action, tried)

        self.clock.at(self.clock.now() + TRY_APP_EVERY, try_now)

    def _hang_up(self, line: _Line, cause: str) -> None:
        """The caller gives up holding, unless somebody has answered by now."""
        assert self.hotline is not None
        now = self.clock.now()
        if self.closed or not self.hotline.leave(line.call, now, cause):
            return
        sort = AnswerClass.ACCEPTED if cause == "app" else AnswerClass.REFUSED
        self._finish(line, Answer(sort.outcome, sort, line.call.held, cause))

    def _converse(self, line: _Line) -> None:
        """An agent has answered: play what the agent does with this call."""
        assert self.operators is not None
        assert line.call.agent is not None
        person, behaviour, wrap_up = self.operators.take(
            line.call.agent, line.call, line.action.report
        )
        agent = _Player(self, person, person.index, lambda: self._served(line, wrap_up))
        agent.channel = "hotline"
        agent.tries = self._tries_at_desk.setdefault(person.index, {})
        agent.play(behaviour)

    def _served(self, line: _Line, wrap_up: float) -> None:
        """The conversation is over: the caller is told, and the agent is free after wrap-up."""
        assert self.hotline is not None
        assert line.call.agent is not None
        now, agent = self.clock.now(), line.call.agent
        self.hotline.end(line.call, now)
        self.clock.at(now + wrap_up, lambda: self._free(agent))
        self._finish(
            line, Answer(Outcome.OK, AnswerClass.ACCEPTED, now - line.call.dialled, "served")
        )

    def _free(self, agent: int) -> None:
        assert self.hotline is not None
        call = None if self.closed else self.hotline.free(agent, self.clock.now())
        if call is not None:
            self._converse(self._lines[id(call)])

    def _finish(self, line: _Line, answer: Answer) -> None:
        if self._lines.pop(id(line.call), None) is None:
            return  # the drill was closed under the call, and it has been told of already
        self.on_call(line.call)
        line.player.answer(answer)


@dataclass(slots=True)
class _Line:
    """An open call and the player who waits for its end."""

    call: Call
    player: _Player
    action: Dial


class _Player:
    """Steps one behaviour: takes its action, sees that it happens, sends it the answer."""

    __slots__ = ("_behaviour", "_done", "channel", "index", "person", "stage", "tries")

    def __init__(self, stage: Stage, person: Person, index: int, done: Callable[[], None]) -> None:
        self.stage = stage
        self.person = person
        self.index = index
        self.channel = "api"
        self._done = done
        self.tries: dict[str, int] = {}  # by operation key

    def play(self, behaviour: Behaviour) -> None:
        """Begin: take the first action."""
        self._behaviour = behaviour
        if self.stage.closed:
            return
        try:
            action = next(behaviour)
        except StopIteration:
            self._done()
        else:
            self._act(action)

    def answer(self, answer: Answer) -> None:
        """Send the answer of the last action and take the next one."""
        if self.stage.closed:
            return
        try:
            action = self._behaviour.send(answer)
        except StopIteration:
            self._done()
        else:
            self._act(action)

    def _act(self, action: Action) -> None:
        if isinstance(action, Wait):
            clock = self.stage.clock
            clock.at(clock.now() + action.seconds, self._waited)
        elif isinstance(action, Dial):
            self.stage._dial(self, action)
        elif isinstance(action, (SignIn, Submit, Amend, Read, Send)):
            self.operate(action, self.answer)
        else:
            self.answer(Answer(Outcome.REFUSED, AnswerClass.UNREACHABLE, 0.0, "no such line"))

    def _waited(self) -> None:
        self.answer(WAITED)

    def operate(
        self, action: SignIn | Submit | Amend | Read | Send, answered: Callable[[Answer], None]
    ) -> None:
        """Hand the app an operation; a double tap hands it the same one twice at once."""
        app = self.stage.app
        if not isinstance(action, Submit) or action.taps == 1:
            app.perform(self._operation(action), answered)
            return
        answered = _best_of(action.taps, answered)
        for _ in range(action.taps):
            app.perform(self._operation(action), answered)

    def _operation(self, action: SignIn | Submit | Amend | Read | Send) -> Operation:
        person = self.person
        codes: tuple[str, ...] = ()
        values: tuple[int, ...] | None = None
        version, record = 0, person.record
        if isinstance(action, (Submit, Amend)):  # a union would be built anew each time
            kind = "submit_report" if isinstance(action, Submit) else "amend_report"
            report = action.report
            key, record, version = report.operation, report.record, report.version
            values = report.values
        elif isinstance(action, SignIn):
            kind, key, codes = "sign_in", f"{person.key}/sign-in", action.codes
            values = (int(codes == person.codes),)  # the codes themselves are nobody's business
        elif isinstance(action, Read):
            kind, key = f"read_{action.what}", f"{person.key}/read-{action.what}"
            record = action.record
        else:
            kind, key, record = f"send_{action.what}", action.operation, action.record
        attempt = self.tries[key] = self.tries.get(key, 0) + 1
        return Operation(
            kind, key, attempt, person, self.channel, record, version, values, codes,
            self.stage.clock.now(), action.within,
        )  # fmt: skip


def _best_of(count: int, answered: Callable[[Answer], None]) -> Callable[[Answer], None]:
    """Collect ``count`` answers and pass on the best: a yes, else a doubt, else a no."""
    answers: list[Answer] = []

    def one_more(answer: Answer) -> None:
        answers.append(answer)
        if len(answers) == count:
            order = (Outcome.OK, Outcome.UNKNOWN, Outcome.REFUSED)
            best = min(answers, key=lambda each: order.index(each.outcome))
            # The person is told when the last answer is there, however early the best one was.
            answered(replace(best, waited=max(each.waited for each in answers)))

    return one_more
