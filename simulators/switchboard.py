"""The switchboard: puts calls through to lines and inboxes, on the drill clock.

Every call takes a trunk of its line's group first. Then it is answered, holds or is turned away
by ``simulators.phones.hotline``; what an agent does with a caller is a behaviour, which the stage
plays. Times are drill seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from simulators.behaviours.protocol import (
    CUT_OFF,
    Answer,
    AnswerClass,
    Conversation,
    Dial,
    Keyed,
    Leave,
    Outcome,
    Submit,
)
from simulators.clock import Clock
from simulators.lines import AgentLine, Lines, MenuLine, Menus, Operators
from simulators.menu_calls import MenuCaller, MenuCalls
from simulators.people.person import Person
from simulators.phones.hotline import Call

__all__ = ["AgentLine", "Lines", "MenuLine", "Menus", "Operators", "Switchboard"]

TRY_APP_EVERY = 300.0
"""Drill seconds a caller holds before they try the app again, if they do. Assumed."""

_NO_SUCH_LINE = Answer(Outcome.REFUSED, AnswerClass.UNREACHABLE, 0.0, "no such line")
_LEFT = Answer(Outcome.OK, AnswerClass.ACCEPTED, 0.0, "sent")


class Caller(MenuCaller, Protocol):
    """Somebody on the stage who phones."""

    def operate(self, action: Submit, answered: Callable[[Answer], None], /) -> None:
        """Do something on the app, beside the call."""
        ...


Play = Callable[[Person, Conversation, str, Callable[[str | None], None]], None]
"""Plays what an agent does: who, what, on which channel, and what to call when it is over."""


class Switchboard:
    """Puts calls through.

    Args:
        clock: Drill time.
        lines: What can be dialled.
        menus: Answers the lines that the app itself answers; needed if there are any.
        play: Plays what an agent does with a caller.
        on_call: Told of every call when it ends, and of what was left in an inbox.

    Attributes:
        unread: Things in inboxes that somebody will yet read.
    """

    def __init__(
        self,
        clock: Clock,
        lines: Lines,
        menus: Menus | None,
        play: Play,
        on_call: Callable[[Call], None],
    ) -> None:
        self.lines = lines
        self.unread = 0
        self.closed = False
        self.menu = MenuCalls(clock, lines, menus, on_call)
        self._clock = clock
        self._play = play
        self._on_call = on_call
        self._desks = {line.name: line for line in lines.agents}
        self._inboxes = {line.name: line for line in lines.inboxes}
        self._open: dict[int, _Open] = {}  # calls that have not ended, by id(call)
        self._left = 0  # things left in inboxes, for their names
        for desk in (*lines.agents, *lines.inboxes):
            for since, numbers in desk.duty:
                clock.at(since, partial(self._staff, desk, numbers))

    # -- dialling and holding -------------------------------------------------------------------

    def dial(self, caller: Caller, action: Dial) -> None:
        """Put a caller through to the people who answer a line."""
        desk = self._desks.get(action.line)
        if desk is None:
            caller.answer(_NO_SUCH_LINE)
            return
        now = self._clock.now()
        report = action.report
        caller.calls += 1
        call = Call(
            caller.index, action.line, report.record if report else "", now,
            id=f"c{caller.index}-{caller.calls}", trunk=desk.trunk,
        )  # fmt: skip
        if not self._connect(desk, call, now):
            self._on_call(call)
            caller.answer(Answer(Outcome.REFUSED, AnswerClass.REFUSED, 0.0, call.cause))
            return
        talk = self._open[id(call)] = _Open(call, desk, report, caller, now)
        if call.agent is not None:
            self._converse(talk)
            return
        at = self._clock.at
        if action.within is not None:
            at(now + action.within, lambda: self._hang_up(talk, call, "abandoned"))
        offered = desk.calls_back(caller.index)
        if offered is not None:
            at(now + offered, lambda: self._call_back(talk))
        if action.meanwhile is not None:
            self._try_app_later(talk, caller, action.meanwhile)

    def _connect(self, desk: AgentLine, call: Call, now: float) -> bool:
        """Take a trunk, then a place on the line. False, and the cause is set, without either."""
        if desk.barred(call.caller):
            call.ended, call.cause = now, "barred"
            return False
        trunks = self.lines.trunks.get(desk.trunk)
        if trunks is not None and not trunks.take():
            call.ended, call.cause = now, "busy"
            return False
        if desk.hotline.dial(call, now):
            return True
        if trunks is not None:
            trunks.give()
        return False

    def _try_app_later(self, talk: _Open, caller: Caller, action: Submit) -> None:
        """While the caller waits, try the app now and then; hang up once it says yes."""

        def tried(answer: Answer) -> None:
            if answer.outcome is Outcome.OK:
                self._hang_up(talk, talk.call, "app")
            else:
                self._try_app_later(talk, caller, action)

        def try_now() -> None:
            if not self.closed and talk.waits:
                caller.operate(action, tried)

        self._clock.at(self._clock.now() + TRY_APP_EVERY, try_now)

    def _hang_up(self, talk: _Open, call: Call, cause: str) -> None:
        """The caller gives up holding, unless somebody has answered by now."""
        if self.closed or not talk.desk.hotline.leave(call, self._clock.now(), cause):
            return
        sort = AnswerClass.ACCEPTED if cause == "app" else AnswerClass.REFUSED
        self._finish(talk, sort, cause)

    def _call_back(self, talk: _Open) -> None:
        """The caller takes the offer: hangs up, keeps their place, and waits to be phoned."""
        if self.closed:
            return
        call = talk.call
        back = talk.desk.hotline.call_back(call, self._clock.now())
        if back is None or talk.caller is None:
            return
        del self._open[id(call)]
        self._give(call)
        self._on_call(call)
        talk.caller.calls += 1
        back.id = f"c{talk.caller.index}-{talk.caller.calls}"
        talk.call, talk.to_phone = back, True
        self._open[id(back)] = talk

    # -- inboxes --------------------------------------------------------------------------------

    def leave(self, sender: Caller, action: Leave) -> None:
        """Put something into an inbox; the sender does not wait for it to be read."""
        desk = self._inboxes.get(action.inbox)
        if desk is None:
            sender.answer(_NO_SUCH_LINE)
            return
        now = self._clock.now()
        self._left += 1
        item = Call(
            sender.index, desk.name, action.report.record, now, id=f"i{sender.index}-{self._left}"
        )
        talk = _Open(item, desk, action.report, None, now)
        if desk.hotline.dial(item, now):
            self._open[id(item)] = talk
            talk.counted = _will_be_read(desk, now)
            self.unread += talk.counted
            if item.agent is not None:
                self._converse(talk)
        else:  # the inbox is full: nobody says so to the sender
            item.cause = "unread"
            self._on_call(item)
        sender.answer(_LEFT)

    # -- answering ------------------------------------------------------------------------------

    def _converse(self, talk: _Open) -> None:
        """An agent has answered: play what the agent does with this call."""
        call, desk = talk.call, talk.desk
        assert call.agent is not None
        talk.to_phone = False
        person, conversation, wrap_up = desk.operators.take(call.agent, call, talk.report)
        self._play(
            person, conversation, desk.channel, lambda cause: self._served(talk, wrap_up, cause)
        )

    def _served(self, talk: _Open, wrap_up: float, cause: str | None) -> None:
        """The conversation is over: the caller is told, and the agent is free after wrap-up."""
        call, desk, now = talk.call, talk.desk, self._clock.now()
        agent = call.agent
        assert agent is not None
        served = "read" if talk.caller is None else "served"
        desk.hotline.end(call, now, cause or served)
        self._clock.at(now + wrap_up, lambda: self._free(desk, agent))
        if cause is None:
            self._finish(talk, AnswerClass.ACCEPTED, served)
        else:
            self._finish(talk, AnswerClass.REFUSED, CUT_OFF)

    def _free(self, desk: AgentLine, agent: int) -> None:
        call = None if self.closed else desk.hotline.free(agent, self._clock.now())
        if call is not None:
            self._converse(self._open[id(call)])

    def _staff(self, desk: AgentLine, numbers: tuple[int, ...]) -> None:
        """Others are on duty from now on; who has a call finishes it first."""
        if self.closed:
            return
        for call in desk.hotline.staff(numbers, self._clock.now()):
            self._converse(self._open[id(call)])

    # -- the end of a call ----------------------------------------------------------------------

    def _finish(self, talk: _Open, sort: AnswerClass, detail: str) -> None:
        if self._open.pop(id(talk.call), None) is None:
            return  # the drill was closed under the call, and it has been told of already
        self._give(talk.call)
        self.unread -= talk.counted
        if not talk.to_phone:  # a call that was never made is none
            self._on_call(talk.call)
        if talk.caller is not None:
            waited = self._clock.now() - talk.since
            talk.caller.answer(Answer(sort.outcome, sort, waited, detail))

    def _give(self, call: Call) -> None:
        trunks = self.lines.trunks.get(call.trunk)
        if trunks is not None:
            trunks.give()

    def close(self) -> None:
        """End the drill: calls still open end as ``closed``, what nobody read as ``unread``."""
        self.closed = True
        now = self._clock.now()
        for talk in self._open.values():
            if talk.to_phone:
                continue
            talk.call.ended = now
            talk.call.cause = "closed" if talk.caller is not None else "unread"
            self._give(talk.call)
            self._on_call(talk.call)
        self._open.clear()
        self.menu.close()


@dataclass(slots=True)
class _Open:
    """A call under way, or a thing in an inbox.

    Attributes:
        caller: Who waits for its end; None for things in inboxes, whose senders do not.
        since: When the caller dialled; a call-back is still the same wait.
        to_phone: It is a call-back that has not been made.
        counted: Whether it is among the switchboard's ``unread``.
    """

    call: Call
    desk: AgentLine
    report: Keyed | None
    caller: Caller | None
    since: float
    to_phone: bool = False
    counted: bool = False

    @property
    def waits(self) -> bool:
        """Whether the caller still waits for an agent."""
        return self.call.answered is None and self.call.ended is None


def _will_be_read(desk: AgentLine, now: float) -> bool:
    """Whether anybody reads this inbox, now or at some later time."""
    return bool(desk.hotline.on_duty) or any(who for since, who in desk.duty if since > now)
