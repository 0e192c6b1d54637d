"""The results hotline as a state machine: agents and one line of waiting callers.

It knows nothing of clocks or randomness: it is told what happens and when, and says who is
answered. ``simulators.stage`` drives it on the drill clock, in virtual and in real time, and
``simulators.phones.queue_model`` drives the same machine alone and fast. An inbox of photos or
texts that people read later is one too: its callers are what was sent, its agents read.

Times are drill seconds since the drill began. Callers are served in order of arrival.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass

from simulators.phones.trunks import Trunks


@dataclass(slots=True)
class Call:
    """One phone call, filled in as it goes.

    Attributes:
        caller: Index of the participant who dials.
        line: The line dialled.
        record: The precinct reported, empty for help and nuisance calls.
        cause: How it ended: ``served``, ``busy`` (no trunk), ``full`` (no place to wait),
            ``abandoned``, ``called_back`` (left the line to be phoned), ``app`` (the app worked
            after all), ``silent`` (nobody spoke when it was answered), ``barred`` (the number is
            turned away), ``hung_up`` (a spoken menu was walked to its end), ``app_hung_up``,
            ``dropped`` (by the network), ``failed`` (no answer from the network), or ``closed``
            (the drill was over).
        id: Names the call across ledger and carrier.
        trunk: The trunk group it occupies; empty where it needs none, as when it is phoned back.
        digits: Keys pressed in it.
        sid: The carrier's name for it.
    """

    caller: int
    line: str
    record: str
    dialled: float
    answered: float | None = None
    ended: float | None = None
    agent: int | None = None
    cause: str = ""
    id: str = ""
    trunk: str = ""
    digits: int = 0
    sid: str = ""

    @property
    def held(self) -> float:
        """Seconds on hold, up to the answer or the end of the call."""
        until = self.answered if self.answered is not None else self.ended
        return 0.0 if until is None else until - self.dialled


class Hotline:
    """A line with agents who answer, and callers who hold until one is free.

    Agents are numbered from 0. At first all of them are on duty; :meth:`staff` changes that. The
    lowest free number answers.

    Args:
        agents: People who answer, at least 1.
        trunks: Trunks the line takes for itself: a group, or the size of one of its own. None if
            there is no limit, or where the driver takes and gives them, as the stage does.
        room: Callers who can hold at once; more are turned away as ``full``. None for no limit.

    Raises:
        ValueError: If there is no agent, there are fewer trunks than one, or the room is below 0.
    """

    def __init__(
        self, *, agents: int, trunks: Trunks | int | None = None, room: int | None = None
    ) -> None:
        if agents < 1:
            raise ValueError(f"agents={agents}, but a hotline needs at least 1.")
        if room is not None and room < 0:
            raise ValueError(f"room={room}, but a waiting room holds 0 or more, or None: no limit.")
        self._trunks = Trunks("own", trunks) if isinstance(trunks, int) else trunks
        self._room = room
        self._on_duty = set(range(agents))
        self._free = list(range(agents))  # a heap of those on duty who have no call
        self._leaving: set[int] = set()  # off duty, but with a call to finish
        # Both by id(call), in order of arrival. Calls to be made stand among the callers.
        self._holding: OrderedDict[int, Call] = OrderedDict()
        self._urgent: OrderedDict[int, Call] = OrderedDict()
        self._to_phone: set[int] = set()  # those of them who are not on the line: id(call)

    @property
    def holding(self) -> int:
        """Callers on hold now, without those who wait to be phoned."""
        return len(self._holding) + len(self._urgent) - len(self._to_phone)

    @property
    def to_phone(self) -> int:
        """Callers who wait to be phoned."""
        return len(self._to_phone)

    @property
    def on_duty(self) -> frozenset[int]:
        """Agents who take calls now."""
        return frozenset(self._on_duty)

    def dial(self, call: Call, now: float, *, urgent: bool = False) -> bool:
        """Take a new call. True if it is connected: answered (``call.agent``) or holding.

        Args:
            urgent: It is answered before every call that is not.
        """
        trunks = self._trunks
        if trunks is not None:
            if not trunks.take():
                call.ended, call.cause = now, "busy"
                return False
            call.trunk = trunks.group
        if self._free:
            call.answered, call.agent = now, heapq.heappop(self._free)
            return True
        if self._room is not None and self.holding >= self._room:
            call.ended, call.cause = now, "full"
            if trunks is not None:
                trunks.give()
            return False
        (self._urgent if urgent else self._holding)[id(call)] = call
        return True

    def leave(self, call: Call, now: float, cause: str) -> bool:
        """The caller hangs up while holding. False if the call is no longer on hold.

        A call that waits to be made is withdrawn in the same way.
        """
        key = id(call)
        if self._holding.pop(key, None) is None and self._urgent.pop(key, None) is None:
            return False
        call.ended, call.cause = now, cause
        if key in self._to_phone:
            self._to_phone.discard(key)
        elif self._trunks is not None:
            self._trunks.give()
        return True

    def call_back(self, call: Call, now: float) -> Call | None:
        """The holding caller hangs up and will be phoned in their turn.

        The call ends as ``called_back`` and its trunk is free. Agents phone back on lines of their
        own, which the incoming calls do not fill.

        Returns:
            The call that will be made to them: it keeps their place in the line, and
            :meth:`free` or :meth:`staff` returns it when their turn has come, dialled and
            answered at that moment. None if the call is no longer on hold.
        """
        line = self._urgent if id(call) in self._urgent else self._holding
        if id(call) not in line or id(call) in self._to_phone:
            return None
        back = Call(call.caller, call.line, call.record, now)
        # The place is kept by building the line anew: rare, and it costs what the line is long.
        kept = [back if each is call else each for each in line.values()]
        line.clear()
        line.update((id(each), each) for each in kept)
        self._to_phone.add(id(back))
        call.ended, call.cause = now, "called_back"
        if self._trunks is not None:
            self._trunks.give()
        return back

    def end(self, call: Call, now: float, cause: str = "served") -> None:
        """An answered call ends. Its agent stays occupied until :meth:`free`."""
        call.ended, call.cause = now, cause
        if self._trunks is not None and call.trunk:
            self._trunks.give()

    def free(self, agent: int, now: float) -> Call | None:
        """An agent is free again; the longest-holding caller, if any, is answered and returned.

        Who has gone off duty in the meantime takes no further call.
        """
        if self._leaving and agent in self._leaving:
            self._leaving.remove(agent)
            return None
        line = self._urgent or self._holding
        if not line:
            heapq.heappush(self._free, agent)
            return None
        return self._answer(line, agent, now)

    def staff(self, on_duty: Collection[int], now: float) -> list[Call]:
        """Change who is on duty: a shift, a break, a walk-out. Who has a call finishes it first.

        Args:
            on_duty: Numbers of all agents on duty from now on; nobody, if empty.

        Returns:
            Holding callers who are answered at once by those who have come.
        """
        idle, wanted = set(self._free), set(on_duty)
        busy = (self._on_duty - idle) | self._leaving
        self._on_duty, self._leaving = wanted, busy - wanted
        self._free = sorted(wanted - busy)  # sorted is a heap
        answered = []
        while self._free and (line := self._urgent or self._holding):
            answered.append(self._answer(line, heapq.heappop(self._free), now))
        return answered

    def _answer(self, line: OrderedDict[int, Call], agent: int, now: float) -> Call:
        key, call = line.popitem(last=False)
        if self._to_phone and key in self._to_phone:
            self._to_phone.remove(key)
            call.dialled = now
        call.answered, call.agent = now, agent
        return call
