"""State delegate equivalents: what a report is worth at the state convention.

In a precinct each county delegate is worth the county's state delegates over its county
delegates. A satellite shares in its pool: the pool's fixed worth times the site's share of the
pool's turnout, split by its final alignment. So the worth of one person counted at the end is
the same all over a pool, and that is what ``sde_per_delegate`` of a satellite holds.
Sources: Iowa apportionment file of 2020; constant worth per person confirmed on the published
satellite rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulators.world.preferences import DELEGATES, FINAL
from simulators.world.site import SATELLITE_KIND, Site


def derived(values: Sequence[int], site: Site) -> tuple[float, ...]:
    """State delegate equivalents of each preference that a report implies.

    Args:
        values: The 43 cells of the report.
        site: Where it was held; its ``sde_per_delegate`` is per person at a satellite.

    Example:
        >>> site = Site(0, "IA-0001", "5GF Greenfield", "Adair", "precinct", 13, 0.0784314, "")
        >>> given = (0, 0, 0, 2, 0, 0, 5, 0, 4, 0, 0, 2, 0, 0)
        >>> [round(worth, 4) for worth in derived((0,) * 29 + given, site) if worth]
        [0.1569, 0.3922, 0.3137, 0.1569]
    """
    counted = values[FINAL] if site.kind == SATELLITE_KIND else values[DELEGATES]
    return tuple(cell * site.sde_per_delegate for cell in counted)


def derived_many(
    values: NDArray[np.integer], satellite: NDArray[np.bool_], worth: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The same for many reports.

    Args:
        values: Reports, shape (n, 43).
        satellite: Which of them are satellites.
        worth: ``sde_per_delegate`` of each site.

    Returns:
        State delegate equivalents, shape (n, 14).
    """
    counted = np.where(satellite[:, None], values[:, FINAL], values[:, DELEGATES])
    equivalents: NDArray[np.float64] = counted * worth[:, None]
    return equivalents
