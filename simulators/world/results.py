"""Results of one stretch of sites, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.world.preferences import ATTENDANCE, DELEGATES, FINAL, FIRST

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Results:
    """What happened at the sites from ``start`` to ``stop``: one row a site.

    Attributes:
        start, stop: Indices of the sites.
        values: The 43 cells of each report, shape (n, 43).
    """

    start: int
    stop: int
    values: Ints

    @property
    def attendance(self) -> Ints:
        """People at the first alignment, shape (n,)."""
        return self.values[:, ATTENDANCE]

    @property
    def first(self) -> Ints:
        """People in each group at the first alignment, shape (n, 14)."""
        return self.values[:, FIRST]

    @property
    def final(self) -> Ints:
        """People in each group at the final alignment, shape (n, 14)."""
        return self.values[:, FINAL]

    @property
    def delegates(self) -> Ints:
        """County-convention delegates of each group, shape (n, 14)."""
        return self.values[:, DELEGATES]
