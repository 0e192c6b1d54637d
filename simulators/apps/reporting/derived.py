"""Numbers the app works out from a report's counts: viability and state delegate equivalents.

A precinct's state delegate equivalents (SDE) are the county delegates it awarded times what one
of them is worth in its county (Iowa Democratic Party, 2020 apportionment); a satellite shares in
its pool by people counted at the end. The app does its own sums, apart from those of the world
that it is checked against: an error in either shows.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulators.apps.reporting.form import DELEGATES, FINAL, FIRST, PREFERENCES, Cells
from simulators.apps.reporting.site import SATELLITE, Site

SHARES = {2: (1, 4), 3: (1, 6)}  # of the meeting, by delegates to elect
OTHERS = (15, 100)  # four delegates and more, and satellites


@dataclass(frozen=True, slots=True)
class Derived:
    """What follows from one report.

    Attributes:
        threshold: People a group needs to be viable; 0 where there is no such test.
        sde: State delegate equivalents by preference, in the order of the form.
    """

    threshold: int
    sde: tuple[float, ...]

    def as_row(self) -> dict[str, float]:
        """The numbers by name, as they are published."""
        return {"threshold": self.threshold} | {
            f"sde_{preference}": sde for preference, sde in zip(PREFERENCES, self.sde, strict=True)
        }


def derive(cells: Cells, site: Site, *, split_one_delegate: bool = False) -> Derived:
    """Work out what a report of this site means.

    Args:
        split_one_delegate: The defect ``one_delegate_precincts``.
    """
    least = threshold(site.delegates, sum(cells[FIRST]))
    counted, worth = cells[DELEGATES], site.sde_per_delegate
    if site.kind == SATELLITE:
        counted = cells[FINAL]
    elif split_one_delegate and site.delegates == 1:
        counted, worth = cells[FINAL], worth / max(1, sum(cells[FINAL]))
    return Derived(least, tuple(n * worth for n in counted))


def threshold(delegates: int, people: int) -> int:
    """People a group needs to be viable: 15 % rounded up, a sixth for three delegates, a quarter
    for two; 0 for one, who is elected by majority ("Caucus Math in 3 minutes", 2016).

    Example:
        >>> threshold(3, 78), threshold(4, 100), threshold(2, 41), threshold(1, 30)
        (13, 15, 11, 0)
    """
    part, whole = SHARES.get(delegates, OTHERS)
    return 0 if delegates == 1 else -(-people * part // whole)
