"""Anchors of an election day of poll watchers: when the line died, what died with it, and how long.

The line is dead in a quarter of an hour in which more than half of the calls to it were blocked:
busy, or failed. It lives again from the first quarter in which half get through, if half do so
over the whole hour from then. On the ranges: simulators/data/SOURCES.md S14.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from harness.anchors import HOUR, MINUTE, Anchor, Measured, Tables
from simulators.behaviours.sheet import HEADQUARTERS, STRIKE

HOUDINI = "houdini-election-day"
"""The scenario whose whole day the anchors are figures of."""

QUARTER = 900.0
IN_AN_HOUR = 4
FEWEST = 5  # calls in a quarter, or in an hour, below which nothing is said of a line
KILLED = 4 * HOUR  # after the polls opened at 7: about 11 am
BLOCKED = ("busy", "full", "failed")


@dataclass(frozen=True)
class Quarters:
    """Calls to one line by quarter of an hour, from drill second 0.

    Attributes:
        tried: Calls in each.
        blocked: Those of them that were not put through.
    """

    tried: list[int]
    blocked: list[int]

    def dead(self, at: int, quarters: int = 1, fewest: int = FEWEST) -> bool | None:
        """Whether over half were blocked from a quarter on; None if too few called."""
        tried, blocked = (sum(each[at : at + quarters]) for each in (self.tried, self.blocked))
        return None if tried < fewest else blocked * 2 > tried

    def share(self, start: int, stop: int) -> float | None:
        """Percent blocked between two quarters; None if nobody called."""
        tried = sum(self.tried[start:stop])
        return None if not tried else 100.0 * sum(self.blocked[start:stop]) / tried


def quarters_of(tables: Tables, line: str) -> Quarters:
    """Count the calls to a line."""
    calls = tables.calls.filter(pl.col("line").cast(pl.String) == line).select(
        at=(pl.col("dialled_drill") // QUARTER).cast(pl.Int64),
        blocked=pl.col("cause").cast(pl.String).is_in(BLOCKED),
    )
    latest = calls["at"].max()
    count = 0 if not isinstance(latest, int) else latest + 1
    tried, blocked = [0] * count, [0] * count
    for at, was_blocked in calls.iter_rows():
        tried[at] += 1
        blocked[at] += was_blocked
    return Quarters(tried, blocked)


def dies_at(tables: Tables) -> int | None:
    """The first quarter in which the strike line is dead; None if it never is."""
    line = quarters_of(tables, STRIKE)
    return next((at for at in range(len(line.tried)) if line.dead(at)), None)


def lives_at(tables: Tables) -> int | None:
    """The first quarter after that from which it lives; None if there is none."""
    line, died = quarters_of(tables, STRIKE), dies_at(tables)
    if died is None:
        return None
    for at in range(died + 1, len(line.tried)):
        if line.dead(at, fewest=1) is False and line.dead(at, IN_AN_HOUR) is False:
            return at
    return None


def minutes_to_death(tables: Tables) -> float | None:
    """Minutes from the opening of the polls until the strike line is dead."""
    died = dies_at(tables)
    return None if died is None else (died * QUARTER - tables.start) / MINUTE


def hours_dead(tables: Tables) -> float | None:
    """Hours from its death until it has recovered."""
    died, lives = dies_at(tables), lives_at(tables)
    return None if died is None or lives is None else (lives - died) * QUARTER / HOUR


def headquarters_blocked(tables: Tables) -> float | None:
    """Percent of the calls to headquarters blocked from the line's death until it was killed."""
    died = dies_at(tables)
    if died is None:
        return None
    return quarters_of(tables, HEADQUARTERS).share(died, max(died + 1, killed_at(tables)))


def headquarters_after(tables: Tables) -> float | None:
    """Percent of the calls to headquarters blocked in the hour after that."""
    killed = killed_at(tables)
    return quarters_of(tables, HEADQUARTERS).share(killed, killed + IN_AN_HOUR)


def killed_at(tables: Tables) -> int:
    """The quarter in which staff killed the line, as published."""
    return round((tables.start + KILLED) / QUARTER)


STRIKE_ANCHORS = (
    Anchor(
        "A9a", "minutes from the opening of the polls until the strike line is dead",
        "crashed early in the morning; some states told volunteers to stop by 10 am", 0, 180,
        "min", "result", "National Journal, 7 Nov 2008; techPresident, 16 Dec 2008",
        minutes_to_death,
    ),
    Anchor(
        "A9b", "calls to headquarters blocked from then until 11 am",
        "took the campaign's whole phone system with it", 50, 100, "%", "result",
        "The Atlantic, quoted at blogarama.com; loganreed.com, Nov 2008", headquarters_blocked,
    ),
    Anchor(
        "A9c", "calls to headquarters blocked from 11 to 12, the line being off",
        "killed about 11 to free the internal phones", 0, 25, "%", "result",
        "loganreed.com, Nov 2008", headquarters_after,
    ),
    Anchor(
        "A9d", "hours until the strike line lives again",
        "running by 11 am Central; by another account killed about 11, back later", 2, 5, "h",
        "result", "National Journal, 7 Nov 2008; loganreed.com, Nov 2008", hours_dead,
    ),
)  # fmt: skip


def measure_strikes(tables: Tables, cast: str) -> list[Measured]:
    """Every anchor of a day that was played with this cast."""
    return [Measured(each, each.measure(tables)) for each in STRIKE_ANCHORS if each.night == cast]
