"""A night on which nobody waits: agents and trunks enough for everybody at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from simulators.behaviours.protocol import Conversation, Keyed
from simulators.lines import AgentLine, Lines, Operators, never, nobody
from simulators.people.cast import Cast
from simulators.people.person import Person
from simulators.phones.hotline import Call, Hotline
from simulators.plan import Plan
from simulators.stage import Participant
from simulators.strike_plan import StrikePlan


class Unhurried:
    """A plan whose calls are all answered at once: agents and trunks enough for everybody.

    Args:
        plan: The night; the agents are its own, each at many phones.
    """

    def __init__(self, plan: Plan | StrikePlan) -> None:
        self._plan = plan

    def participants(self, shard: int = 0, shards: int = 1) -> Iterator[Participant]:
        """Everybody, as planned."""
        return self._plan.participants(shard, shards)

    def lines(self, shard: int = 0, shards: int = 1) -> Lines:
        """The same lines without limits."""
        lines = self._plan.lines(shard, shards)
        return Lines(
            agents=tuple(self._endless(line) for line in lines.agents),
            menus=tuple(replace(line, trunk="") for line in lines.menus),
            inboxes=lines.inboxes,
        )

    def _endless(self, line: AgentLine) -> AgentLine:
        people = len(line.hotline.on_duty)
        return replace(
            line,
            hotline=Hotline(agents=max(self._plan.count, 1)),
            operators=_AtManyPhones(line.operators, people),
            trunk="", duty=(), calls_back=never, barred=nobody,
        )  # fmt: skip


@dataclass(frozen=True)
class _AtManyPhones:
    """Operators of whom each answers several phones at a time."""

    operators: Operators
    people: int

    def take(
        self, agent: int, call: Call, report: Keyed | None
    ) -> tuple[Person, Conversation, float]:
        """The operator at this phone."""
        return self.operators.take(agent % self.people, call, report)


def undisturbed(cast: Cast) -> Cast:
    """The cast without what the queue model adds itself: calls cut off, and callers away."""
    return replace(cast, hotline=replace(cast.hotline, cut_off=0.0, away=0.0))
