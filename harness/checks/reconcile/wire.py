"""What the line made of keys: codes that came to the app as others than were keyed.

The carrier's log says which keys went out to the app, wherever a line has lost, doubled or added
one. The app answers for what came. What came belongs to the attempt in which the caller keyed it.
"""

from __future__ import annotations

import polars as pl

from harness.checks.reconcile.register import NEVER, WRITES, Sent, is_preflight, repeated

TWO_CLOCKS = 20_000_000  # nanoseconds by which the carrier's clock and the engine's may differ
_COLUMNS = pl.Schema(
    {
        "first": pl.UInt32,
        "op": pl.String,
        "record": pl.String,
        "came": pl.String,
        "at": pl.Int64,
        "values_hash": pl.UInt64,
        "outcome": pl.String,
        "detail": pl.String,
    }
)


def garbled(history: pl.LazyFrame, calls: pl.LazyFrame, webhooks: pl.LazyFrame) -> pl.DataFrame:
    """One row a code that came to the app as another than was keyed.

    Returns:
        Columns ``first`` (the attempt's row in the history), ``op``, ``record`` (what was keyed),
        ``came`` (the record that the keys name which came), ``at`` (when, as in the history),
        ``values_hash``, ``outcome`` and ``detail`` (what became of the attempt).
    """
    if "keyed" not in webhooks.collect_schema():  # a run from before the log told
        return _COLUMNS.to_frame()
    called = calls.filter(pl.col("sid") != "").select("sid", who="caller")
    came = (
        webhooks.filter(pl.col("keyed").fill_null("") != "")
        .select("sid", "keyed", at="sent")
        .join(called, on="sid")
        .sort("at")
        .collect()
    )
    if not len(came):
        return _COLUMNS.to_frame()
    tries = (
        history.with_row_index("first")
        .filter(
            pl.col("channel").cast(pl.String) == "voice",
            pl.col("who").is_in(came["who"].unique().implode()),
            ~is_preflight(),
        )
        .select(
            "first", "op", "who", "record", "values_hash", "released", "done", "detail",
            kind=pl.col("kind").cast(pl.String),
            outcome=pl.col("outcome").cast(pl.String).fill_null("unknown"),
        )
        .sort("released")
        .collect()
    )  # fmt: skip
    return (
        came.join_asof(tries, left_on="at", right_on="released", by="who", check_sortedness=False)
        .filter(
            pl.col("kind").is_in(WRITES),
            pl.col("done").is_null() | (pl.col("at") <= pl.col("done") + TWO_CLOCKS),
        )
        .with_columns(came=pl.col("record").str.replace(r"[^-]*$", "") + pl.col("keyed"))
        .filter(pl.col("came") != pl.col("record"))
        .unique(["first", "came"], maintain_order=True)
        .select(_COLUMNS.names())
        .cast(_COLUMNS)
    )


def with_garbled(sent: Sent, came: pl.DataFrame) -> Sent:
    """The reports sent, and those that came though nobody keyed them: they may be there."""
    if not len(came):
        return sent
    also = came.select(
        "first",
        key=pl.concat_str("op", "came", separator=" as ").hash(),
        rec=pl.col("came").hash(),
        values="values_hash",
        acked=False,
        possible=True,
        reached=True,
        start="at",
        end=pl.lit(NEVER, pl.Int64),
    )
    columns = [each for each in sent.operations.columns if each != "several"]
    every = pl.concat([sent.operations.select(columns), also.select(columns)])
    return Sent(every.with_columns(several=repeated(every["rec"])), sent.repeats)
