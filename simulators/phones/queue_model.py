"""The queue model: a line and its callers alone, without an app, as fast as can be.

It drives the same :class:`~simulators.phones.hotline.Hotline` as a drill does, but its callers are
columns of numbers and no behaviours, so that a whole night takes a fraction of a second: for
sizing a line, and for holding the state machine against the theory (``erlang``) and an exact
Markov chain. Times are seconds since the beginning.
"""

from __future__ import annotations

import gc
import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simulators.people.draws import many
from simulators.people.shifts import Duty
from simulators.phones.callers import Callers, Talk, Times
from simulators.phones.hotline import Call, Hotline
from simulators.phones.line_calls import LineCalls
from simulators.phones.trunks import Trunks

_BLOCK = 4096  # draws made at once
_NEVER = math.inf


@dataclass(frozen=True)
class Line:
    """What answers.

    Attributes:
        agents: People who answer; None where every call that has a trunk is answered at once, as
            by a spoken menu.
        trunks: Calls carried at once, held and answered; None for no limit.
        room: Callers who can hold at once; None for no limit.
        wrap_up: Seconds after a call before an agent's next one.
        duty: Changes of who is on duty, in order of time; without any, all agents always are.
    """

    agents: int | None
    trunks: int | None = None
    room: int | None = None
    wrap_up: float = 0.0
    duty: tuple[Duty, ...] = ()


def play_line(
    callers: Sequence[Callers], line: Line, *, seed: int, until: float = _NEVER
) -> LineCalls:
    """Play callers against a line.

    Talk times are drawn by caller, so that the same callers say the same things to any number of
    agents: two lines compared with one seed differ by the lines alone.

    Args:
        callers: Who phones, by kind.
        line: What answers.
        seed: Decides patience, redials and talk.
        until: When the line closes: calls under way end as ``closed``, and nobody dials again.

    Returns:
        Every call. The same arguments give the same calls.

    Raises:
        ValueError: If the line cannot be: no agents, no trunks.
    """
    model = _Model(callers, line, seed, until)
    collects = gc.isenabled()
    gc.disable()  # many small objects and no cycles
    try:
        model.run()
    finally:
        if collects:
            gc.enable()
    return model.result()


Handler = Callable[[Call, float], None]


class _Kind:
    """One kind of caller, with its draws at hand."""

    __slots__ = ("callers", "chances", "gaps", "patience", "tires")

    def __init__(self, callers: Callers, seed: int) -> None:
        self.callers = callers
        self.tires = callers.patience is not None
        self.patience = _exponentials(many(seed, "patience", callers.kind), callers.patience or 1.0)
        self.gaps = _exponentials(many(seed, "redial", callers.kind), callers.redial.delay)
        self.chances = _chances(many(seed, "chance", callers.kind))


def _exponentials(draws: np.random.Generator, mean: float) -> Iterator[float]:
    while True:
        yield from (draws.standard_exponential(_BLOCK) * mean).tolist()


def _chances(draws: np.random.Generator) -> Iterator[float]:
    while True:
        yield from draws.random(_BLOCK).tolist()


