"""What a night asks of its phones, and the line that the cast has for it.

Times are drill seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulators.people.cast import Staffing
from simulators.people.shifts import Duty, Shift, duties
from simulators.phones.callers import Callers, Times
from simulators.phones.queue_model import Line
from simulators.staffing import scaled_up

NUISANCE = "nuisance"
"""Begins the kinds of callers whose wait nobody minds."""


@dataclass(frozen=True)
class Demand:
    """What a night asks of one group of trunks.

    Attributes:
        callers: Who dials, by kind. Kinds of nuisance callers begin with :data:`NUISANCE`.
        line: What answers in the cast as it is.
        staffing: Agents, shifts and walk-outs as the cast has them; None where the app answers.
        unphoned: When results came in without a call, by app or photo, ascending.
        results: All results that there are; 0 where calls bring in no single results.
        until: When the night closes.
    """

    callers: tuple[Callers, ...]
    line: Line
    staffing: Staffing | None
    unphoned: Times
    results: int
    until: float

    @property
    def waiting_kinds(self) -> tuple[str, ...]:
        """Kinds of callers whose wait matters."""
        return tuple(each.kind for each in self.callers if not each.kind.startswith(NUISANCE))

    def with_line(self, *, agents: int | None, trunks: int | None) -> Line:
        """The line with other numbers. Shifts are enlarged alike; walk-outs keep their share."""
        if self.staffing is None or agents is None:
            return replace(self.line, trunks=trunks)
        duty = duty_of(self.staffing, agents, self.until)
        people = max((max(each.agents, default=-1) + 1 for each in duty), default=agents)
        return replace(self.line, agents=max(people, 1), trunks=trunks, duty=duty)


def duty_of(staffing: Staffing, agents: int, until: float) -> tuple[Duty, ...]:
    """Who of ``agents`` people is on duty when; nothing if all always are.

    Example:
        >>> halves = Staffing(shifts=(Shift(10, ends=100.0), Shift(10, begins=100.0)))
        >>> [(duty.at, len(duty.agents)) for duty in duty_of(halves, 40, 200.0)]
        [(0.0, 20), (100.0, 20)]
    """
    if not staffing.shifts and not staffing.walk_outs:
        return ()
    shifts = staffing.shifts or (Shift(agents),)
    share = agents / sum(shift.agents for shift in shifts)
    grown = [replace(each, agents=scaled_up(each.agents, share)) for each in shifts]
    return duties(grown, staffing.walk_outs, until=until)
