"""The people of a campaign's day: how many work at once, on what, and how they go about it.

Every number says where it comes from, as in ``simulators.people.cast``: a source, ``derived`` from
one, or ``assumed``. Sources are those of SOURCES.md S21. Counts are those of the whole nation, and
a drill's scale multiplies them. Times are drill seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from simulators.people.shifts import WalkOut
from simulators.traffic.report_curve import Share

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Whole = Annotated[int, Field(ge=1)]
STRICT = ConfigDict(extra="forbid", use_attribute_docstrings=True)

OFFICES = 813
"""Field offices (campaign numbers of 2012)."""


@dataclass(frozen=True)
class Campaigning:
    """Who works for the campaign while it is drilled."""

    __pydantic_config__: ClassVar = STRICT

    canvassers: Whole = 26 * OFFICES
    """People at doors at once. 813 offices are published; 26 for each is assumed. With the world's
    people it comes to a door a minute for each, 350 in a second: 25 million calls and doors in the
    last four days less the call tool's 2 million are 133 in a second over twelve hours a day, and
    the busiest hour is assumed to be 2.6 times the mean, as on TV2's election day."""
    callers: Whole = 7000
    """People in the call tool at once: 7,000 (AWS News Blog 2012). With the world's people each
    has an answer to write down about every 140 s, 50 in a second. Its 2 million calls in the last
    four days are 12 in a second over twelve hours a day."""
    walk_outs: tuple[WalkOut, ...] = ()
    """People in the call tool who leave, and make their calls when they are back; none of them is
    made if they are not. None are on record."""
    organizers: Whole = 3 * OFFICES
    """Staff who look people up right after somebody has written of them. Three an office:
    assumed."""
    look_seconds: Positive = 5.0
    """Mean seconds between two looks of an organizer, exponential. Assumed."""
    batch_rows: Whole = 50
    """Rows that a clerk loads of a voter file in one go, each a record. Assumed."""
    row_seconds: Positive = 0.5
    """Seconds from one row to the next. Assumed."""
    resent: Share = 0.1
    """Share of such batches that are loaded once more when they are through. Assumed."""
    corrects: Share = 0.04
    """Share of contacts at doors and on phones that are corrected a little later. Assumed."""
    together: Share = 0.25
    """Share of the people known from door and phone of whom both are corrected at once. Assumed:
    so many that a drill of a hundredth has a few."""
    contested: Share = 0.02
    """Share of contacts at doors that two canvassers of the state correct at once. Assumed."""
    double_tap: Share = 0.03
    """Share of contacts that are sent twice at once, by a double tap. Assumed."""
    reads_back: Share = 0.5
    """Share of contacts that are looked at as soon as the app has said yes. Assumed."""
    ramp_seconds: Positive = 60.0
    """Seconds from the opening within which everybody comes, evenly. Assumed."""
    quiet_seconds: NotNegative = 20.0
    """Seconds before the end from which nobody means to begin another contact. Assumed."""
