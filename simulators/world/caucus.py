"""Exact caucus arithmetic for one precinct, in whole numbers.

The same arithmetic for many precincts at once is in ``awards``; the tests hold the two equal.
A *group* is the people of one preference, uncommitted included. The attendance is the count
at the first alignment and never changes, even when people leave.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from simulators.world.rules import IOWA_2020, RuleSet, threshold

Draw = Callable[[Sequence[int]], int]
"""Picks one of the tied groups, given their positions."""


class CaucusError(ValueError):
    """Counts from which the rules award no delegates."""


def coin(rng: Random) -> Draw:
    """A fair draw among tied groups."""
    return lambda tied: rng.choice(tied)


def viable(
    groups: Sequence[int], delegates: int, attendance: int, rules: RuleSet = IOWA_2020
) -> list[int]:
    """Positions of the groups that reach the threshold; anyone at all with one delegate."""
    least = max(1, threshold(delegates, attendance, rules))
    return [at for at, people in enumerate(groups) if people >= least]


def award(
    groups: Sequence[int],
    delegates: int,
    attendance: int,
    draw: Draw,
    rules: RuleSet = IOWA_2020,
) -> tuple[int, ...]:
    """Delegates of each group at the final alignment.

    Raw delegates are people x delegates / attendance, rounded half up. One too many is taken
    from the group whose raw number was rounded up the most, never its only delegate; one too
    few goes to the group nearest its next whole number. Exact ties are drawn.

    Args:
        groups: People in each group at the final alignment.
        delegates: Delegates to elect, at least 1.
        attendance: People counted at the first alignment, at least 1.
        draw: Decides exact ties.

    Raises:
        CaucusError: Nobody is viable, or more groups are than there are delegates and the
            rules send the smallest group back to realign.

    Example:
        >>> award((20, 18, 27, 19, 16), 7, 100, draw=lambda tied: tied[0])
        (2, 1, 2, 1, 1)
    """
    entitled = _entitled(groups, delegates, attendance, rules)
    if delegates == 1:
        most = max(groups)
        winner = _decide([at for at in entitled if groups[at] == most], draw)
        return tuple(int(at == winner) for at in range(len(groups)))
    seats = rounded(groups, delegates, attendance, entitled)
    target = max(delegates, len(entitled)) if rules.adds_delegates else delegates
    while sum(seats) != target:
        tied, step = next_step(groups, seats, entitled, delegates, attendance, target)
        seats[_decide(tied, draw)] += step
    return tuple(seats)


def possible_awards(
    groups: Sequence[int], delegates: int, attendance: int, rules: RuleSet = IOWA_2020
) -> set[tuple[int, ...]]:
    """Every award that some fall of the coins allows; more than one only after exact ties.

    Raises:
        CaucusError: As :func:`award`.

    Example:
        >>> sorted(possible_awards((4, 3, 4), 7, 11))
        [(2, 2, 3), (3, 2, 2)]
    """
    entitled = _entitled(groups, delegates, attendance, rules)
    if delegates == 1:
        most = max(groups)
        winners = [at for at in entitled if groups[at] == most]
        return {tuple(int(at == won) for at in range(len(groups))) for won in winners}
    target = max(delegates, len(entitled)) if rules.adds_delegates else delegates
    ends: set[tuple[int, ...]] = set()
    waiting = {tuple(rounded(groups, delegates, attendance, entitled))}
    while waiting:
        seats = waiting.pop()
        if sum(seats) == target:
            ends.add(seats)
            continue
        tied, step = next_step(groups, seats, entitled, delegates, attendance, target)
        waiting |= {(*seats[:at], seats[at] + step, *seats[at + 1 :]) for at in tied}
    return ends


def rounded(
    groups: Sequence[int], delegates: int, attendance: int, entitled: Sequence[int]
) -> list[int]:
    """Raw delegates rounded half up, before any repair; 0 for groups that are not viable."""
    seats = [0] * len(groups)
    for at in entitled:
        seats[at] = (2 * groups[at] * delegates + attendance) // (2 * attendance)
    return seats


def next_step(
    groups: Sequence[int],
    seats: Sequence[int],
    entitled: Sequence[int],
    delegates: int,
    attendance: int,
    target: int,
) -> tuple[list[int], int]:
    """The groups tied for the next repair, and the repair: one more (+1) or one fewer (-1)."""
    if sum(seats) > target:
        # Rounded up the most; compared as whole numbers, both sides times the attendance.
        gains = {
            at: seats[at] * attendance - groups[at] * delegates for at in entitled if seats[at] >= 2
        }
        most = max(gains.values())
        return [at for at, gain in gains.items() if gain == most], -1
    lacks = {at: (seats[at] + 1) * attendance - groups[at] * delegates for at in entitled}
    least = min(lacks.values())
    return [at for at, lack in lacks.items() if lack == least], 1


def _entitled(groups: Sequence[int], delegates: int, attendance: int, rules: RuleSet) -> list[int]:
    if delegates < 1 or attendance < 1:
        raise CaucusError(
            f"delegates={delegates!r} and attendance={attendance!r}, but both must be at least 1. "
            "Satellites elect no delegates: use their pool instead."
        )
    entitled = viable(groups, delegates, attendance, rules)
    if not entitled:
        raise CaucusError(
            f"no group of {tuple(groups)} reaches the threshold of "
            f"{threshold(delegates, attendance, rules)}, so no delegate can be awarded."
        )
    if delegates > 1 and len(entitled) > delegates and not rules.adds_delegates:
        raise CaucusError(
            f"{len(entitled)} viable groups for {delegates} delegates: under {rules.name} the "
            "smallest group must realign first."
        )
    return entitled


def _decide(tied: Sequence[int], draw: Draw) -> int:
    return tied[0] if len(tied) == 1 else draw(tied)
