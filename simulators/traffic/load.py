"""The traffic of a night beside its chairs: the public reading results, and phone calls.

Times are drill seconds, rates are per drill second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from simulators.traffic.arrivals import Arrivals
from simulators.traffic.report_curve import CAUCUS_2008, ReportCurve, Share

# Half an hour after the start the first numbers are up, and the public comes to look. The rush
# lasts about four hours; on TV2's election day it peaked at 2.6 times the day's mean (SOURCES.md
# S11). How many come is assumed.
PUBLIC = Arrivals(
    rate=((7200, 0.0), (9000, 0.14), (10800, 0.28), (14400, 0.28), (18000, 0.18), (19800, 0.1))
)
NOBODY = Arrivals()
# One call a minute for help from 6:30 to 10 pm: fitted (SOURCES.md S12).
HELP = Arrivals(rate=((3600, 1 / 60), (16200, 1 / 60)))


@dataclass(frozen=True)
class Traffic:
    """Who comes when, besides the people the cast fields."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    reports: ReportCurve = CAUCUS_2008
    """When reports are ready, unless the cast has a curve of its own."""
    satellites_early: Share = 0.4
    """Share of satellites that met before the evening and report while chairs sign in.
    Of 87, 47 met at 7 pm (SOURCES.md S1)."""
    visits: Arrivals = PUBLIC
    """Visits to the public results page."""
    reads_a_visit: Annotated[float, Field(ge=1)] = 1.8
    """Mean number of looks a visit; each further look follows a refresh. Assumed."""
    refresh_seconds: Annotated[float, Field(gt=0)] = 90.0
    """Median time between two looks, in drill seconds. Assumed."""
    help_calls: Arrivals = HELP
    """Calls for help on the results line that report nothing."""
    nuisance_calls: Arrivals = NOBODY
    """Calls by people who only want to block the line."""
