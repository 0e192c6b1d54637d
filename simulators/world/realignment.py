"""Realignment: what the rules allow between the first and the final alignment."""

from __future__ import annotations

from collections.abc import Sequence

from simulators.world.caucus import viable
from simulators.world.rules import IOWA_2020, RuleSet, threshold


def realignment_faults(
    first: Sequence[int], final: Sequence[int], delegates: int, rules: RuleSet = IOWA_2020
) -> list[str]:
    """What is illegal about a final alignment, in plain words; empty where it is legal.

    A viable group is locked and cannot shrink (new in 2020), unless there are more viable
    groups than delegates and it is one of those that had to give up. Nobody joins late.
    Only viable groups keep people. With one delegate there are no groups and no realignment.

    Args:
        first: People in each group at the first alignment; their sum is the attendance.
        final: The same after realignment.
        delegates: Delegates to elect; 0 for a satellite.

    Example:
        >>> realignment_faults((60, 30, 10), (60, 20, 15), 5)
        ['group 1 was viable with 30 and shrank to 20']
    """
    attendance = sum(first)
    faults = []
    if sum(final) > attendance:
        faults.append(f"{sum(final)} people at the final alignment, {attendance} at the first")
    if delegates == 1:
        return faults
    faults += [
        f"group {at} was viable with {first[at]} and shrank to {final[at]}"
        for at in shrunken(first, final, delegates, rules)
    ]
    least = threshold(delegates, attendance, rules)
    faults += [
        f"group {at} keeps {people} people, but {least} are needed"
        for at, people in enumerate(final)
        if 0 < people < least
    ]
    standing = len(viable(final, delegates, attendance, rules))
    if delegates and standing > delegates and not rules.adds_delegates:
        faults.append(f"{standing} viable groups for {delegates} delegates")
    return faults


def shrunken(
    first: Sequence[int], final: Sequence[int], delegates: int, rules: RuleSet = IOWA_2020
) -> list[int]:
    """Groups viable at first that lost people without having had to give up.

    Where more groups were viable than there are delegates, that many groups may have
    dissolved altogether: the rules send the smallest back.
    """
    were = viable(first, delegates, sum(first), rules)
    shrank = [at for at in were if final[at] < first[at]]
    dissolved = [at for at in shrank if final[at] == 0]
    surplus = len(were) - delegates if delegates and not rules.adds_delegates else 0
    excused = set(dissolved) if len(dissolved) <= surplus else set()
    return [at for at in shrank if at not in excused]
