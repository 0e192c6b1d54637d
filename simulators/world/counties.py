"""The counties of a world by name, and who is where.

A campaign has people in states, and there a state is what a county is elsewhere: the smallest
place that results are shown for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulators.world.campaign import CampaignSpec
from simulators.world.names import county_name
from simulators.world.places import pools_of
from simulators.world.spec import WorldSpec
from simulators.world.voter_list import VoterListSpec


def counties_of(spec: WorldSpec | VoterListSpec | CampaignSpec) -> tuple[str, ...]:
    """Every county of a world, in its order; a caucus's satellites come last, pool by pool.

    Example:
        >>> counties_of(WorldSpec())[:3], counties_of(WorldSpec())[-1]
        (('Polk', 'Linn', 'Scott'), 'Satellites Out of state')
        >>> counties_of(CampaignSpec(states=("OH", "WI")))
        ('OH', 'WI')
    """
    if isinstance(spec, CampaignSpec):
        return spec.states
    names = tuple(county_name(spec.state, county) for county in range(spec.counties))
    if isinstance(spec, VoterListSpec):
        return names
    return (*names, *(f"Satellites {pool}" for pool in pools_of(spec)))


def by_county(
    names: Sequence[str], county: NDArray[np.integer[Any]], index: NDArray[np.int64]
) -> dict[str, tuple[int, ...]]:
    """Who is in each county, ascending, in the order of the names.

    Args:
        county: Position of each one's county among the names, shape (n,).
        index: Position of each one in the plan.
    """
    return {
        name: tuple(np.sort(index[county == place]).tolist()) for place, name in enumerate(names)
    }
