"""Who is on duty when: shifts, breaks and walk-outs, as changes that a hotline is told of.

Times are drill seconds. Agents of the first shift are numbered from 0, those of the next go on
from there: a second shift is other people, with accounts of their own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

STRICT = ConfigDict(extra="forbid", use_attribute_docstrings=True)
Second = Annotated[float, Field(ge=0)]


@dataclass(frozen=True)
class Shift:
    """Agents who work together from ``begins`` to ``ends``."""

    __pydantic_config__: ClassVar = STRICT

    agents: Annotated[int, Field(ge=1)]
    """People of this shift."""
    begins: Second = 0.0
    """Drill second at which they begin."""
    ends: Annotated[float, Field(gt=0)] | None = None
    """Drill second at which they go home, the last call finished; None for the drill's end."""
    break_every: Annotated[float, Field(gt=0)] | None = None
    """Drill seconds from the end of one break to the next; None for no breaks."""
    break_seconds: Annotated[float, Field(gt=0)] = 900.0
    """Length of a break. Breaks are staggered, so that the shift is never away together."""

    def __post_init__(self) -> None:
        """Refuse a shift that nobody can work.

        Raises:
            ValueError: If it has no agent or does not end after it begins.
        """
        if self.agents < 1:
            raise ValueError(f"agents={self.agents}, but a shift needs at least 1.")
        if self.ends is not None and self.ends <= self.begins:
            raise ValueError(
                f"a shift that begins at {self.begins:g} cannot end at {self.ends:g}; "
                "ends comes after begins."
            )


@dataclass(frozen=True)
class WalkOut:
    """Agents who leave, the call in hand finished: for good, or for a while."""

    __pydantic_config__: ClassVar = STRICT

    at: Second
    """Drill second at which they leave."""
    share: Annotated[float, Field(gt=0, le=1)]
    """Share of those who are there then, breaks included; rounded up to whole people."""
    back: Annotated[float, Field(gt=0)] | None = None
    """Drill second at which they are there again; None for never."""

    def __post_init__(self) -> None:
        """Refuse a share that is none, and a return before the leaving.

        Raises:
            ValueError: If it is not above 0 and at most 1, or they are back too soon.
        """
        if self.back is not None and self.back <= self.at:
            raise ValueError(f"back={self.back:g} comes before at={self.at:g}, when they leave.")
        if not 0 < self.share <= 1:
            raise ValueError(f"share={self.share:g}, but a walk-out takes more than 0, up to 1.")


@dataclass(frozen=True)
class Duty:
    """Who is on duty from a moment on: what :meth:`Hotline.staff` is told."""

    at: float
    agents: frozenset[int]


def duties(
    shifts: Sequence[Shift], walk_outs: Sequence[WalkOut] = (), *, until: float
) -> tuple[Duty, ...]:
    """Every change of who is on duty before ``until``, in order of time; the first is at 0.

    Example:
        Two people, of whom one leaves after an hour; two more come for the second hour:

        >>> evening = [Shift(2), Shift(2, begins=3600)]
        >>> for duty in duties(evening, [WalkOut(at=1800, share=0.5)], until=7200):
        ...     print(f"{duty.at:.0f}", sorted(duty.agents))
        0 [0, 1]
        1800 [0]
        3600 [0, 2, 3]
    """
    spells = _spells(shifts, until)
    for walk_out in sorted(walk_outs, key=lambda each: each.at):
        spells = _walked_out(spells, walk_out)
    moments = {0.0}
    for spell in spells:
        for begins, ends in spell.at_work():
            moments |= {begins, ends}
    changes: list[Duty] = []
    for at in sorted(moment for moment in moments if moment < until):
        agents = frozenset(spell.agent for spell in spells if spell.works(at))
        if not changes or changes[-1].agents != agents:
            changes.append(Duty(at, agents))
    return tuple(changes)


def leavers(shifts: Sequence[Shift], walk_outs: Sequence[WalkOut], at: float, until: float) -> int:
    """How many leave at ``at``, by all walk-outs of that moment.

    Example:
        >>> leavers([Shift(10)], [WalkOut(at=60, share=0.25)], at=60, until=99)
        3
    """
    spells, gone = _spells(shifts, until), 0
    for walk_out in sorted(walk_outs, key=lambda each: each.at):
        gone += len(_leaving(spells, walk_out)) if walk_out.at == at else 0
        spells = _walked_out(spells, walk_out)
    return gone


@dataclass(frozen=True)
class _Spell:
    """One agent's evening: there from ``begins`` to ``ends``, but for breaks and walk-outs."""

    agent: int
    begins: float
    ends: float
    breaks: tuple[tuple[float, float], ...]
    out: tuple[tuple[float, float], ...] = ()

    def at_work(self) -> list[tuple[float, float]]:
        """Stretches between breaks and walk-outs."""
        stretches = [(self.begins, self.ends)]
        for left, back in (*self.breaks, *self.out):
            stretches = [
                piece
                for begins, ends in stretches
                for piece in ((begins, min(ends, left)), (max(begins, back), ends))
                if piece[0] < piece[1]
            ]
        return stretches

    def there(self, at: float) -> bool:
        """Whether they have not gone, breaks included."""
        return self.begins <= at < self.ends and not any(
            left <= at < back for left, back in self.out
        )

    def works(self, at: float) -> bool:
        return any(begins <= at < ends for begins, ends in self.at_work())


def _spells(shifts: Sequence[Shift], until: float) -> list[_Spell]:
    spells: list[_Spell] = []
    for shift in shifts:
        ends = until if shift.ends is None else min(shift.ends, until)
        for place in range(shift.agents):
            breaks = _breaks(shift, place, ends)
            spells.append(_Spell(len(spells), shift.begins, ends, breaks))
    return spells


def _breaks(shift: Shift, place: int, ends: float) -> tuple[tuple[float, float], ...]:
    """One agent's breaks. First ones are spread over a whole round of work and break."""
    if shift.break_every is None:
        return ()
    round_trip = shift.break_every + shift.break_seconds
    at = shift.begins + round_trip * (place + 0.5) / shift.agents
    found = []
    while at < ends:
        found.append((at, at + shift.break_seconds))
        at += round_trip
    return tuple(found)


def _walked_out(spells: Sequence[_Spell], walk_out: WalkOut) -> list[_Spell]:
    """The spells without those who leave, until they are back."""
    gone = _leaving(spells, walk_out)
    back = math.inf if walk_out.back is None else walk_out.back
    return [
        replace(each, out=(*each.out, (walk_out.at, back))) if each.agent in gone else each
        for each in spells
    ]


def _leaving(spells: Sequence[_Spell], walk_out: WalkOut) -> set[int]:
    """A share of those who are there: those of the highest numbers."""
    there = [spell.agent for spell in spells if spell.there(walk_out.at)]
    # Rounded up but for an error of floating point: a tenth of ten people is one.
    count = -int(-(walk_out.share * len(there) - 1e-9) // 1)
    return set(there[len(there) - count :]) if count else set()
