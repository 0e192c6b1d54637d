"""The totals board: sums over the reports that count, kept up to date as they come in."""

from __future__ import annotations

import math
from collections.abc import Iterable
from operator import add

from simulators.apps.reporting.form import FIELDS, PREFERENCES, Cells

Worth = tuple[float, ...]


class Board:
    """What each site has posted: its 43 cells and state delegate equivalents by preference.

    Args:
        records: Every site there is.
        keep_first: The defect ``stale_totals``: a site's first report stays on the board.
    """

    def __init__(self, records: Iterable[str], *, keep_first: bool = False) -> None:
        self.sites = len(frozenset(records))
        self.changes = 0  # goes up with every change, so that a page made before it is known stale
        self._posted: dict[str, tuple[Cells, Worth]] = {}
        self._sums = [0] * len(FIELDS)
        self._keep_first = keep_first

    def put(self, record: str, cells: Cells, sde: Worth, *, again: bool = False) -> None:
        """Post a site's report in place of its last one, or, ``again``, on top of it."""
        self.changes += 1
        old = self._posted.get(record)
        if old is not None and again:
            cells, sde = tuple(map(add, cells, old[0])), tuple(map(add, sde, old[1]))
        elif old is not None and self._keep_first:
            return
        for index, cell in enumerate(cells):
            self._sums[index] += cell - (old[0][index] if old else 0)
        self._posted[record] = cells, sde

    def has(self, record: str) -> bool:
        """Whether a site has reported."""
        return record in self._posted

    @property
    def reported(self) -> int:
        """Sites that have reported."""
        return len(self._posted)

    def cells(self) -> dict[str, int]:
        """Sums of the cells, by name."""
        return dict(zip(FIELDS, self._sums, strict=True))

    def sde(self) -> dict[str, float]:
        """State delegate equivalents by preference, added up anew without rounding errors."""
        columns = zip(*(sde for _, sde in self._posted.values()), strict=True)
        sums = [math.fsum(column) for column in columns] or [0.0] * len(PREFERENCES)
        return dict(zip(PREFERENCES, sums, strict=True))
