"""What a night looked like, quarter hour by quarter hour: pure figures for terminal and reports.

Worked from the same tables as the anchors, so it fits any run, live or virtual. Times are drill
seconds, holds are minutes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from harness.anchors import APP, Anchor, Measured, Tables

QUARTER = 900.0
MINUTE = 60.0
SHORT = 3600.0  # seconds below which a night is counted minute by minute
SHARES = (0.5, 0.9, 1.0)


@dataclass(frozen=True)
class Quarter:
    """A quarter of an hour; a minute, where all is over within an hour.

    Attributes:
        start: Drill second at which it begins.
        dialled: Calls that came in.
        answered: Calls that were answered.
        hold_median, hold_p90: Minutes that calls answered in it had held; None without any.
        holding: Callers on hold when it ends.
        reports: Sites whose report is in when it ends.
        by_app: Those of them whose first report came by the app.
    """

    start: float
    dialled: int
    answered: int
    hold_median: float | None
    hold_p90: float | None
    holding: int
    reports: int
    by_app: int


@dataclass(frozen=True)
class Simulation:
    """A night in figures.

    Attributes:
        sites: Sites driven, or codes to be reported.
        quarters: From the first event to the last.
        step: Seconds that each of them lasts.
        channels: Sites by the channel of their first report; ``none`` for those without.
        calls: Calls by how they ended.
        in_by: When half, nine tenths and all of the sites were in, drill seconds; None if never.
        hold_mean, hold_longest: Minutes, over answered calls; None without any.
    """

    sites: int
    quarters: tuple[Quarter, ...]
    channels: dict[str, int]
    calls: dict[str, int]
    in_by: tuple[float | None, ...]
    hold_mean: float | None
    hold_longest: float | None
    step: float = QUARTER

    def as_info(self) -> dict[str, Any]:
        """The same as plain data, for ``run.json``."""
        return asdict(self)


def simulation_of(tables: Tables) -> Simulation:
    """Count a night's calls and reports."""
    sites = tables.worksheets.height
    calls = tables.calls.with_columns(
        until=pl.coalesce("answered_drill", "ended_drill", "dialled_drill"),
        cause=pl.col("cause").cast(pl.String),
    ).with_columns(held=(pl.col("until") - pl.col("dialled_drill")) / 60.0)
    reports = tables.reports.filter(pl.col("record").is_in(tables.worksheets["record"].implode()))
    answered = calls.filter(pl.col("answered_drill").is_not_null())
    moments = [*calls["dialled_drill"], *calls["until"], *reports["at"]]
    step = MINUTE if moments and max(moments) < SHORT else QUARTER
    return Simulation(
        sites=sites,
        quarters=_quarters(calls, answered, reports, moments, step),
        step=step,
        channels=_channels(reports, sites),
        calls={
            str(cause): int(count)
            for cause, count in calls.group_by("cause").len().sort("cause").iter_rows()
        },
        in_by=tuple(_in_by(reports, math.ceil(sites * share)) for share in SHARES),
        hold_mean=_minutes(answered["held"].mean()),
        hold_longest=_minutes(answered["held"].max()),
    )


def _quarters(
    calls: pl.DataFrame,
    answered: pl.DataFrame,
    reports: pl.DataFrame,
    moments: Sequence[float],
    step: float,
) -> tuple[Quarter, ...]:
    if not moments:
        return ()
    first, last = int(min(moments) // step), int(max(moments) // step)
    return tuple(
        _quarter(at * step, (at + 1) * step, calls, answered, reports)
        for at in range(first, last + 1)
    )


def _quarter(
    start: float,
    end: float,
    calls: pl.DataFrame,
    answered: pl.DataFrame,
    reports: pl.DataFrame,
) -> Quarter:
    held = answered.filter(_within("answered_drill", start, end))["held"]
    in_by_then = reports.filter(pl.col("at") < end)
    return Quarter(
        start=start,
        dialled=calls.filter(_within("dialled_drill", start, end)).height,
        answered=len(held),
        hold_median=_minutes(held.median()),
        hold_p90=_minutes(held.quantile(0.9, "linear")),
        holding=calls.filter((pl.col("dialled_drill") < end) & (pl.col("until") >= end)).height,
        reports=in_by_then.height,
        by_app=in_by_then.filter(pl.col("channel").is_in(APP)).height,
    )


def _within(column: str, start: float, end: float) -> pl.Expr:
    return (pl.col(column) >= start) & (pl.col(column) < end)


def _channels(reports: pl.DataFrame, sites: int) -> dict[str, int]:
    found = {
        str(channel): int(count)
        for channel, count in reports.group_by("channel").len().sort("channel").iter_rows()
    }
    return {**found, "none": sites - reports.height}


def _in_by(reports: pl.DataFrame, needed: int) -> float | None:
    if not 0 < needed <= reports.height:
        return None
    return float(reports["at"].sort()[needed - 1])


def _minutes(value: Any) -> float | None:
    return None if value is None else float(value)


def anchors_as_info(measured: list[Measured], *, speed: float = 1.0) -> list[dict[str, Any]]:
    """Anchors as ``run.json`` carries them: published beside measured, in words.

    Args:
        speed: Drill seconds a second: a live drill's answers take drill time that the night's did
            not, the more the faster it is played.
    """
    return [
        {
            "anchor": each.anchor.id,
            "says": each.anchor.what,
            "published": each.anchor.published,
            "measured": _with_unit(each.value, each.anchor.unit),
            "value": each.value,
            "tolerance": _range(each.anchor),
            "kind": each.anchor.kind,
            "holds": each.holds,
            "source": each.anchor.source,
            "speed": speed,
        }
        for each in measured
    ]


def _range(anchor: Anchor) -> str:
    if anchor.low is None or anchor.high is None:
        return "shown, not gated"
    return f"{anchor.low:g} to {_with_unit(anchor.high, anchor.unit)}"


def _with_unit(value: float | None, unit: str) -> str:
    if value is None:
        return "nothing to measure"
    figure = f"{value:.1f}" if abs(value) < 100 and value != round(value) else f"{value:.0f}"
    return f"{figure} {unit}".strip()
