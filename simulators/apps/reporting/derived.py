"""Numbers the app works out from a report's counts: viability and state delegate equivalents.

A precinct's state delegate equivalents (SDE) are the county delegates it awarded times what one
of them is worth in its county (Iowa Democratic Party, 2020 apportionment).
"""

from __future__ import annotations

from dataclasses import dataclass

from simulators.apps.reporting.form import Cells
from simulators.world.preferences import FINAL, FIRST, PREFERENCES
from simulators.world.rules import threshold
from simulators.world.sde import derived
from simulators.world.site import Site


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
    if split_one_delegate and site.delegates == 1:
        final = cells[FINAL]
        people = sum(final) or 1
        return Derived(least, tuple(n / people * site.sde_per_delegate for n in final))
    return Derived(least, derived(cells, site))