class _Model:
    """The state of one play. Events are handled in order of time, then of scheduling."""

    def __init__(self, callers: Sequence[Callers], line: Line, seed: int, until: float) -> None:
        self.callers = callers
        self.line = line
        self.until = until
        arrives = np.concatenate([each.arrives for each in callers]) if callers else np.zeros(0)
        kinds = np.repeat(np.arange(len(callers)), [len(each) for each in callers])
        order = np.argsort(arrives, kind="stable")
        self._arrives: list[float] = [*arrives[order].tolist(), _NEVER]
        self._kind_of: list[int] = kinds[order].tolist()
        self._talk: list[float] = _talks(callers, seed)[order].tolist()
        self._kinds = [_Kind(each, seed) for each in callers]
        self._tried = [0] * len(order)  # calls made, by caller
        self._taken = [0] * len(order)  # calls answered, by caller
        agents = line.agents if line.agents is not None else (line.trunks or max(len(order), 1))
        self.trunks = Trunks("main", line.trunks)
        self.hotline = Hotline(agents=agents, trunks=self.trunks, room=line.room)
        self._calls: list[Call] = []
        self._scheduled = 0
        # The number keeps the order of two events due together; the last one never comes.
        self._queue: list[tuple[float, int, Handler, Call]] = [
            (_NEVER, 0, self._tire, Call(-1, "", "", _NEVER))
        ]
        for duty in line.duty:
            self._at(duty.at, self._staffed(duty), self._queue[0][3])

    # -- the loop -------------------------------------------------------------------------------

    def run(self) -> None:
        """Handle events until there are none, or the line closes."""
        queue, arrives, pop = self._queue, self._arrives, heapq.heappop
        caller, first_dial, until = 0, self._arrives[0], self.until
        while True:
            if first_dial < queue[0][0]:
                if first_dial > until:
                    break
                self._dial(caller, first_dial)
                caller += 1
                first_dial = arrives[caller]
                continue
            due, _, handle, call = queue[0]
            if due > until or due == _NEVER:
                break
            pop(queue)
            handle(call, due)

    def _at(self, due: float, handle: Handler, call: Call) -> None:
        self._scheduled = number = self._scheduled + 1
        heapq.heappush(self._queue, (due, number, handle, call))

    # -- events ---------------------------------------------------------------------------------

    def _dial(self, caller: int, now: float) -> None:
        kind = self._kinds[self._kind_of[caller]]
        callers = kind.callers
        call = Call(caller, callers.kind, "", now)
        self._calls.append(call)
        self._tried[caller] += 1
        limit = callers.barred_after
        if limit is not None and self._taken[caller] >= limit:
            call.ended, call.cause = now, "barred"
            return
        if not self.hotline.dial(call, now, urgent=callers.urgent):
            self._again(call, now, callers.redial.busy)
        elif call.agent is not None:
            self._converse(call, now)
        else:
            if kind.tires:
                self._at(now + next(kind.patience), self._tire, call)
            offered = callers.call_back_after
            if offered is not None and next(kind.chances) < callers.call_back_share:
                self._at(now + offered, self._call_back, call)

    def _dial_again(self, call: Call, now: float) -> None:
        self._dial(call.caller, now)

    def _tire(self, call: Call, now: float) -> None:
        # Answered and ended calls are looked at here first: most callers do not tire.
        if call.answered is None and self.hotline.leave(call, now, "abandoned"):
            redial = self._kinds[self._kind_of[call.caller]].callers.redial
            self._again(call, now, redial.abandoned)

    def _call_back(self, call: Call, now: float) -> None:
        if call.answered is None:
            back = self.hotline.call_back(call, now)
            if back is not None:
                self._calls.append(back)

    def _converse(self, call: Call, now: float) -> None:
        """An agent has answered."""
        away = self._kinds[self._kind_of[call.caller]].callers.away
        if away.share and now - call.dialled >= away.after:
            chances = self._kinds[self._kind_of[call.caller]].chances
            if next(chances) < away.share:
                self._at(now + away.silence, self._hear_nothing, call)
                return
        self._at(now + self._talk[call.caller], self._end, call)

    def _hear_nothing(self, call: Call, now: float) -> None:
        self.hotline.end(call, now, "silent")
        self._again(call, now, 1.0)
        self._wrap_up(call, now)

    def _end(self, call: Call, now: float) -> None:
        kind = self._kinds[self._kind_of[call.caller]]
        redial = kind.callers.redial
        self._taken[call.caller] += 1
        if redial.cut_off and next(kind.chances) < redial.cut_off:
            self.hotline.end(call, now, "dropped")
            self._again(call, now, 1.0)
        else:
            self.hotline.end(call, now)
            if redial.answered:
                self._again(call, now, redial.answered)
        self._wrap_up(call, now)

    def _wrap_up(self, call: Call, now: float) -> None:
        if self.line.wrap_up:
            self._at(now + self.line.wrap_up, self._free, call)
        else:
            self._free(call, now)

    def _free(self, call: Call, now: float) -> None:
        assert call.agent is not None
        answered = self.hotline.free(call.agent, now)
        if answered is not None:
            self._converse(answered, now)

    def _staffed(self, duty: Duty) -> Handler:
        def staff(_: Call, now: float) -> None:
            for call in self.hotline.staff(duty.agents, now):
                self._converse(call, now)

        return staff

    def _again(self, call: Call, now: float, chance: float) -> None:
        """Perhaps the caller dials again."""
        if chance == 0.0:
            return
        kind = self._kinds[self._kind_of[call.caller]]
        limit = kind.callers.redial.at_most
        if limit is not None and self._tried[call.caller] >= limit:
            return
        if chance == 1.0 or next(kind.chances) < chance:
            self._at(now + next(kind.gaps), self._dial_again, call)

    # -- the end --------------------------------------------------------------------------------

    def result(self) -> LineCalls:
        """Everything that happened; what is still under way is closed."""
        closes = self.until
        calls = [call for call in self._calls if call.cause or not self._is_to_be_made(call)]
        for call in calls:
            if not call.cause:
                call.ended, call.cause = closes, "closed"
        return LineCalls.of(
            calls,
            self.callers,
            first=self._arrives[:-1],
            kinds=self._kind_of,
            line_agents=self.line.agents,
            most_trunks=self.trunks.most,
        )

    @staticmethod
    def _is_to_be_made(call: Call) -> bool:
        """Whether a call-back has not been made: it has no trunk, and no answer."""
        return call.answered is None and not call.trunk


def _talks(callers: Sequence[Callers], seed: int) -> Times:
    """Talk seconds of every caller, kind after kind."""
    drawn = [
        each.talk.draw(many(seed, "talk", each.kind), len(each))
        if isinstance(each.talk, Talk)
        else np.asarray(each.talk, dtype=np.float64)
        for each in callers
    ]
    return np.concatenate(drawn) if drawn else np.zeros(0)
