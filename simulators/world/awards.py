"""Exact caucus arithmetic for many precincts at once.

The rules are those of ``caucus``. Arrays of groups have shape (groups, precincts), one row a
group: sums over a precinct's groups then run along whole rows, which is what makes this fast.
All numbers are whole; attendance x delegates must stay below 2**30.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from simulators.world.rules import IOWA_2020, RuleSet

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

_FAR = np.iinfo(np.int64).max // 4
_NONE = np.iinfo(np.int32).max


def thresholds(delegates: Ints, attendance: Ints, rules: RuleSet = IOWA_2020) -> Ints:
    """People a group needs to be viable, for each precinct: ``rules.threshold`` for arrays.

    0 where one delegate is elected; delegates of 0 mean a satellite.
    """
    parts, whole, grouped = _shares(rules)
    row = np.minimum(delegates, len(parts) - 1)
    needed: Ints = -(-attendance * parts[row] // whole[row])
    needed *= grouped[row]
    return needed


@cache
def _shares(rules: RuleSet) -> tuple[Ints, Ints, Ints]:
    """Numerator, denominator and whether there are groups at all, by delegates from 0 to 4."""
    shares = [rules.share(delegates) for delegates in range(5)]
    parts, whole = np.array(shares, dtype=np.int32).T
    return parts, whole, np.array([1, 0, 1, 1, 1], dtype=np.int32)


def award_many(
    final: Ints,
    delegates: Ints,
    attendance: Ints,
    ties: NDArray[np.float32],
    rules: RuleSet = IOWA_2020,
) -> Ints:
    """Delegates of each group of each precinct: ``caucus.award`` for arrays.

    Where the scalar function refuses, this gives what can be given: nobody viable, no
    delegates; more viable groups than delegates under rules that send one back, one each.

    Args:
        final: People at the final alignment, shape (groups, precincts).
        delegates: Delegates to elect; precincts with 0 (satellites) are given none.
        attendance: People at the first alignment.
        ties: One random number a group, the shape of ``final``: the larger wins a place, or
            keeps one.
    """
    needed = np.maximum(1, thresholds(delegates, attendance, rules))
    entitled = final >= needed
    people = np.maximum(attendance, 1)
    seats: Ints = (2 * final * delegates + people) // (2 * people)
    seats *= entitled
    _elect_one(seats, final, delegates, ties)
    standing = entitled.sum(axis=0, dtype=np.int32)
    target = np.maximum(delegates, standing) if rules.adds_delegates else delegates
    surplus = seats.sum(axis=0, dtype=np.int32) - target
    several = (delegates > 1) & (standing > 0)
    for step in (-1, 1):
        rows = np.flatnonzero(several & (surplus * step < 0))
        if len(rows):
            _repair(seats, rows, step, final, delegates, people, entitled, ties, surplus)
    return seats


def _elect_one(seats: Ints, final: Ints, delegates: Ints, ties: NDArray[np.float32]) -> None:
    rows = np.flatnonzero(delegates == 1)
    if len(rows):
        at = np.argmax(final[:, rows] + 0.5 * ties[:, rows], axis=0)
        seats[:, rows] = 0
        seats[at, rows] = final[:, rows].any(axis=0)


def _repair(
    seats: Ints,
    rows: NDArray[np.intp],
    step: int,
    final: Ints,
    delegates: Ints,
    people: Ints,
    entitled: Flags,
    ties: NDArray[np.float32],
    surplus: Ints,
) -> None:
    """Give (+1) or take (-1) delegates one by one in these precincts, until the sums are right.

    The group rounded up the most loses one, the one rounded down the most gains one; among
    equals the largest drawn number decides.
    """
    mine, may, drawn, crowd = seats[:, rows], entitled[:, rows], ties[:, rows], people[rows]
    claim = (final[:, rows] * delegates[rows] - mine * crowd) * step
    todo = np.abs(surplus[rows])
    columns = np.arange(len(rows))
    while True:
        open_claims = np.where(may & (mine >= 2) if step < 0 else may, claim, -_NONE)
        best = open_claims.max(axis=0)
        at = np.where(open_claims == best, drawn, np.float32(-1)).argmax(axis=0)
        able = (todo > 0) & (best > -_NONE)
        if not able.any():
            break
        mine[at, columns] += step * able
        claim[at, columns] -= crowd * able
        todo -= able
    seats[:, rows] = mine


def reproducible(
    final: Ints,
    awarded: Ints,
    delegates: Ints,
    attendance: Ints,
    rules: RuleSet = IOWA_2020,
) -> Flags:
    """Whether each award is one that the rules allow, coins falling as they may.

    Giving places one by one to the group nearest its next whole number ends with the places of
    lowest cost filled, whatever the order of ties. So an award is allowed exactly if the
    dearest place given costs no more than the cheapest one withheld; taking away mirrors that.

    Precincts with one delegate are allowed any largest group; precincts without a viable group
    or with more of them than delegates (where the rules send one back) are never reproducible.
    """
    needed = np.maximum(1, thresholds(delegates, attendance, rules))
    entitled = final >= needed
    standing = entitled.sum(axis=0)
    people = np.maximum(attendance, 1).astype(np.int64)
    exact = final * delegates.astype(np.int64)
    plain = np.where(entitled, (2 * exact + people) // (2 * people), 0)
    target = np.maximum(delegates, standing) if rules.adds_delegates else delegates
    moved = awarded - plain
    missing = target - plain.sum(axis=0)
    sums = (awarded.sum(axis=0) == target) & ~np.any(moved * ~entitled, axis=0)
    one_way = np.all(moved * np.where(missing < 0, -1, 1) >= 0, axis=0)
    given = np.where(moved > 0, awarded * people - exact, -_FAR).max(axis=0)
    withheld = np.where(entitled, (awarded + 1) * people - exact, _FAR).min(axis=0)
    taken = np.where(moved < 0, (awarded + 1) * people - exact, _FAR).min(axis=0)
    kept = np.where(entitled & (awarded >= 2), awarded * people - exact, -_FAR).max(axis=0)
    only = np.any((moved < 0) & (awarded < 1), axis=0)
    fair = np.where(missing < 0, (taken >= kept) & ~only, given <= withheld)
    legal = (standing > 0) & (attendance >= 1)
    if not rules.adds_delegates:
        legal &= standing <= delegates
    many: Flags = legal & sums & one_way & fair
    one = delegates == 1
    if one.any():
        best = (final == final.max(axis=0)) & (final > 0)
        lone = (awarded.sum(axis=0) == 1) & np.any(best & (awarded == 1), axis=0)
        many = np.where(one, lone, many)
    return many
