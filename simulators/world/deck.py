"""A test deck: counts nobody would mistake for a result, as in logic-and-accuracy tests.

Every preference has a number of its own in every row, so a swapped, dropped or shifted cell
shows; every row of a county differs, so a lost or doubled report can be named.
"""

from __future__ import annotations

import numpy as np

from simulators.world.awards import Ints
from simulators.world.places import Places
from simulators.world.preferences import GROUPS

PATTERN = (80, 1, 60, 2, 40, 3, 70, 4, 50, 5, 6, 7, 8, 9)
"""People in each group, before it is turned by one place a row; no two alike."""


def deck_first(places: Places, start: int, stop: int) -> Ints:
    """First alignments of the sites from ``start`` to ``stop``, shape (groups, sites).

    The pattern turns by one group from precinct to precinct, and the largest group grows by
    one person with each, so that the attendance is unique in a county.
    """
    place = places.place[start:stop]
    turn = (np.arange(GROUPS)[:, None] - place) % GROUPS
    first: Ints = np.array(PATTERN, dtype=np.int32)[turn]
    first += np.where(turn == 0, place, 0).astype(np.int32)
    return first
