"""Anchors: published figures of a night that its simulation must reproduce.

Each anchor says what was published, the range that counts as the same, and of which kind it is:
a ``result`` comes out of the simulation, an ``input`` was put in and must survive retries and
the phones, ``data`` is somebody's decision that we only replay, and a ``statement`` was made on
the night and is shown, not gated. On the ranges: simulators/data/SOURCES.md S12.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from harness.record import PRECINCTS, REPORTS, RunFolder
from simulators.world.checker import CODES, any_hard, broken_rules_many

IOWA = "iowa-caucus-night"
"""The scenario whose whole night the anchors are figures of."""

APP = ("api", "web")
"""Channels of reports that people sent by the app themselves."""

HOUR = 3600.0
MINUTE = 60.0

PUBLISHED_SHARE = (
    (21.0, 0.62),
    (42.5, 0.75),
    (46.0, 0.86),
    (49.0, 0.92),
    (63.0, 0.97),
    (94.0, 1.0),
)
"""The party's policy: hours after 7 pm from which this share of sites was public, read as what
stood at that hour (The Gazette; Waverly Newspapers; Townhall; party files; The Hill; Des Moines
Register; SOURCES.md S5). It held results back, so this replays a decision."""


@dataclass(frozen=True)
class Tables:
    """What anchors are measured from. Times are drill seconds.

    Attributes:
        start: When the meetings began (7 pm).
        reports: The report that was in for each record: ``record``, ``values``, ``channel``,
            ``at`` (when it was first acknowledged).
        calls: Every call, as in the run folder.
        precincts: One row a site, as in ``truth/precincts``.
        worksheets: One row a site, as in ``truth/reports``.
    """

    start: float
    reports: pl.DataFrame
    calls: pl.DataFrame
    precincts: pl.DataFrame
    worksheets: pl.DataFrame


@dataclass(frozen=True)
class Anchor:
    """One published figure.

    Attributes:
        id: Short name, such as ``A1``.
        what: What is measured, in plain words.
        published: What was published, in words.
        low, high: The range that counts as reproduced, both included; None for what is shown
            and not gated.
        unit: ``min``, ``%`` or empty.
        kind: ``result``, ``input``, ``data`` or ``statement``.
        source: Who published it.
        measure: Measures it; None where the night has nothing to measure it on.
        night: Which night it belongs to: a cast, or the name of a change to one.
    """

    id: str
    what: str
    published: str
    low: float | None
    high: float | None
    unit: str
    kind: str
    source: str
    measure: Callable[[Tables], float | None] = field(repr=False, compare=False)
    night: str = "as-it-was"


@dataclass(frozen=True)
class Measured:
    """An anchor beside what was measured."""

    anchor: Anchor
    value: float | None

    @property
    def holds(self) -> bool | None:
        """Whether it lies in the range; None if it is not gated or there was nothing to measure."""
        low, high = self.anchor.low, self.anchor.high
        if self.value is None or low is None or high is None:
            return None
        return low <= self.value <= high


# -- measures -------------------------------------------------------------------------------


def _answered(tables: Tables) -> pl.DataFrame:
    return tables.calls.filter(pl.col("answered_drill").is_not_null()).with_columns(
        held=(pl.col("answered_drill") - pl.col("dialled_drill")) / MINUTE
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def hold_early(tables: Tables) -> float | None:
    """Median minutes on hold of callers who dialled between 8:00 and 8:10 pm."""
    dialled = pl.col("dialled_drill") - tables.start
    early = _answered(tables).filter(dialled.is_between(60 * MINUTE, 70 * MINUTE))
    return _number(early["held"].median())


def hold_at_ten(tables: Tables) -> float | None:
    """Median minutes that callers answered between 9:50 and 10:10 pm had held."""
    answered = pl.col("answered_drill") - tables.start
    late = _answered(tables).filter(answered.is_between(170 * MINUTE, 190 * MINUTE))
    return _number(late["held"].median())


def longest_hold(tables: Tables) -> float | None:
    """Longest hold of the night among answered calls, in minutes."""
    return _number(_answered(tables)["held"].max())


def mean_hold(tables: Tables) -> float | None:
    """Mean hold over all answered calls, in minutes."""
    return _number(_answered(tables)["held"].mean())


def app_share(tables: Tables) -> float:
    """Percent of sites whose first report came by the app."""
    by_app = tables.reports.filter(pl.col("channel").is_in(APP)).height
    return 100.0 * by_app / tables.precincts.height


def rules_broken(tables: Tables) -> float:
    """Percent of precincts whose report breaks a rule, surplus viable groups (E7) included."""
    return _rules_broken(tables, with_extra_groups=True)


def rules_broken_hard(tables: Tables) -> float:
    """Percent of precincts whose report breaks a rule, without E7."""
    return _rules_broken(tables, with_extra_groups=False)


def _rules_broken(tables: Tables, *, with_extra_groups: bool) -> float:
    flags, _ = flagged(tables)
    broken = any_hard(flags, with_extra_groups=with_extra_groups)
    return 100.0 * float(broken.mean()) if len(broken) else 0.0


def flagged(tables: Tables) -> tuple[np.ndarray, list[str]]:
    """Rules broken by the report of each precinct that reported, and the precincts' keys."""
    rows = tables.reports.join(
        tables.precincts.filter(pl.col("kind") == "precinct").select("record", "delegates"),
        on="record",
        how="inner",
    ).sort("record")
    if rows.is_empty():
        return np.zeros((0, len(CODES)), dtype=bool), []
    values = np.array(rows["values"].to_list(), dtype=np.int32)
    return broken_rules_many(values, rows["delegates"].to_numpy()), rows["record"].to_list()


