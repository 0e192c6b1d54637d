"""The stage: plays participants' behaviours on a clock, against an app and phone lines.

The stage is the same in virtual and in real time. What differs is handed in: the clock (a heap
of virtual events, or the drill clock of the engine), the app (a model, or a live target) and
what answers the app's own phone lines. Phones are the switchboard's.
All times are drill seconds since the drill began.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from simulators.behaviours.protocol import (
    CUT_OFF,
    WAITED,
    Action,
    Amend,
    Answer,
    AnswerClass,
    Behaviour,
    Conversation,
    Dial,
    HangUp,
    Keyed,
    Leave,
    Outcome,
    Read,
    Send,
    SignIn,
    Submit,
    Text,
    Wait,
)
from simulators.behaviours.protocol import Call as PhoneMenu
from simulators.clock import Clock
from simulators.menu_calls import MenuCall
from simulators.people.person import Person
from simulators.phones.hotline import Call
from simulators.quick import record
from simulators.switchboard import Lines, Menus, Operators, Switchboard

__all__ = [
    "App", "Clock", "Lines", "Menus", "Operation", "Operators", "Participant", "Stage",
]  # fmt: skip

_CUT_OFF = Answer(Outcome.REFUSED, AnswerClass.UNREACHABLE, 0.0, CUT_OFF)


@dataclass(frozen=True, slots=True)
class Participant:
    """One person of the plan: who, when they begin, and what they do.

    Attributes:
        index: Position in the plan; it decides the worker and the random stream.
        arrives: Drill seconds from the start of the drill to their first action.
        first: The report as first keyed, if they have one: part of the plan's hash.
        behave: Makes the behaviour anew.
        channel: How their operations reach the app: ``api``, or ``web`` in a browser.
    """

    index: int
    arrives: float
    person: Person
    first: Keyed | None
    behave: Callable[[], Behaviour]
    channel: str = "api"


@record(frozen=True, slots=True)
class Operation:
    """One attempt at one domain action on the app.

    Attributes:
        kind: ``sign_in``, ``submit_report``, ``amend_report``, ``read_results``,
            ``read_report``, ``send_photo`` or ``send_text``.
        key: The operation key: the same on every retry.
        attempt: 1 for the first try of this key.
        actor: Whose account is used; on the hotline that is the operator's.
        channel: ``api``; ``web`` in a browser; ``hotline`` where an operator keys it; ``photo`` or
            ``text`` where a reader does; ``voice`` where it is keyed on a phone inside a call;
            ``sms`` where it is texted to the app.
        record: Key of the record it is about, as typed; empty where there is none.
        values: The values as keyed, None where nothing is keyed; for ``sign_in`` one cell, 1 if
            the codes were the person's own and 0 if not.
        codes: Codes as typed, for ``sign_in``.
        intended: When it was due, in drill seconds.
        within: Wall seconds the person waits for an answer, None for the target's own limit.
        call: Id of the phone call it is part of (``c<caller>-<n>``), empty outside of calls.
        together: Further operations that travel in the same message as this one, which is the
            head: one message, one answer for all. Each has its own place in the record.
        helped: On ``web``: somebody on the phone has told them what to do.
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
    helped: bool = False


class App(Protocol):
    """Whatever answers operations: a model or a live target."""

    def perform(self, operation: Operation, answered: Callable[[Answer], None]) -> None:
        """Begin the operation; call ``answered`` once, later or at once."""
        ...


class Stage:
    """Plays participants until they have nothing more to do, or until :meth:`close`.

    Args:
        clock: Drill time.
        app: Answers every operation.
        lines: What can be dialled or sent to; without any, a dial is refused.
        menus: Answers the lines that the app itself answers; needed if there are any.
        on_call: Told of every call when it ends, and of what was left in an inbox.

    Attributes:
        present: Participants who still have something to do.
        phones: The switchboard.
    """

    def __init__(
        self,
        clock: Clock,
        app: App,
        *,
        lines: Lines | None = None,
        menus: Menus | None = None,
        on_call: Callable[[Call], None] = lambda call: None,
    ) -> None:
        self.clock = clock
        self.app = app
        self.phones = Switchboard(clock, lines or Lines(), menus, self._converse, on_call)
        self.present = 0
        self.closed = False
        # Tries at each operation, by operator: they go on counting from one call to the next.
        self._tries_at_desk: dict[int, dict[str, int]] = {}

    @property
    def over(self) -> bool:
        """Whether nobody has anything more to do, and nothing waits to be read."""
        return self.present == 0 and self.phones.unread == 0

    def enter(self, participant: Participant) -> None:
        """Schedule a participant's first action."""
        self.present += 1
        player = _Player(self, participant.person, participant.index, self._leave)
        player.channel = participant.channel
        self.clock.at(participant.arrives, lambda: player.play(participant.behave()))

    def close(self) -> None:
        """End the drill: nobody begins anything more; calls still open end as ``closed``."""
        self.closed = True
        self.phones.close()

    def _leave(self, _: str | None) -> None:
        self.present -= 1

    def _converse(
        self,
        person: Person,
        conversation: Conversation,
        channel: str,
        over: Callable[[str | None], None],
    ) -> None:
        """Play what an agent does with a caller, or a reader with what was sent."""
        agent = _Player(self, person, person.index, over)
        agent.channel = channel
        agent.tries = self._tries_at_desk.setdefault(person.index, {})
        agent.play(conversation)


