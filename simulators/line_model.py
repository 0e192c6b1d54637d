"""The line between people and a modelled app: who is on a bad one, and what it does to them.

Times are seconds; in virtual time a wall second is a drill second. What hangs on how many bytes
are sent (a narrow line, one that ends after so many bytes) is not modelled.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TIME_OUT = 0.2  # of TCP's retransmission: the least that Linux waits; it doubles each time
DOUBLINGS = 8
PATIENCE = 30.0  # how long a client waits where nobody says how long


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the people, by position in the plan: the same ones in every run, on both clocks.

    Attributes:
        share: Of the people, spread evenly over them.
        after: Share of the people who are in groups that come before this one.
        apart: Who is in none of the groups that go by share.
        people: Who is in this one, where they were picked one by one; None where a share tells.
    """

    share: float = 1.0
    after: float = 0.0
    apart: frozenset[int] = frozenset()
    people: frozenset[int] | None = None

    def has(self, index: int) -> bool:
        """Whether the person at this place in the plan is one of them."""
        if self.people is not None:
            return index in self.people
        return goes_through(index, self.share, self.after) and index not in self.apart

    def told(self) -> dict[str, Any]:
        """As another process is told of it."""
        if self.people is not None:
            return {"people": sorted(self.people)}
        return {"share": self.share, "after": self.after, "apart": sorted(self.apart)}


def group_told(told: Mapping[str, Any]) -> Group:
    """The group that another process tells of.

    Example:
        >>> group_told(Group(0.2, 0.5).told()) == Group(0.2, 0.5)
        True
    """
    if "people" in told:
        return Group(people=frozenset(told["people"]))
    return Group(told["share"], told["after"], frozenset(told.get("apart", ())))


@dataclass(frozen=True, slots=True)
class LineFault:
    """Something is wrong with the line of some of the people.

    Attributes:
        what: ``latency``, ``loss``, ``reset`` or ``black_hole``.
        group: Whose line.
        delay: For ``latency``: seconds each way; for ``reset``: seconds until it happens.
        jitter: For ``latency``: seconds that it takes more or less than that.
        loss: For ``loss``: share of the packets.
    """

    name: str
    what: str
    start: float
    end: float
    group: Group
    delay: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0

    def touches(self, index: int, now: float) -> bool:
        """Whether it is on, for this person."""
        return self.start <= now < self.end and self.group.has(index)

    def ends(self, now: float, within: float | None) -> tuple[float, str] | None:
        """When and how an exchange ends that is begun now and never arrives; None if it arrives.

        Args:
            within: Seconds that the person waits; None for as long as clients do.
        """
        if self.what == "reset":
            return now + self.delay, "connection reset"
        if self.what == "black_hole":
            return min(now + (PATIENCE if within is None else within), self.end), "gave up waiting"
        return None

    def takes(self, rng: random.Random) -> float:
        """Seconds by which a small message comes later, one way."""
        if self.what == "latency":
            return max(0.0, self.delay + rng.uniform(-self.jitter, self.jitter))
        if self.what == "loss":
            losses = 0
            while losses <= DOUBLINGS and rng.random() < self.loss:
                losses += 1
            return float(TIME_OUT * (2**losses - 1))
        return 0.0


class Lines:
    """Every line fault of a night.

    Args:
        seed: Decides jitter and losses.
    """

    def __init__(self, faults: Iterable[object], seed: int) -> None:
        self.faults = [each for each in faults if isinstance(each, LineFault)]
        self._rng = random.Random(f"{seed}/lines")

    def of(self, index: int, now: float) -> Sequence[LineFault]:
        """What is wrong with a person's line now."""
        return [each for each in self.faults if each.touches(index, now)]

    def swallowed(
        self, faults: Sequence[LineFault], now: float, within: float | None,
        touched: dict[str, int],
    ) -> tuple[float, str] | None:  # fmt: skip
        """When and how an exchange ends whose request never arrives; None if it arrives."""
        for each in faults:
            if (ending := each.ends(now, within)) is not None:
                touched[each.name] += 1
                return ending
        return None

    def take(self, faults: Sequence[LineFault], touched: dict[str, int]) -> float:
        """Seconds by which a message comes later, one way; what did it is counted."""
        later = 0.0
        for each in faults:
            takes = each.takes(self._rng)
            touched[each.name] += takes > 0
            later += takes
        return later


def goes_through(index: int, share: float, after: float = 0.0) -> bool:
    """Whether a person's traffic is among the ``share`` that a network fault can touch.

    The same people in every run and on both clocks: the choice depends on the index alone. It
    walks around the circle by the golden section, which spreads any number of people in a row
    evenly: of n people the count is off by no more than about log(n).

    Args:
        after: Share of the people who go by ways that come before this one.

    Example:
        >>> sum(goes_through(index, 0.2) for index in range(10_000))
        2001
        >>> [index for index in range(10) if goes_through(index, 0.3, after=0.5)]
        [1, 6, 9]
    """
    return after <= index * _GOLDEN % _CIRCLE / _CIRCLE < after + share


_CIRCLE = 2**32
_GOLDEN = 2_654_435_769  # the circle divided by the golden section
