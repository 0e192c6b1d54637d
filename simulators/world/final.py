"""The final alignment: where people of groups that are not viable go.

Viable groups are locked. Groups within reach of the threshold may be made viable by others;
some people leave, a few are still recorded where they stood, the rest join viable groups.
The rates are the published flows of Iowa 2020, see ``simulators.data``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulators.world.awards import Flags, Ints
from simulators.world.meeting import Draws, running_sums, taken_from
from simulators.world.preferences import GROUPS, PREFERENCES
from simulators.world.rules import RuleSet

LEAVING = 0.41
"""Chance that somebody leaves, where somebody is not viable: fitted to 59 % of precincts with
equal totals."""

LOSS_MEDIAN, LOSS_SPREAD = 0.040, 1.09
"""Share of the meeting that leaves, if any does: log-normal; median 4 %, 95th percentile 23 %."""

STAYING = 0.31
"""Chance that some are still recorded in a group that is not viable: fitted to 24 % (S1)."""

STAYING_SHARE = 0.42
"""Most of the people without a viable group who are recorded there: fitted to 6.7 % of them."""

RESCUE = 1.7
"""Chance that a group made viable wants to be, at the threshold; it falls with the fourth power
of size over threshold. Fitted to the published chances (.58 for .8 to 1, .21 for .6 to .8)."""

RESCUED_DRAW = 0.35
"""Pull of a group just made viable on people still free, against one viable at first: fitted."""

FAVOUR = {"buttigieg": 1.55, "warren": 1.3, "klobuchar": 1.6, "biden": 0.95, "sanders": 0.75}
"""Second choices: share of gains over share among viable groups; 0.7 for the others."""

RESCUED = {"yang": 0.35, "steyer": 0.5, "uncommitted": 2.0}
"""Chance of being made viable over that of other preferences: fitted to final shares."""

_RESCUE = RESCUE * np.array([RESCUED.get(name, 1.0) for name in PREFERENCES], dtype=np.float32)
_FAVOUR = np.array([FAVOUR.get(name, 0.7) for name in PREFERENCES], dtype=np.float32)[:, None]
_INDEX = np.arange(GROUPS, dtype=np.int32)[:, None]
_RESCUES = 3  # four groups made viable in one meeting was seen once in 1,556
_UNLIMITED = 1000


@dataclass(frozen=True, slots=True)
class Moves:
    """What is drawn for the realignment of a block; shapes (groups, sites) and (sites,)."""

    rescue: Draws
    pull: Draws
    leaving: Draws
    loss: Draws
    staying: Draws
    stayed: Draws


def draw_moves(sites: int, rng: np.random.Generator) -> Moves:
    """Draw what realignment needs, in a fixed order."""
    return Moves(
        rescue=rng.random((GROUPS, sites), dtype=np.float32),
        pull=rng.standard_exponential((GROUPS, sites), dtype=np.float32),
        leaving=rng.random(sites, dtype=np.float32),
        loss=rng.standard_normal(sites, dtype=np.float32),
        staying=rng.random(sites, dtype=np.float32),
        stayed=rng.random(sites, dtype=np.float32),
    )


def realign(first: Ints, delegates: Ints, needed: Ints, moves: Moves, rules: RuleSet) -> Ints:
    """The final alignment that follows from the first.

    Args:
        first: People at the first alignment, shape (groups, sites).
        delegates: Delegates to elect; with 1 nobody realigns.
        needed: Threshold of each site.
        moves: The numbers drawn.
        rules: What happens with more viable groups than delegates.
    """
    locked = (first >= needed) & (first > 0)
    dissolved: Flags = _dissolve(locked, first, delegates, moves, rules)
    loose = np.where(locked, 0, first)
    free = loose.sum(axis=0, dtype=np.int32)
    homeless: Flags = ~np.any(locked, axis=0)
    left, stay = _leave_and_stay(first, free, needed, homeless, dissolved, moves)
    free -= left + stay
    slots = np.where((delegates > 0) & (not rules.adds_delegates), delegates, _UNLIMITED)
    slots = slots - locked.sum(axis=0, dtype=np.int32)
    rescued = _rescue(loose, needed, free, slots, homeless, dissolved, moves)
    standing = np.where(locked | rescued | (loose > 0) & dissolved, 0, loose)
    final = np.where(locked, first, 0) + rescued * needed
    final += taken_from(
        standing, np.minimum(stay, standing.sum(axis=0, dtype=np.int32)), moves.staying
    )
    final += _join(locked, rescued, free, moves)
    alone = delegates == 1
    final[:, alone] = first[:, alone]
    return final


def _dissolve(locked: Flags, first: Ints, delegates: Ints, moves: Moves, rules: RuleSet) -> Flags:
    """Send the smallest groups back while more are viable than delegates; which columns did."""
    surplus = locked.sum(axis=0, dtype=np.int32) - delegates
    surplus[delegates <= 1] = 0
    rows = np.flatnonzero(surplus > 0) if not rules.adds_delegates else np.zeros(0, dtype=np.intp)
    touched = np.zeros(first.shape[1], dtype=bool)
    touched[rows] = True
    while len(rows):
        sizes = np.where(locked[:, rows], first[:, rows] + moves.rescue[:, rows], np.inf)
        locked[np.argmin(sizes, axis=0), rows] = False
        surplus[rows] -= 1
        rows = rows[surplus[rows] > 0]
    return touched


def _leave_and_stay(
    first: Ints, free: Ints, needed: Ints, homeless: Flags, dissolved: Flags, moves: Moves
) -> tuple[Ints, Ints]:
    """People who go home, and people still recorded where they stood."""
    spare = np.where(homeless, np.maximum(free - needed, 0), free)
    share = LOSS_MEDIAN * np.exp(LOSS_SPREAD * moves.loss)
    lost = np.maximum(1, np.rint(share * first.sum(axis=0, dtype=np.int32)))
    left = np.where(moves.leaving < LEAVING, lost, 0)
    left = np.minimum(left, spare).astype(np.int32)
    wanted = np.where(moves.staying < STAYING, np.ceil(moves.stayed * STAYING_SHARE * free), 0)
    stay = np.minimum(wanted, spare - left).astype(np.int32)
    stay[dissolved] = 0
    return left, stay


def _rescue(
    loose: Ints,
    needed: Ints,
    free: Ints,
    slots: Ints,
    homeless: Flags,
    dissolved: Flags,
    moves: Moves,
) -> Flags:
    """Groups made viable, the largest first; takes their threshold out of ``free`` in place."""
    ratio = (loose / np.maximum(needed, 1).astype(np.float32)) ** 2
    willing = (moves.rescue < _RESCUE[:, None] * ratio * ratio) & (loose > 0) & ~dissolved
    ranks = loose * 16 + _INDEX
    eager = np.where(willing | (homeless & (loose > 0)), ranks, -1)
    rescued = np.zeros(loose.shape, dtype=bool)
    columns = np.arange(loose.shape[1])
    for turn in range(_RESCUES):
        top = eager.max(axis=0)
        at = np.maximum(top, 0) & 15
        wants = (top >= 0) if turn == 0 else (top >= 0) & willing[at, columns]
        able = wants & (slots > 0) & (free >= needed) & (needed > 0)
        rescued[at, columns] |= able
        free -= able * needed
        slots -= able
        eager[at, columns] = -1
    return rescued


def _join(locked: Flags, rescued: Flags, free: Ints, moves: Moves) -> Ints:
    """Share the people still free out among viable groups, by second choices."""
    pull = moves.pull * _FAVOUR * (locked + np.float32(RESCUED_DRAW) * rescued)
    running = running_sums(pull)
    last = running[-1]
    joined = (running * (free / np.maximum(last, np.float32(1e-30)))).astype(np.int32)
    # From the last viable group on the running sum is complete, whatever floats round to.
    joined = np.where(running == last, free, np.minimum(joined, free))
    joined[1:] -= joined[:-1].copy()
    return joined