class _Player:
    """Steps one behaviour: takes its action, sees that it happens, sends it the answer."""

    __slots__ = (
        "_behaviour", "_done", "calls", "channel", "index", "person", "stage", "tries", "walking",
    )  # fmt: skip

    def __init__(
        self, stage: Stage, person: Person, index: int, done: Callable[[str | None], None]
    ) -> None:
        self.stage = stage
        self.person = person
        self.index = index
        self.channel = "api"
        self.calls = 0
        self.walking: MenuCall | None = None
        self._done = done
        self.tries: dict[str, int] = {}  # by operation key

    def play(self, behaviour: Behaviour | Conversation) -> None:
        """Begin: take the first action."""
        self._behaviour = behaviour
        if self.stage.closed:
            return
        try:
            action = next(behaviour)
        except StopIteration as stop:
            self._end(stop.value)
        else:
            self._act(action)

    def answer(self, answer: Answer) -> None:
        """Send the answer of the last action and take the next one."""
        if self.stage.closed:
            return
        try:
            action = self._behaviour.send(answer)
        except StopIteration as stop:
            self._end(stop.value)
        else:
            self._act(action)

    def _end(self, cause: str | None) -> None:
        if self.walking is not None:  # whoever goes away hangs up
            self.stage.phones.menu.hang_up(self)
        self._done(cause)

    def _act(self, action: Action) -> None:
        if isinstance(action, Wait):
            clock = self.stage.clock
            clock.at(clock.now() + action.seconds, self._waited)
        elif isinstance(action, (SignIn, Submit, Amend, Read, Send)):
            self.operate(action, self.answer)
        elif isinstance(action, Dial):
            self.stage.phones.dial(self, action)
        else:
            self._communicate(action)

    def _communicate(self, action: PhoneMenu | HangUp | Text | Leave) -> None:
        phones = self.stage.phones
        if isinstance(action, PhoneMenu):
            phones.menu.dial(self, action)
        elif isinstance(action, HangUp):
            self.answer(phones.menu.hang_up(self))
        elif isinstance(action, Leave):
            phones.leave(self, action)
        else:
            self._text(action)

    def _waited(self) -> None:
        self.answer(WAITED)

    def operate(
        self, action: SignIn | Submit | Amend | Read | Send, answered: Callable[[Answer], None]
    ) -> None:
        """Hand the app an operation; a double tap hands it the same one twice at once."""
        if self.walking is not None and self.walking.over:
            # By the clock, not at once: a caller may go on keying through hundreds of codes.
            clock = self.stage.clock
            clock.at(clock.now(), lambda: answered(_CUT_OFF))
            return
        app = self.stage.app
        if not isinstance(action, Submit) or action.taps == 1:
            app.perform(self._operation(action), answered)
            return
        answered = _best_of(action.taps, answered)
        for _ in range(action.taps):
            app.perform(self._operation(action), answered)

    def _text(self, text: Text) -> None:
        """One message that carries every report; the app's one answer holds for all of them."""
        operations = [
            replace(self._operation(Submit(report, within=text.within)), channel="sms", call="")
            for report in text.reports
        ]
        if not operations:
            raise ValueError(f"{self.person.key} texts {text.line} a message without a report.")
        head = replace(operations[0], together=tuple(operations[1:]))
        self.stage.app.perform(head, self.answer)

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
        walking = self.walking
        operation = Operation(
            kind, key, attempt, person, self.channel if walking is None else "voice", record,
            version, values, codes, self.stage.clock.now(), action.within,
            "" if walking is None else walking.call.id,
        )  # fmt: skip
        if self.channel == "web" and isinstance(action, (SignIn, Submit)) and action.helped:
            return replace(operation, helped=True)
        return operation


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
