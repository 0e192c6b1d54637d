"""Calls to the app's own menus: placed, walked and ended by the carrier, on the drill clock.

The stage dials (``simulators.lines.Menus``); the operations of the caller are walked inside the
call. A walk's answer is what the menu's last words mean.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from harness.channels.control import ControlLink, Message
from harness.channels.dispatch import Attempt, Dispatch
from harness.target.errors import UnfilledError
from harness.target.phone import Pace, Phone, Walk
from harness.target.session import Session
from harness.target.wire import Answered
from simulators.behaviours.protocol import Answer, AnswerClass, Outcome
from simulators.people.person import Person
from simulators.phones.hotline import Call
from simulators.stage import Operation

_UNREACHED = Answered(AnswerClass.UNREACHABLE, detail="cut off")
_CUT_OFF = Answer(Outcome.REFUSED, AnswerClass.UNREACHABLE, 0.0, "cut off")
_CLASSES = {each.value: each for each in AnswerClass}
_WHY = ("busy", "no answer")


def number_of(person: Person) -> str:
    """The made-up number that somebody phones and texts from: always the same, theirs alone.

    No area code is 555, so none of these numbers can ring anywhere.

    Example:
        >>> number_of(Person(12, "chair", "chair-0012"))
        '+15552000012'
    """
    return person.phone if person.phone.startswith("+") else f"+1555{2_000_000 + person.index:07}"


@dataclass(slots=True)
class _Calling:
    """One open call and who is to hear of it.

    Attributes:
        over: Nothing more can be keyed in it: the caller has hung up, or it has ended.
        walking: The operation that is being keyed, by the number of its walk.
        waiting: Operations to be keyed after it, which a person does one by one.
    """

    call: Call
    answered: Callable[[bool, str], None]
    ended: Callable[[str], None]
    connected: bool = False
    over: bool = False
    walking: tuple[int, Attempt] | None = None
    waiting: deque[Attempt] = field(default_factory=deque)
    count: int = 0


class VoiceDriver:
    """Places calls and walks menus.

    Args:
        dispatch: Notes operations before they are sent.
        link: The line to the carrier.
        phone: The target's lines and menus.
    """

    def __init__(self, dispatch: Dispatch, link: ControlLink, phone: Phone) -> None:
        self._dispatch = dispatch
        self._link = link
        self._phone = phone
        self._open: dict[str, _Calling] = {}  # by id of the call
        self._sessions: dict[str, Session] = {}  # by key of the person

    # -- calls: see simulators.lines.Menus --------------------------------------------------------

    def dial(
        self,
        call: Call,
        person: Person,
        answered: Callable[[bool, str], None],
        ended: Callable[[str], None],
    ) -> None:
        """Place a call to one of the app's lines."""
        line = self._phone.lines.get(call.line)
        if line is None or line.voice is None:
            answered(False, "failed")  # the app has no such line
            return
        self._open[call.id] = _Calling(call, answered, ended)
        self._link.calls[call.id] = self._hear
        self._link.say(
            {"do": "dial", "call": call.id, "from": number_of(person), "to": line.number}
        )

    def hang_up(self, call: Call) -> None:
        """The caller ends the call."""
        calling = self._open.get(call.id)
        if calling is not None and not calling.over:
            calling.over = True
            self._link.say({"do": "hang_up", "call": call.id})

    def close(self) -> None:
        """Hang up whatever is still open."""
        for calling in self._open.values():
            self.hang_up(calling.call)

    # -- operations -------------------------------------------------------------------------------

    def perform(self, operation: Operation, answered: Callable[[Answer], None]) -> None:
        """Walk the menu for one operation of a caller; see ``simulators.stage.App``."""
        calling = self._open.get(operation.call)
        if calling is None or calling.over:
            answered(_CUT_OFF)
        elif operation.kind not in self._phone.menus:
            answered(_not_there(operation))
        else:
            self._dispatch.begin(operation, answered, self._walk)

    def _walk(self, attempt: Attempt) -> None:
        calling = self._open.get(attempt.operation.call)
        if calling is None or calling.over:
            attempt.end(_UNREACHED)
        elif calling.walking is not None:
            calling.waiting.append(attempt)
        else:
            self._begin(calling, attempt)

    def _begin(self, calling: _Calling, attempt: Attempt) -> None:
        operation = attempt.operation
        try:
            walk = self._filled(operation)
        except UnfilledError as error:
            attempt.end(Answered(AnswerClass.UNMATCHED, detail=str(error)))
            return
        calling.count += 1
        calling.walking = (calling.count, attempt)
        # A silent line is endured as long as any app's spinner: patience is wall time.
        patience = operation.actor.patience if operation.within is None else operation.within
        limit = walk.limit + patience * self._dispatch.live.means.clock.speed
        self._link.say(
            {
                "do": "walk", "call": operation.call, "walk": calling.count, "steps": walk.steps,
                "outcomes": walk.outcomes, "limit": limit,
            }
        )  # fmt: skip

    def _filled(self, operation: Operation) -> Walk:
        person = operation.actor
        session = self._sessions.get(person.key)
        if session is None:
            session = self._sessions[person.key] = self._phone.session(person)
        if operation.kind == "sign_in":
            session.codes = operation.codes
        pace = Pace(think=person.think_seconds, gap=person.press_seconds)
        return self._phone.walk(operation, session, pace)

    # -- what the carrier says --------------------------------------------------------------------

    def _hear(self, message: Message) -> None:
        calling = self._open.get(message["call"])
        if calling is None:
            return
        event = message["event"]
        if event == "walked":
            self._walked(calling, message)
        elif event == "answered":
            calling.connected = True
            calling.call.sid = message.get("sid") or ""
            if not calling.over:
                calling.answered(True, "")
        elif event == "ended":
            self._ended(calling, message.get("cause") or "failed")

    def _walked(self, calling: _Calling, message: Message) -> None:
        """A walk is over. The carrier says so of every walk, and before the end of its call."""
        calling.call.digits += len(message.get("pressed") or "")
        if calling.walking is None or calling.walking[0] != message["walk"]:
            return
        (_, attempt), calling.walking = calling.walking, None
        sort = _CLASSES.get(message["class"], AnswerClass.UNMATCHED)
        heard = message.get("heard") or ""
        attempt.end(Answered(sort, detail=heard), self._dispatch.nanoseconds(message.get("sent")))
        while calling.waiting and calling.walking is None:
            self._walk(calling.waiting.popleft())

    def _ended(self, calling: _Calling, cause: str) -> None:
        del self._open[calling.call.id]
        del self._link.calls[calling.call.id]
        told, calling.over = calling.over, True
        if not told:
            if calling.connected:
                calling.ended(cause)
            else:
                calling.answered(False, cause if cause in _WHY else "failed")
        if calling.walking is not None:  # it crossed the news of the end: nothing was keyed
            calling.walking[1].end(_UNREACHED)
        for attempt in calling.waiting:
            attempt.end(_UNREACHED)


def _not_there(operation: Operation) -> Answer:
    """What the menu has no way for: no need to sign in, or nothing that could be done."""
    if operation.kind == "sign_in":
        return Answer(Outcome.OK, AnswerClass.ACCEPTED)
    said = f"the menu has no way to {operation.kind}"
    return Answer(Outcome.REFUSED, AnswerClass.REFUSED, 0.0, said)
