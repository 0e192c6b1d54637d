"""The consistency check: which rules of a caucus a published report breaks.

E1 to E10 cannot happen in a legal caucus; S1 and S2 are soft. As attendance counts the total
of the first alignment, since Iowa published no sign-in totals.

=====  ==================================================================================
E1     more people at the final alignment than at the first
E2     a group viable at first has fewer people at the end, and had not to give up
E3     a delegate for a group that is not viable
E4     no delegate for a viable group (unless E7)
E5     delegates given are not the number to elect
E6     more people, fewer delegates
E7     more viable groups than delegates at the end
E8     the award does not follow from the first total, whatever the coins (not with E7)
E9     nor from any attendance between the two totals, or up to three above (not with E7)
E10    one alignment is missing
S1     people left in a group that is not viable
S2     the two totals differ
=====  ==================================================================================

With one delegate there is no threshold, so only E1, E5, E6, E10 and S2 apply; at satellites,
which elect none, E1, E2, E10 and the soft ones. Without a first alignment only E1, E5, E6 and
E10 can be told, without a final one E5 and E10. Counting E1 to E6, E9 and E10 gives the
published 13.5 % of precincts, with E7 16.3 %.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulators.world.awards import Flags, Ints, reproducible, thresholds
from simulators.world.caucus import CaucusError, possible_awards, viable
from simulators.world.preferences import DELEGATES, FINAL, FIRST
from simulators.world.realignment import shrunken
from simulators.world.rules import IOWA_2020, RuleSet, threshold

TRIES = 20_000
"""Most attendances above the smaller total that are tried."""

_AT_ONCE = 64
_MOST = 10_000_000

CODES = ("E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E9", "E10", "S1", "S2")
HARD = ("E1", "E2", "E3", "E4", "E5", "E6", "E9", "E10")
"""The codes of the published rate; E7 is counted beside them, E8 is the strict form of E9."""

MARGIN = 3
"""People above the larger total that an attendance may plausibly be."""


def broken_rules(
    values: Sequence[int], delegates: int, rules: RuleSet = IOWA_2020
) -> tuple[str, ...]:
    """Codes of the rules that one report breaks, in the order of :data:`CODES`.

    Args:
        values: The 43 cells of the report.
        delegates: Delegates that the precinct elects; 0 for a satellite.

    Example:
        >>> first = (0, 4, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0)
        >>> given = (0, 3, 0, 0, 0, 0, 1, 0, 3, 0, 0, 0, 0, 0)
        >>> broken_rules((11, *first, *first, *given), 7)
        ('E8', 'E9')
    """
    first, final, given = values[FIRST], values[FINAL], values[DELEGATES]
    total, last = sum(first), sum(final)
    broken = {"E1"} if last > total else set()
    if (total == 0) != (last == 0):
        broken.add("E10")
    if delegates and sum(given) != delegates:
        broken.add("E5")
    if delegates and last and _fewer_for_more(final, given):
        broken.add("E6")
    if total and last:
        broken |= {"S2"} if total != last else set()
        if delegates != 1:
            broken |= _viability(first, final, given, delegates, rules)
    if rules.adds_delegates and "E5" in broken:
        broken -= _allowed_extra(final, given, delegates, total, rules)
    return tuple(code for code in CODES if code in broken)


def _viability(
    first: Sequence[int],
    final: Sequence[int],
    given: Sequence[int],
    delegates: int,
    rules: RuleSet,
) -> set[str]:
    total = sum(first)
    entitled = viable(final, delegates, total, rules)
    broken = {"E2"} if shrunken(first, final, delegates, rules) else set()
    if any(0 < people < threshold(delegates, total, rules) for people in final):
        broken.add("S1")
    if not delegates:
        return broken
    if any(seats for at, seats in enumerate(given) if at not in entitled):
        broken.add("E3")
    if len(entitled) > delegates and not rules.adds_delegates:
        return broken | {"E7"}
    if not all(given[at] for at in entitled):
        broken.add("E4")
    if not _allowed(final, given, delegates, total, rules):
        broken.add("E8")
        low, high = sorted((total, sum(final)))
        if not any(
            _allowed(final, given, delegates, attendance, rules)
            for attendance in range(low, min(high + MARGIN, low + TRIES) + 1)
        ):
            broken.add("E9")
    return broken


def _allowed(
    final: Sequence[int], given: Sequence[int], delegates: int, attendance: int, rules: RuleSet
) -> bool:
    try:
        return tuple(given) in possible_awards(final, delegates, attendance, rules)
    except CaucusError:
        return False


def _allowed_extra(
    final: Sequence[int], given: Sequence[int], delegates: int, total: int, rules: RuleSet
) -> set[str]:
    """E5, where the rules add delegates for surplus viable groups and the sum is just that."""
    if not total or delegates < 2:
        return set()
    standing = len(viable(final, delegates, total, rules))
    return {"E5"} if sum(given) == max(delegates, standing) else set()


def _fewer_for_more(final: Sequence[int], given: Sequence[int]) -> bool:
    ranked = sorted(zip(final, given, strict=True))
    most = 0
    for people in sorted(set(final)):
        seats = [s for p, s in ranked if p == people]
        if min(seats) < most:
            return True
        most = max(most, *seats)
    return False


def broken_rules_many(
    values: NDArray[np.integer], delegates: NDArray[np.integer], rules: RuleSet = IOWA_2020
) -> Flags:
    """The same for many reports.

    Args:
        values: Reports, shape (n, 43).
        delegates: Delegates that each precinct elects, shape (n,); 0 for a satellite.

    Returns:
        Flags, shape (n, 12), in the order of :data:`CODES`.
    """
    # Beyond ten million people the rest of the arithmetic would overflow; nothing legal is near.
    cells = np.ascontiguousarray(np.clip(values, -_MOST, _MOST).T, dtype=np.int32)
    first, final, given = cells[FIRST], cells[FINAL], cells[DELEGATES]
    elect = delegates.astype(np.int32)
    total, last = first.sum(axis=0, dtype=np.int32), final.sum(axis=0, dtype=np.int32)
    both = (total != 0) & (last != 0)
    grouped = both & (elect != 1)
    needed = np.maximum(1, thresholds(elect, total, rules))
    entitled = final >= needed
    standing = entitled.sum(axis=0, dtype=np.int32)
    sum_given = given.sum(axis=0, dtype=np.int32)
    target = _target(elect, standing, total, rules)
    judged = grouped & (elect > 0)
    flags = np.zeros((len(elect), len(CODES)), dtype=bool)
    broken = {code: flags[:, at] for at, code in enumerate(CODES)}
    broken["E1"][:] = last > total
    broken["E2"][:] = grouped & _shrank(first, final, needed, elect, rules)
    broken["E3"][:] = judged & np.any(~entitled & (given != 0), axis=0)
    if not rules.adds_delegates:
        broken["E7"][:] = judged & (standing > elect)
    told = judged & ~broken["E7"]
    broken["E4"][:] = told & np.any(entitled & (given == 0), axis=0)
    broken["E5"][:] = (elect > 0) & (sum_given != elect) & (sum_given != target)
    broken["E6"][:] = (elect > 0) & (last != 0) & _fewer_for_more_many(final, given)
    broken["E8"][told] = ~reproducible(
        final[:, told], given[:, told], elect[told], total[told], rules
    )
    broken["E9"][:] = _never(final, given, elect, total, last, broken["E8"], rules)
    broken["E10"][:] = (total == 0) != (last == 0)
    broken["S1"][:] = grouped & np.any((final > 0) & ~entitled, axis=0)
    broken["S2"][:] = both & (total != last)
    return flags


def any_hard(flags: Flags, *, with_extra_groups: bool = False) -> Flags:
    """Whether each report breaks a rule of :data:`HARD`, shape (n,); E7 too if asked."""
    codes = (*HARD, "E7") if with_extra_groups else HARD
    found: Flags = np.any(flags[:, [CODES.index(code) for code in codes]], axis=1)
    return found


def _target(elect: Ints, standing: Ints, total: Ints, rules: RuleSet) -> Ints:
    if not rules.adds_delegates:
        return elect
    return np.where((total != 0) & (elect > 1), np.maximum(elect, standing), elect)


def _shrank(first: Ints, final: Ints, needed: Ints, elect: Ints, rules: RuleSet) -> Flags:
    were = first >= needed
    shrank = were & (final < first)
    dissolved = shrank & (final == 0)
    surplus = were.sum(axis=0) - elect
    excused = (elect > 0) & (dissolved.sum(axis=0) <= surplus)
    if rules.adds_delegates:
        excused[:] = False
    found: Flags = np.any(shrank & ~(dissolved & excused), axis=0)
    return found


def _fewer_for_more_many(final: Ints, given: Ints) -> Flags:
    """Whether some group has more people and fewer delegates than another.

    With people and delegates packed into one number, a group offends if its delegates are
    fewer than the most given to anyone smaller; only groups with delegates can be that anyone.
    """
    found = np.zeros(final.shape[1], dtype=bool)
    for at in range(len(final)):
        rows = np.flatnonzero(given[at] > 0)
        if len(rows):
            bigger = final[:, rows] > final[at, rows]
            found[rows] |= np.any(bigger & (given[:, rows] < given[at, rows]), axis=0)
    return found


def never_explained(
    first: Ints, final: Ints, given: Ints, elect: Ints, rules: RuleSet = IOWA_2020
) -> Flags:
    """E9 for arrays of shape (groups, precincts): no plausible attendance gives the award."""
    total, last = first.sum(axis=0, dtype=np.int32), final.sum(axis=0, dtype=np.int32)
    return _never(final, given, elect, total, last, np.ones(len(elect), dtype=bool), rules)


def _never(
    final: Ints, given: Ints, elect: Ints, total: Ints, last: Ints, suspects: Flags, rules: RuleSet
) -> Flags:
    """Among the suspects, the awards that no plausible attendance explains."""
    never = suspects.copy()
    low = np.minimum(total, last)
    high = np.minimum(np.maximum(total, last) + MARGIN, low + TRIES)
    rows = np.flatnonzero(suspects)
    while len(rows):
        # One column for each precinct and attendance, a handful of attendances at a time.
        spans = np.minimum(high[rows] - low[rows] + 1, _AT_ONCE)
        column = np.repeat(np.arange(len(rows)), spans)
        offset = np.arange(len(column)) - np.repeat(np.cumsum(spans) - spans, spans)
        tried = rows[column]
        attendance = (low[tried] + offset).astype(np.int32)
        fits = reproducible(final[:, tried], given[:, tried], elect[tried], attendance, rules)
        never[tried[fits]] = False
        low[rows] += _AT_ONCE
        rows = rows[never[rows] & (low[rows] <= high[rows])]
    return never
