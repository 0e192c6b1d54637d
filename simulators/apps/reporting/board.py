"""The totals board: sums over the reports that count, kept up to date as they come in."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from simulators.apps.reporting.form import Cells
from simulators.world.preferences import FIELDS, PREFERENCES


class Board:
    """One row a site: its 43 cells and its state delegate equivalents by preference.

    Args:
        records: Every site there is.
        keep_first: The defect ``stale_totals``: a site's first report stays on the board.
    """

    def __init__(self, records: Iterable[str], *, keep_first: bool = False) -> None:
        self._row = {record: row for row, record in enumerate(records)}
        self._cells = np.zeros((len(self._row), len(FIELDS)), dtype=np.int64)
        self._sde = np.zeros((len(self._row), len(PREFERENCES)))
        self._keep_first = keep_first
        self._reported: set[str] = set()
        self.changes = 0  # goes up with every change, so that a page made before it is known stale

    def put(
        self, record: str, cells: Cells, sde: tuple[float, ...], *, again: bool = False
    ) -> None:
        """Post a site's report in place of its last one, or, ``again``, on top of it."""
        row = self._row[record]
        if again:
            self._cells[row] += cells
            self._sde[row] += sde
        elif not (self._keep_first and record in self._reported):
            self._cells[row] = cells
            self._sde[row] = sde
        self._reported.add(record)
        self.changes += 1

    def has(self, record: str) -> bool:
        """Whether a site has reported."""
        return record in self._reported

    @property
    def sites(self) -> int:
        """Sites there are."""
        return len(self._row)

    @property
    def reported(self) -> int:
        """Sites that have reported."""
        return len(self._reported)

    def cells(self) -> dict[str, int]:
        """Sums of the cells, by name."""
        return dict(zip(FIELDS, self._cells.sum(axis=0).tolist(), strict=True))

    def sde(self) -> dict[str, float]:
        """State delegate equivalents by preference."""
        return dict(zip(PREFERENCES, self._sde.sum(axis=0).tolist(), strict=True))