def corrected(tables: Tables) -> float:
    """Percent of all sites that the party corrected by 9 February.

    The signed worksheet is the paper of record, and its own errors stay. So a report is put
    right if it says something else than its worksheet and somebody looks: those looked at are
    the ones that break a rule. No rate is put in: that the rules find 71 % of what was amended
    (64 of 90, SOURCES.md S6) is a figure to compare :func:`found_by_rules` with.
    """
    return 100.0 * len(_miskeyed(tables) & _rule_breakers(tables)) / tables.precincts.height


def found_by_rules(tables: Tables) -> float | None:
    """Share of the precincts' entry errors that the rules show, 0 to 1."""
    _, reported = flagged(tables)
    wrong = _miskeyed(tables) & set(reported)
    return len(wrong & _rule_breakers(tables)) / len(wrong) if wrong else None


def _miskeyed(tables: Tables) -> set[str]:
    """Records whose report says something else than the worksheet."""
    rows = tables.reports.join(
        tables.worksheets.select("record", paper="values"), on="record", how="inner"
    )
    return set(rows.filter(pl.col("values") != pl.col("paper"))["record"].to_list())


def _rule_breakers(tables: Tables) -> set[str]:
    flags, records = flagged(tables)
    broken = any_hard(flags, with_extra_groups=False)
    return {record for record, each in zip(records, broken.tolist(), strict=True) if each}


def reported_by(hours: float) -> Callable[[Tables], float]:
    """Percent of sites whose report was in so many hours after the start."""

    def share(tables: Tables) -> float:
        until = tables.start + hours * HOUR
        return 100.0 * tables.reports.filter(pl.col("at") <= until).height / tables.precincts.height

    return share


def published_by(hours: float) -> Callable[[Tables], float]:
    """Percent of sites public so many hours after the start: policy, if the reports were in."""

    def share(tables: Tables) -> float:
        policy = max((part for since, part in PUBLISHED_SHARE if since <= hours), default=0.0)
        return min(100.0 * policy, reported_by(hours)(tables))

    return share


# -- the anchors ----------------------------------------------------------------------------

PHONE_BACKUP = (
    "own what-if: the review faulted the party for not enlarging the phone back-up "
    "(Press-Citizen, 12 Dec 2020)"
)

