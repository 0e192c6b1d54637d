"""Each record as a register: which of the reports sent for it may be the one that stands.

A report is one operation, whatever its attempts: a retry carries the same key and values. It
may have taken effect at any moment from its first attempt to its last answer; an attempt whose
answer nobody knows may take effect late, or never. Any order consistent with real time is
allowed, and nothing else. So a report may stand at the end exactly if no acknowledged report
for the same record began after its own last possible moment: choose that moment for it, and
for every other one the moment it began. Times are nanoseconds since the start barrier.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

WRITES = ("submit_report", "amend_report")
PREFLIGHT = "preflight"
NEVER = 2**62  # later than any moment of a drill: an unknown attempt may still take effect

ALLOWED, STALE, REFUSED = 0, 1, 2  # what it means to find an operation's values in the end


@dataclass(frozen=True)
class Sent:
    """Reports as they were sent.

    Attributes:
        operations: One row an operation that writes a report. Columns ``key`` and ``rec``
            (hashes of operation key and record), ``values`` (hash of the values), ``several``
            (the record has more than one), ``acked`` (an attempt was acknowledged),
            ``possible`` (one was unknown), ``reached`` (one may have reached the target),
            ``start`` and ``end`` (when it may have taken effect, null if it was refused for
            certain), and ``first`` (its first row in the history).
        repeats: ``first``, ``key`` and ``rec`` of every attempt at an operation that was
            attempted more than once.
    """

    operations: pl.DataFrame
    repeats: pl.DataFrame


def is_preflight() -> pl.Expr:
    """Whether a row of the history is a probe sent before the drill."""
    return pl.col("op").str.starts_with(PREFLIGHT)


def repeated(column: pl.Series) -> pl.Series:
    """Which values occur more than once, as a mask.

    Sorting numbers is several times faster than a hash table of them that no cache can hold.
    """
    ordered = column.drop_nulls().sort()
    again = ordered.filter(ordered == ordered.shift())
    return column.is_in(again.unique().implode())


def sent(history: pl.LazyFrame) -> Sent:
    """Every report sent, in one pass over the history."""
    outcome = pl.col("outcome").cast(pl.String)
    ok, refused = (outcome == "ok").fill_null(False), (outcome == "refused").fill_null(False)
    began = pl.coalesce("sent", "released", "intended")
    attempts = (
        history.with_row_index("first")
        .filter(pl.col("kind").cast(pl.String).is_in(WRITES), ~is_preflight())
        .select(
            "first",
            key=pl.col("op").hash(),
            rec=pl.col("record").hash(),
            values=pl.col("values_hash"),
            acked=ok,
            possible=~ok & ~refused,
            reached=~refused | pl.col("sent").is_not_null(),
            start=pl.when(~refused).then(began),
            end=pl.when(ok).then("done").when(~refused).then(NEVER),
        )
        .collect(engine="streaming")
    )
    again = repeated(attempts["key"])
    repeats = attempts.filter(again)
    operations = _merge_attempts(attempts.filter(~again), repeats) if len(repeats) else attempts
    return Sent(
        operations.with_columns(several=repeated(operations["rec"])),
        repeats.select("first", "key", "rec"),
    )


def _merge_attempts(once: pl.DataFrame, repeats: pl.DataFrame) -> pl.DataFrame:
    """One row a key. Most operations are tried once, so only the others are grouped."""
    merged = (
        repeats.sort("first")
        .group_by("key")
        .agg(
            pl.col("first", "rec").first(),
            pl.col("values").drop_nulls().first(),
            pl.col("acked", "possible", "reached").any(),
            pl.col("start").min(),
            pl.col("end").max(),
        )
        .select(once.columns)
    )
    return pl.concat([once, merged])


def records(operations: pl.DataFrame) -> pl.DataFrame:
    """One row a record: whether it was acknowledged, and when its last such report began.

    Returns:
        Columns ``rec``, ``acked``, ``possible``, ``reached``, ``last_start``, ``first``,
        ``reports`` (how many may be there), and ``values``, which is that of the only report
        and null where there are several.
    """
    columns = ["rec", "acked", "possible", "reached", "last_start", "first", "reports", "values"]
    there = pl.col("acked") | pl.col("possible")
    # Most records have one report, so only the others are grouped.
    alone = operations.filter(~pl.col("several")).with_columns(
        last_start=pl.when("acked").then("start"), reports=there.cast(pl.UInt32)
    )
    grouped = (
        operations.filter("several")
        .group_by("rec")
        .agg(
            pl.col("acked").any(),
            pl.col("possible").any(),
            pl.col("reached").any(),
            last_start=pl.col("start").filter(pl.col("acked")).max(),
            first=pl.col("first").min(),
            reports=there.sum(),
            values=pl.lit(None, pl.UInt64),
        )
    )
    return pl.concat([alone.select(columns), grouped.select(columns)])


def judge(operations: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Add ``state``: what it would mean to find the operation's values standing in the end.

    ``ALLOWED`` if some order consistent with real time puts it last; ``STALE`` if a newer
    acknowledged report must have followed it; ``REFUSED`` if the target said no every time.
    """
    refused = ~pl.col("acked") & ~pl.col("possible")
    # Nothing can have followed the only report of a record.
    alone = operations.filter(~pl.col("several")).with_columns(
        state=pl.when(refused).then(REFUSED).otherwise(ALLOWED).cast(pl.UInt8)
    )
    contested = operations.filter("several")
    last = records.filter(pl.col("rec").is_in(contested["rec"].unique().implode()))
    may_stand = pl.col("end") >= pl.col("last_start").fill_null(-NEVER)
    others = contested.join(last.select("rec", "last_start"), on="rec").with_columns(
        state=pl.when(refused)
        .then(REFUSED)
        .when(may_stand)
        .then(ALLOWED)
        .otherwise(STALE)
        .cast(pl.UInt8)
    )
    return pl.concat([alone, others.select(alone.columns)])


def pair(rec: str, values: str) -> pl.Expr:
    """One hash of a record and the values found there; null if either is."""
    # An odd multiplier mixes the record in without losing any of its bits (mod 2^64).
    mixed = pl.col(rec).reinterpret(signed=True) * -7046029254386353131
    return (mixed.reinterpret(signed=False) ^ pl.col(values)).alias("pair")
