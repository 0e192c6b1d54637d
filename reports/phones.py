"""The phones over time, from the call table. All times are drill seconds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from harness.record import RunFolder

HOLDS = (
    (60.0, "under 1 min"),
    (300.0, "1 to 5 min"),
    (900.0, "5 to 15 min"),
    (3600.0, "15 to 60 min"),
    (7200.0, "1 to 2 h"),
    (math.inf, "over 2 h"),
)
CAUSES = {
    "served": "answered and served",
    "hung_up": "menu heard to its end",
    "called_back": "hung up to be called back",
    "silent": "answered, but nobody spoke",
    "app": "hung up: the app worked after all",
    "abandoned": "gave up holding",
    "busy": "busy signal",
    "full": "turned away: too many were waiting",
    "barred": "turned away: this number was a nuisance",
    "dropped": "cut off by the network",
    "app_hung_up": "cut off by the app",
    "failed": "no answer from the network",
    "closed": "still holding or talking at the end",
}
TURNED_AWAY = ("busy", "full")


@dataclass(frozen=True)
class Hold:
    """Calls answered in one stretch of the night, and how long they had held.

    Attributes:
        start: Drill second at which the stretch begins.
        bands: Calls by length of hold, in the order of :data:`HOLDS`.
        median: Seconds; None where nobody was answered.
        longest: Seconds; None where nobody was answered.
    """

    start: float
    bands: tuple[int, ...]
    median: float | None
    longest: float | None


@dataclass(frozen=True)
class Stretch:
    """Calls dialled in one stretch of the night, and how many of them were turned away."""

    start: float
    dialled: int
    turned_away: int


@dataclass(frozen=True)
class Phones:
    """One phone line of a run.

    Attributes:
        line: Its name.
        menu: Whether the app itself answered it: nobody holds there.
        calls: Calls dialled.
        causes: How they ended: calls by cause, as in the table's ``cause``.
        median: Median hold of answered calls, None where none was answered.
        longest: Longest hold, answered or not.
        most_holding: The most people on hold at one time.
        holding: Moments and how many were on hold from then on.
        width: Drill seconds in a stretch of ``holds``.
        stretches: Calls dialled, by quarter of an hour or a multiple of it.
    """

    line: str
    menu: bool
    calls: int
    causes: tuple[tuple[str, int], ...]
    median: float | None
    longest: float | None
    most_holding: int
    holding: tuple[tuple[float, int], ...]
    width: float
    holds: tuple[Hold, ...]
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class Inbox:
    """What people sent in to be read later: photos of the sheet, or texts.

    Attributes:
        name: As the night calls it.
        left: How many were sent in.
        read: How many of them somebody opened.
        median: Seconds until those were opened; None where none was.
        longest: The same of the last of them.
    """

    name: str
    left: int
    read: int
    median: float | None
    longest: float | None


def inboxes_of(run: RunFolder) -> tuple[Inbox, ...]:
    """Count what was left in each inbox of a run."""
    left = run.left.with_columns(pl.col("line").cast(pl.String).fill_null("")).collect()
    return tuple(
        _inbox(str(name), left.filter(pl.col("line") == name))
        for name in left["line"].unique().sort()
    )


def _inbox(name: str, left: pl.DataFrame) -> Inbox:
    waited = (left["answered_drill"] - left["dialled_drill"]).drop_nulls()
    longest = None if waited.is_empty() else float(waited.max())  # type: ignore[arg-type]
    return Inbox(name, left.height, waited.len(), _median(waited), longest)


def phones_of(run: RunFolder, *, stretches: int = 14, points: int = 120) -> tuple[Phones, ...]:
    """Count a run's calls, line by line; empty where nobody phoned.

    Args:
        stretches: At most so many stretches of the night, in whole half hours.
        points: At most so many moments of the holding line.
    """
    calls = run.calls.with_columns(
        pl.col("cause").cast(pl.String),
        pl.col("line").cast(pl.String).fill_null(""),
        pl.coalesce("answered_drill", "ended_drill", "dialled_drill").alias("held_until"),
    ).collect()
    return tuple(
        _line(str(name), calls.filter(pl.col("line") == name), stretches, points)
        for name in calls["line"].unique().sort()
    )


def _line(name: str, calls: pl.DataFrame, stretches: int, points: int) -> Phones:
    held = calls["held_until"] - calls["dialled_drill"]
    answered = calls.filter(pl.col("answered_drill").is_not_null())
    end = float(calls["held_until"].max() or 0.0)  # type: ignore[arg-type]
    width = 1800.0 * max(1, math.ceil(end / 1800.0 / stretches))
    moments = _holding(calls)
    causes = calls.group_by("cause").len().sort("len", "cause", descending=[True, False])
    return Phones(
        line=name,
        menu=bool((calls["cause"] == "hung_up").any()) and bool(calls["agent"].is_null().all()),
        calls=calls.height,
        causes=tuple((str(cause), int(n)) for cause, n in causes.iter_rows()),
        median=_median(answered["held_until"] - answered["dialled_drill"]),
        longest=float(held.max() or 0.0),  # type: ignore[arg-type]
        most_holding=max(n for _, n in moments),
        holding=_thinned(moments, end, points),
        width=width,
        holds=tuple(_hold(answered, i * width, width) for i in range(math.floor(end / width) + 1)),
        stretches=tuple(_stretches(calls, end, 2 * points)),
    )


def _stretches(calls: pl.DataFrame, end: float, most: int) -> Iterator[Stretch]:
    """Calls by the time they were dialled, in at most ``most`` stretches of whole quarters."""
    width = 900.0 * max(1, math.ceil(end / 900.0 / most))
    counts = {
        int(number): (int(dialled), int(away))
        for number, dialled, away in calls.group_by((pl.col("dialled_drill") / width).floor())
        .agg(pl.len(), pl.col("cause").is_in(TURNED_AWAY).sum().alias("away"))
        .iter_rows()
    }
    for number in range(math.floor(end / width) + 1):
        yield Stretch(number * width, *counts.get(number, (0, 0)))


def _holding(calls: pl.DataFrame) -> list[tuple[float, int]]:
    """How many hold, from each moment at which somebody joined or left the line."""
    waited = calls.filter(pl.col("held_until") > pl.col("dialled_drill"))
    if waited.is_empty():
        return [(0.0, 0)]
    changes = (
        pl.concat(
            [
                waited.select(pl.col("dialled_drill").alias("at"), pl.lit(1).alias("by")),
                waited.select(pl.col("held_until").alias("at"), pl.lit(-1).alias("by")),
            ]
        )
        .group_by("at")
        .agg(pl.col("by").sum())
        .sort("at")
        .with_columns(pl.col("by").cum_sum())
    )
    return [(0.0, 0), *((float(at), int(n)) for at, n in changes.iter_rows())]


def _thinned(
    moments: list[tuple[float, int]], end: float, points: int
) -> tuple[tuple[float, int], ...]:
    """The most on hold in each of ``points`` equal stretches: a peak is never thinned away."""
    width = (end or 1.0) / points
    peaks: list[tuple[float, int]] = []
    now, i = 0, 0
    for stretch in range(points + 1):
        most = now
        while i < len(moments) and moments[i][0] < (stretch + 1) * width:
            now = moments[i][1]
            most = max(most, now)
            i += 1
        peaks.append((stretch * width, most))
    return tuple(peaks)


def _hold(answered: pl.DataFrame, start: float, width: float) -> Hold:
    inside = answered.filter(
        (pl.col("answered_drill") >= start) & (pl.col("answered_drill") < start + width)
    )
    held = (inside["held_until"] - inside["dialled_drill"]).to_list()
    bands = [0] * len(HOLDS)
    for seconds in held:
        bands[next(i for i, (limit, _) in enumerate(HOLDS) if seconds < limit)] += 1
    return Hold(start, tuple(bands), _median(pl.Series(held)), max(held, default=None))


def _median(held: pl.Series) -> float | None:
    if held.is_empty():
        return None
    return float(held.cast(pl.Float64).median() or 0.0)  # type: ignore[arg-type]
