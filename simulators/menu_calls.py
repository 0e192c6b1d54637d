"""Calls to lines that the app itself answers with a spoken menu. Times are drill seconds.

The caller's operations between ``Call`` and ``HangUp`` travel inside the call; the app answers
them. Here is only the call: its trunk, its beginning and its end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from simulators.behaviours.protocol import WAITED, Answer, AnswerClass, Outcome
from simulators.behaviours.protocol import Call as PhoneMenu
from simulators.clock import Clock
from simulators.lines import Lines, Menus
from simulators.people.person import Person
from simulators.phones.hotline import Call

_NO_SUCH_LINE = Answer(Outcome.REFUSED, AnswerClass.UNREACHABLE, 0.0, "no such line")


class MenuCaller(Protocol):
    """Somebody on the stage who phones.

    Attributes:
        index: Their position in the plan.
        calls: Calls they have made.
        walking: The call to a menu that they are in, also when it was cut and they have not hung
            up yet.
    """

    index: int
    person: Person
    calls: int
    walking: MenuCall | None

    def answer(self, answer: Answer) -> None:
        """Take the answer of the last action."""
        ...


@dataclass(slots=True)
class MenuCall:
    """One call to a menu.

    Attributes:
        over: It has ended; what its caller does in it now is cut off.
    """

    call: Call
    caller: MenuCaller
    over: bool = False


class MenuCalls:
    """Places and ends calls to menus; arguments as for ``simulators.switchboard.Switchboard``.

    Raises:
        ValueError: If there are such lines and nothing that answers them.
    """

    def __init__(
        self, clock: Clock, lines: Lines, menus: Menus | None, on_call: Callable[[Call], None]
    ) -> None:
        if lines.menus and menus is None:
            raise ValueError(
                f"line {lines.menus[0].name} is answered by the app, but no menus are given."
            )
        self._clock = clock
        self._menus = menus
        self._on_call = on_call
        self._lines = {line.name: line for line in lines.menus}
        self._trunks = lines.trunks
        self._open: dict[str, MenuCall] = {}  # by id

    def dial(self, caller: MenuCaller, action: PhoneMenu) -> None:
        """Place a call; the caller is answered when it is connected, or cannot be."""
        menus, line = self._menus, self._lines.get(action.line)
        if line is None or menus is None:
            caller.answer(_NO_SUCH_LINE)
            return
        if caller.walking is not None:
            self.hang_up(caller)
        now = self._clock.now()
        caller.calls += 1
        call = Call(
            caller.index, action.line, caller.person.record, now,
            id=f"c{caller.index}-{caller.calls}", trunk=line.trunk,
        )  # fmt: skip
        if line.is_off(now):
            call.ended, call.cause = now, "failed"
            self._on_call(call)
            caller.answer(Answer(Outcome.UNKNOWN, AnswerClass.NO_ANSWER, 0.0, "out of service"))
            return
        trunks = self._trunks.get(line.trunk)
        if trunks is not None and not trunks.take():
            call.ended, call.cause = now, "busy"
            self._on_call(call)
            caller.answer(Answer(Outcome.REFUSED, AnswerClass.REFUSED, 0.0, "busy"))
            return
        walking = self._open[call.id] = MenuCall(call, caller)
        if action.within is not None:
            self._clock.at(now + action.within, lambda: self._give_up(walking))
        menus.dial(
            call,
            caller.person,
            lambda connected, why: self._answered(walking, connected, why),
            lambda cause: self._end(walking, cause),
        )

    def _answered(self, walking: MenuCall, connected: bool, why: str) -> None:
        if walking.over:
            return
        call, caller, now = walking.call, walking.caller, self._clock.now()
        if connected:
            call.answered = now
            caller.walking = walking
            sort = AnswerClass.ACCEPTED
        else:
            sort = AnswerClass.REFUSED if why == "busy" else AnswerClass.NO_ANSWER
            self._end(walking, "busy" if why == "busy" else "failed")
        caller.answer(Answer(sort.outcome, sort, now - call.dialled, why))

    def _give_up(self, walking: MenuCall) -> None:
        """It has rung for as long as the caller listens, unless somebody has answered by now."""
        call = walking.call
        if walking.over or call.answered is not None:
            return
        assert self._menus is not None
        self._menus.hang_up(call)
        self._end(walking, "abandoned")
        sort = AnswerClass.NO_ANSWER
        waited = self._clock.now() - call.dialled
        walking.caller.answer(Answer(sort.outcome, sort, waited, "no answer"))

    def hang_up(self, caller: MenuCaller) -> Answer:
        """The caller ends the call they are in, if it has not ended by itself."""
        walking, caller.walking = caller.walking, None
        if walking is not None and not walking.over:
            assert self._menus is not None
            self._menus.hang_up(walking.call)
            self._end(walking, "hung_up")
        return WAITED

    def _end(self, walking: MenuCall, cause: str) -> None:
        """A call is over, for whatever reason: its trunk is free again."""
        if walking.over:
            return
        walking.over = True
        call = walking.call
        del self._open[call.id]
        call.ended, call.cause = self._clock.now(), cause
        trunks = self._trunks.get(call.trunk)
        if trunks is not None:
            trunks.give()
        self._on_call(call)

    def close(self) -> None:
        """End the drill: calls still open end as ``closed``."""
        for walking in list(self._open.values()):
            self._end(walking, "closed")
