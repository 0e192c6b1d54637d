"""How large a night is played: which sites of the world are driven, at any scale.

At a scale of 1 or less an evenly spaced part of the world is driven; above 1 the world itself is
made larger.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simulators.world.spec import WorldSpec

LEAST_ONE_DELEGATE = 2
"""One-delegate precincts in every selection, if the world has them: software fails there."""


def scaled(spec: WorldSpec, scale: float) -> WorldSpec:
    """The world that a night of this scale needs: the same at 1 or less, larger above.

    Example:
        >>> scaled(WorldSpec(), 2.0).precincts
        3356
    """
    if scale <= 1:
        return spec
    return replace(
        spec,
        precincts=round(spec.precincts * scale),
        satellites=round(spec.satellites * scale),
        counties=round(spec.counties * scale),
        county_delegates=round(spec.county_delegates * scale),
        state_delegates=round(spec.state_delegates * scale),
    )


def driven(
    delegates: NDArray[np.integer], satellite: NDArray[np.bool_], scale: float
) -> NDArray[np.int64]:
    """Indices of the sites that are driven, ascending.

    Evenly spaced, precincts and satellites apart, with at least one of each kind and at least
    :data:`LEAST_ONE_DELEGATE` precincts that elect a single delegate, where there are any.

    Args:
        delegates: Delegates that each site elects.
        satellite: Which sites are satellites.
        scale: Share of the sites, above 0; 1 or more is all of them.
    """
    if scale >= 1:
        return np.arange(len(delegates))
    precincts = _evenly(np.flatnonzero(~satellite), scale)
    single = np.flatnonzero((delegates == 1) & ~satellite)
    missing = LEAST_ONE_DELEGATE - int(np.isin(precincts, single).sum())
    if missing > 0:
        more = np.setdiff1d(single, precincts)[:missing]
        # They take the places of precincts that would have been driven in their stead.
        others = np.setdiff1d(precincts, single)
        precincts = np.union1d(
            np.setdiff1d(precincts, others[-len(more) :] if len(more) else more), more
        )
    return np.union1d(precincts, _evenly(np.flatnonzero(satellite), scale)).astype(np.int64)


def _evenly(sites: NDArray[np.int64], scale: float) -> NDArray[np.int64]:
    count = min(len(sites), max(1, round(len(sites) * scale)))
    return sites[((np.arange(count) + 0.5) * len(sites) / max(count, 1)).astype(np.int64)]
