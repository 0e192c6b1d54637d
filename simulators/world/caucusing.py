"""One block of caucuses from doors to delegates: the truth of up to 1,024 sites."""

from __future__ import annotations

import numpy as np

from simulators.world.awards import Ints, award_many, thresholds
from simulators.world.deck import deck_first
from simulators.world.final import draw_moves, realign
from simulators.world.meeting import count_first, gather
from simulators.world.places import Places
from simulators.world.preferences import ATTENDANCE, DELEGATES, FIELDS, FINAL, FIRST, GROUPS
from simulators.world.spec import WorldSpec
from simulators.world.streams import BLOCK, CAUCUSES, generator


def hold_block(spec: WorldSpec, places: Places, seed: int, block: int) -> Ints:
    """Hold the caucuses of one block.

    Returns:
        The 43 cells of each report, shape (sites of the block, 43).
    """
    start, stop = block * BLOCK, min((block + 1) * BLOCK, spec.sites)
    rng = generator(seed, CAUCUSES, block)
    delegates = places.delegates[start:stop]
    if spec.deck:
        first = deck_first(places, start, stop)
        attendance = first.sum(axis=0, dtype=np.int32)
        needed = thresholds(delegates, attendance, spec.rule_set)
    else:
        crowd = gather(places, start, stop, rng)
        attendance = crowd.attendance
        needed = thresholds(delegates, attendance, spec.rule_set)
        first = count_first(crowd, needed)
    final = realign(first, delegates, needed, draw_moves(stop - start, rng), spec.rule_set)
    ties = rng.random((GROUPS, stop - start), dtype=np.float32)
    cells = np.empty((len(FIELDS), stop - start), dtype=np.int32)
    cells[ATTENDANCE], cells[FIRST], cells[FINAL] = attendance, first, final
    cells[DELEGATES] = award_many(final, delegates, attendance, ties, spec.rule_set)
    return np.ascontiguousarray(cells.T)
