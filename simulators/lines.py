"""The lines of a night: what can be dialled, who answers it, and which trunks it shares.

A plan hands them over with ``plan.lines(shard, shards)``, dealt out among workers as its people
are; ``simulators.switchboard`` puts the calls through. Times are drill seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from simulators.behaviours.protocol import Conversation, Keyed
from simulators.people.person import Person
from simulators.phones.hotline import Call, Hotline
from simulators.phones.trunks import Trunks

Duty = tuple[tuple[float, tuple[int, ...]], ...]


class Operators(Protocol):
    """The people behind a line or an inbox."""

    def take(
        self, agent: int, call: Call, report: Keyed | None
    ) -> tuple[Person, Conversation, float]:
        """Who answers, what they do while the caller is on the line, and seconds of wrap-up."""
        ...


class Menus(Protocol):
    """The lines that the app itself answers: a model of its menu, or a carrier that calls it.

    While a call lasts, it keeps count in ``call.digits`` of the keys pressed and sets
    ``call.sid`` to the carrier's name of the call. Calls that are open when the drill closes are
    left to it.
    """

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


def never(caller: int) -> float | None:
    """No caller is offered a call-back."""
    return None


def nobody(caller: int) -> bool:
    """No number is barred."""
    return False


@dataclass(frozen=True, slots=True)
class AgentLine:
    """A line that people answer, or an inbox that people read.

    Attributes:
        name: What is dialled: ``results``, ``photos``.
        hotline: Its state; it takes no trunks of its own, because the switchboard does.
        operators: Who answers, by the numbers of the hotline's agents.
        trunk: Its trunk group; empty for a line without limit, and for an inbox.
        channel: How what they key travels: ``hotline``, ``photo`` or ``text``.
        duty: Numbers of the agents on duty from a drill second on, in order of time. Before the
            first, and without any, all are.
        calls_back: Drill seconds on hold after which a caller, given by index, takes the offer to
            be phoned back; None for those who hold on.
        barred: Whether a caller's number is turned away, by index.
    """

    name: str
    hotline: Hotline
    operators: Operators
    trunk: str = ""
    channel: str = "hotline"
    duty: Duty = ()
    calls_back: Callable[[int], float | None] = never
    barred: Callable[[int], bool] = nobody


@dataclass(frozen=True, slots=True)
class MenuLine:
    """A line that the app itself answers with a spoken menu.

    Attributes:
        name: What is dialled.
        trunk: Its trunk group; empty for a line without limit.
        off: When it is out of service, from and until: somebody has switched it off, and calls to
            it fail at once, without a trunk.
    """

    name: str
    trunk: str = ""
    off: tuple[tuple[float, float], ...] = ()

    def is_off(self, now: float) -> bool:
        """Whether it is out of service."""
        return any(since <= now < until for since, until in self.off)


@dataclass(frozen=True)
class Lines:
    """Everything that one worker's people can dial, or send things to.

    Attributes:
        agents: Lines that people answer.
        menus: Lines that the app answers.
        inboxes: What is read later.
        trunks: Trunk groups by name: lines of one group share its trunks.

    Raises:
        ValueError: If two have one name, or a line's trunk group is not there.

    Example:
        >>> Lines(menus=(MenuLine("strike", "main"),))
        Traceback (most recent call last):
        ...
        ValueError: line strike is in the trunk group main, but there is none of that name.
    """

    agents: tuple[AgentLine, ...] = ()
    menus: tuple[MenuLine, ...] = ()
    inboxes: tuple[AgentLine, ...] = ()
    trunks: Mapping[str, Trunks] = field(default_factory=dict)

    def __post_init__(self) -> None:
        every: list[AgentLine | MenuLine] = [*self.agents, *self.menus, *self.inboxes]
        name, count = Counter(each.name for each in every).most_common(1)[0] if every else ("", 0)
        if count > 1:
            raise ValueError(f"{count} lines are called {name}; give each a name of its own.")
        for line in every:
            if line.trunk and line.trunk not in self.trunks:
                raise ValueError(
                    f"line {line.name} is in the trunk group {line.trunk}, "
                    "but there is none of that name."
                )