ANCHORS = (
    Anchor(
        "A1", "hold of callers who dial at 8:05 pm", "about 5 min", 2, 10, "min", "result",
        "New York Times in Las Vegas Sun, 5 Feb 2020 (Pocahontas County)", hold_early,
    ),
    Anchor(
        "A2", "calls answered near 10 pm had held", "60 to 90 min, largest county 90 to 120",
        50, 150, "min", "result",
        "The Hill; Washington Post in Seattle Times; weareiowa.com", hold_at_ten,
    ),
    Anchor(
        "A3", "longest hold", "about 3 h, answered about midnight", 150, 240, "min", "result",
        "The Gazette, 4 Feb 2020 (Cedar Rapids 25)", longest_hold,
    ),
    Anchor(
        "A4", "sites that report by app", "24.9 %", 22, 28, "%", "input",
        "internal review report, The Center Square, Dec 2020", app_share,
    ),
    Anchor(
        # The app's 24.9 % may be all that this statement counted: with A1 to A3 true, the phones
        # had taken far more by then.
        "A4b", "sites reported by 11 pm", "about 25 %", None, None, "%", "statement",
        "Iowa Democratic Party, Telegraph Herald, 4 Feb 2020", reported_by(4.0),
    ),
    Anchor(
        "A5", "precincts that break a rule (E1 to E7, E9, E10)", "16.3 %", 14, 20, "%", "result",
        "computed from the party's 100 % release; one in six by the New York Times, 9 Feb 2020",
        rules_broken,
    ),
    Anchor(
        "A5b", "precincts that break a rule, without E7", "13.5 %", 12, 15, "%", "result",
        "computed from the party's 100 % release", rules_broken_hard,
    ),
    Anchor(
        "A6", "sites corrected by 9 February", "3.1 %", 2, 4, "%", "result",
        "Des Moines Register, 9 Feb 2020 (55 of 1,765)", corrected,
    ),
    Anchor(
        "A7a", "sites published on the night", "0 %", 0, 5, "%", "data",
        "Iowa Democratic Party", published_by(6.0),
    ),
    Anchor(
        "A7b", "sites published 21 h after 7 pm", "62 %", 57, 67, "%", "data",
        "The Gazette, 4 Feb 2020", published_by(21.0),
    ),
    Anchor(
        "A7c", "sites published 63 h after 7 pm", "97 %", 92, 100, "%", "data",
        "The Hill, 6 Feb 2020", published_by(63.0),
    ),
    Anchor(
        "A8a", "sites reported 2 h after the start", "70 %", 65, 75, "%", "result",
        "CNN live page, 2016 night, 3 Feb 2020", reported_by(2.0), "as-2016",
    ),
    Anchor(
        "A8b", "sites reported 5 h after the start", "all but a few", 95, 100, "%", "result",
        "CNN live page, 2016 night, 3 Feb 2020", reported_by(5.0), "as-2016",
    ),
    Anchor(
        "A13a", "mean hold with 100 agents", "must be under 1 h", 0, 60, "min", "result",
        PHONE_BACKUP, mean_hold, "100 agents",
    ),
    Anchor(
        "A13b", "mean hold with half the talk time", "must be under 1 h", 0, 60, "min", "result",
        PHONE_BACKUP, mean_hold, "half the talk",
    ),
    Anchor(
        "A13", "mean hold of this what-if", "about an hour and a half as it was", 0, 60, "min",
        "result", PHONE_BACKUP, mean_hold, "what-if",
    ),
)  # fmt: skip


def measure(tables: Tables, night: str) -> list[Measured]:
    """Every anchor of one night: a cast's name, or the name of a change."""
    return [Measured(each, each.measure(tables)) for each in ANCHORS if each.night == night]


# -- from a run folder ------------------------------------------------------------------------


def tables_of(run: RunFolder, info: dict[str, Any] | None = None) -> Tables:
    """The tables of a run, live or virtual.

    Live times are wall nanoseconds; the run's speed turns them into drill seconds.

    Args:
        info: What ``run.json`` says, or will say; read from the folder if None.
    """
    info = run.info if info is None else info
    drill_second = 1e9 / float(info["speed"])
    return Tables(
        start=start_of(info),
        reports=reports_in(run.history.collect(), drill_second),
        calls=run.calls.collect(),
        precincts=run.table(f"truth/{PRECINCTS}").collect(),
        worksheets=run.table(f"truth/{REPORTS}").collect(),
    )


def start_of(info: dict[str, Any]) -> float:
    """Drill second at which the meetings begin, from ``run.json``."""
    opens, begins = (_seconds(info["clock"][name]) for name in ("opens", "begins"))
    return float((begins - opens) % 86_400)


def _seconds(time_of_day: str) -> int:
    hours, minutes, seconds = ([int(each) for each in time_of_day.split(":")] + [0])[:3]
    return hours * 3600 + minutes * 60 + seconds


def reports_in(history: pl.DataFrame, nanoseconds: float) -> pl.DataFrame:
    """The report that was in for each record: last acknowledged values, first channel and time.

    Args:
        history: As in the run folder.
        nanoseconds: Wall nanoseconds in a drill second.
    """
    return (
        history.lazy()
        .filter(
            pl.col("kind").cast(pl.String).is_in(["submit_report", "amend_report"])
            & (pl.col("outcome").cast(pl.String) == "ok")
        )
        .sort("done", maintain_order=True)
        .group_by("record", maintain_order=True)
        .agg(
            values=pl.col("values").last(),
            channel=pl.col("channel").cast(pl.String).first(),
            at=pl.col("done").first() / nanoseconds,
        )
        .collect()
    )
