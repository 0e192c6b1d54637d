"""The results hotline as a state machine: trunks, agents and one line of waiting callers.

It knows nothing of clocks or randomness: it is told what happens and when, and says who is
answered. ``simulators.stage`` drives it on the drill clock, in virtual and in real time.
Times are drill seconds since the drill began. Callers are served in order of arrival.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from dataclasses import dataclass


@dataclass(slots=True)
class Call:
    """One phone call, filled in as it goes.

    Attributes:
        caller: Index of the participant who dials.
        line: The line dialled.
        record: The precinct reported, empty for help and nuisance calls.
        cause: How it ended: ``served``, ``busy``, ``abandoned``, ``app`` (the app worked after
            all), or ``closed`` (the drill was over).
    """

    caller: int
    line: str
    record: str
    dialled: float
    answered: float | None = None
    ended: float | None = None
    agent: int | None = None
    cause: str = ""

    @property
    def held(self) -> float:
        """Seconds on hold, up to the answer or the end of the call."""
        until = self.answered if self.answered is not None else self.ended
        return 0.0 if until is None else until - self.dialled


class Hotline:
    """A line with ``agents`` who answer and, if limited, ``trunks`` that calls occupy.

    Args:
        agents: People who answer, at least 1. They are numbered from 0.
        trunks: Calls the line carries at once, held and answered together; None for no limit.

    Raises:
        ValueError: If there is no agent, or there are fewer trunks than one.
    """

    def __init__(self, *, agents: int, trunks: int | None = None) -> None:
        if agents < 1:
            raise ValueError(f"agents={agents}, but a hotline needs at least 1.")
        if trunks is not None and trunks < 1:
            raise ValueError(
                f"trunks={trunks}, but a hotline needs at least 1, or None for no limit."
            )
        self._free = list(range(agents))  # a heap: the lowest free number answers
        self._trunks = trunks
        self._in_use = 0
        self._holding: OrderedDict[int, Call] = OrderedDict()  # by id(call), in order of arrival

    @property
    def holding(self) -> int:
        """Callers on hold now."""
        return len(self._holding)

    def dial(self, call: Call, now: float) -> bool:
        """Take a new call. True if it is connected: answered (``call.agent``) or holding."""
        if self._trunks is not None and self._in_use >= self._trunks:
            call.ended, call.cause = now, "busy"
            return False
        self._in_use += 1
        if self._free:
            self._answer(call, heapq.heappop(self._free), now)
        else:
            self._holding[id(call)] = call
        return True

    def leave(self, call: Call, now: float, cause: str) -> bool:
        """The caller hangs up while holding. False if the call is no longer on hold."""
        if self._holding.pop(id(call), None) is None:
            return False
        call.ended, call.cause = now, cause
        self._in_use -= 1
        return True

    def end(self, call: Call, now: float, cause: str = "served") -> None:
        """An answered call ends. Its agent stays occupied until :meth:`free`."""
        call.ended, call.cause = now, cause
        self._in_use -= 1

    def free(self, agent: int, now: float) -> Call | None:
        """An agent is free again; the longest-holding caller, if any, is answered and returned."""
        if not self._holding:
            heapq.heappush(self._free, agent)
            return None
        _, call = self._holding.popitem(last=False)
        self._answer(call, agent, now)
        return call

    @staticmethod
    def _answer(call: Call, agent: int, now: float) -> None:
        call.answered, call.agent = now, agent
