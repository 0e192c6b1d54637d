"""The night over time, from the history table: answers, response times, and reports coming in.

Drill time is wall time since the start barrier times the speed; response times stay wall time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from harness.record import HISTORY, RunFolder
from reports import words

BINS = 120  # points of a chart; a longer night has wider bins, in whole minutes
OUTCOMES = ("ok", "refused", "unknown")
SHARES = (50, 90, 98, 100)
REPORTS = ("submit_report", "amend_report")
BY_HAND = ("voice", "sms", "web")  # keys take the time of people, not the app's


@dataclass(frozen=True)
class Bin:
    """One stretch of the night. Response times are wall seconds, None where nothing was sent.

    Attributes:
        start: Drill seconds at which it begins.
        outcomes: Answers by outcome, in the order of :data:`OUTCOMES`.
        p50: Half of its operations were answered within this.
        p95: Likewise for 95 of 100.
        p99: Likewise for 99 of 100.
    """

    start: float
    outcomes: tuple[int, int, int]
    p50: float | None
    p95: float | None
    p99: float | None


@dataclass(frozen=True)
class Kind:
    """All operations of one kind; times are wall seconds."""

    name: str
    outcomes: tuple[int, int, int]
    p50: float | None
    p95: float | None
    p99: float | None
    worst: float | None


@dataclass(frozen=True)
class Channel:
    """Reports that came in by one channel.

    Attributes:
        name: ``api``, ``hotline`` or another; ``all`` for every channel together.
        arrived: Drill second of each record's first acknowledged report, in order.
        reached: Drill second at which 50, 90, 98 and 100 % of the records driven were in, by
            this channel; None where that never came.
    """

    name: str
    arrived: tuple[float, ...]
    reached: tuple[float | None, ...]


@dataclass(frozen=True)
class Night:
    """What a run's history says about its course.

    Attributes:
        end: Drill seconds from the start to the last answer.
        width: Drill seconds in a bin.
        records: Records the drill drove.
        reported: What they are, in the plural.
    """

    end: float
    width: float
    records: int
    bins: tuple[Bin, ...]
    kinds: tuple[Kind, ...]
    channels: tuple[Channel, ...]
    reported: str = "sites"

    @property
    def operations(self) -> int:
        """Attempts in all."""
        return sum(sum(kind.outcomes) for kind in self.kinds)


def night_of(run: RunFolder) -> Night:
    """Count a run's history into bins, kinds and channels."""
    records = int(run.info.get("records") or 0)
    history = in_drill_time(run)
    if history.is_empty():
        return Night(0.0, 60.0, records, (), (), _channels(history, records))
    end = float(max(history["at"].max() or 0.0, 60.0))  # type: ignore[arg-type]
    width = 60.0 * math.ceil(end / 60.0 / BINS)
    return Night(
        end,
        width,
        records,
        _bins(history, width, end),
        _kinds(history),
        _channels(history, records),
        words.reported(run.info),
    )


def in_drill_time(run: RunFolder) -> pl.DataFrame:
    """Kind, record, channel, outcome, ``at`` in drill seconds, ``response`` in wall seconds."""
    speed = float(run.info.get("speed") or 1.0)
    known = pl.coalesce("done", "sent", "intended")
    return (
        run.table("history", HISTORY)
        .select(
            pl.col("kind", "record", "channel").cast(pl.String),
            # A worker that died never wrote an outcome: nobody knows.
            pl.col("outcome").cast(pl.String).fill_null("unknown"),
            (known * (speed / 1e9)).alias("at"),
            pl.when(~pl.col("channel").cast(pl.String).is_in(BY_HAND))
            .then((pl.col("done") - pl.col("intended")) / 1e9)
            .alias("response"),
        )
        .filter(pl.col("at").is_not_null())
        .collect()
    )


def _aggregates() -> list[pl.Expr]:
    quantiles = [
        pl.col("response").quantile(q, "higher").alias(name)
        for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    ]
    outcomes = [(pl.col("outcome") == name).sum().alias(name) for name in OUTCOMES]
    return [*outcomes, *quantiles, pl.col("response").max().alias("worst")]


def _bins(history: pl.DataFrame, width: float, end: float) -> tuple[Bin, ...]:
    placed = history.with_columns(
        (pl.col("at") / width).floor().clip(0).cast(pl.Int64).alias("bin")
    )
    rows = {row["bin"]: row for row in placed.group_by("bin").agg(_aggregates()).to_dicts()}
    return tuple(
        Bin(i * width, _outcomes(rows[i]), rows[i]["p50"], rows[i]["p95"], rows[i]["p99"])
        if i in rows
        else Bin(i * width, (0, 0, 0), None, None, None)
        for i in range(math.floor(end / width) + 1)
    )


def _kinds(history: pl.DataFrame) -> tuple[Kind, ...]:
    rows = history.group_by("kind").agg(_aggregates()).sort("kind").to_dicts()
    return tuple(
        Kind(str(r["kind"]), _outcomes(r), r["p50"], r["p95"], r["p99"], r["worst"]) for r in rows
    )


def _outcomes(row: dict[str, int]) -> tuple[int, int, int]:
    return row["ok"], row["refused"], row["unknown"]


def _channels(history: pl.DataFrame, records: int) -> tuple[Channel, ...]:
    """Each record counts once, for the channel that got its first yes."""
    if history.is_empty():
        return (_channel("all", (), records),)
    first = (
        history.filter(
            pl.col("kind").is_in(REPORTS) & (pl.col("outcome") == "ok") & (pl.col("record") != "")
        )
        .sort("at")
        .unique("record", keep="first", maintain_order=True)
    )
    by_name = [
        _channel(str(name), tuple(part["at"].to_list()), records)
        for (name,), part in first.group_by("channel", maintain_order=True)
    ]
    everything = _channel("all", tuple(first["at"].to_list()), records)
    return (everything, *sorted(by_name, key=lambda each: -len(each.arrived)))


def _channel(name: str, arrived: Sequence[float], records: int) -> Channel:
    reached = []
    for percent in SHARES:
        needed = math.ceil(records * percent / 100)
        reached.append(arrived[needed - 1] if 0 < needed <= len(arrived) else None)
    return Channel(name, tuple(arrived), tuple(reached))


def offered(info: Mapping[str, Any]) -> str:
    """The load that the timings were measured under: the plan's peak rates at the speed played.

    Example:
        >>> offered({"rates": {"sign_in": 0.25, "submit_report": 0.5, "calls": 0.1}, "speed": 120})
        'At the busiest: sign in 30 a second, submit report 60 a second.'
    """
    rates, speed = info.get("rates") or {}, float(info.get("speed") or 1.0)
    told = [
        f"{kind.replace('_', ' ')} {rate * speed:,.3g} a second"
        for kind, rate in rates.items()
        if kind != "calls" and rate
    ]
    return f"At the busiest: {', '.join(told)}." if told else ""
