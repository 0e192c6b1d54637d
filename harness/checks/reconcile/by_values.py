"""Readers without a place for our key: rows are matched by record and values, or values alone.

Identical reports cannot be told apart, so rows are counted for each group of identical ones.
"""

from __future__ import annotations

import polars as pl

from harness.checks.reconcile.by_record import held_elsewhere
from harness.checks.reconcile.evidence import Evidence, Reader
from harness.checks.reconcile.offences import Reconciled, offence, together
from harness.checks.reconcile.register import pair
from harness.checks.reconcile.rows import Rows, read_rows

ASKED = frozenset(
    {"lost", "phantom", "duplicate", "altered", "misattributed", "resurrected", "late"}
)


def by_values(evidence: Evidence, reader: Reader, last: Rows) -> Reconciled:
    """Reconcile a ``set`` reader whose rows keep no operation key."""
    group = pair("rec", "values") if last.recorded else pl.col("values")
    sent = _sent(evidence, group)
    found = _found(last.frame, group)
    before = _found(read_rows(evidence, reader, "baseline").frame, group)
    held = (
        found.join(before.select("group", was="found"), on="group", how="left", nulls_equal=True)
        .with_columns(found=pl.col("found") - pl.col("was").fill_null(0))
        .filter(pl.col("found") > 0)
    )
    both = sent.join(held, on="group", how="left").with_columns(pl.col("found").fill_null(0))
    bound = pl.col("acked") + pl.col("possible")
    short = both.filter(pl.col("found") < pl.col("acked"))
    over = both.filter(pl.col("found") > bound)
    parts = [
        offence("lost", short.with_columns(times=pl.col("acked") - pl.col("found"))),
        offence("duplicate", over.filter(bound > 0).with_columns(times=pl.col("found") - bound)),
        offence("resurrected", over.filter(bound == 0).with_columns(times=pl.col("found"))),
        *_strangers(evidence, held.join(sent, on="group", how="anti", nulls_equal=True), last),
    ]
    if evidence.last_round == "again":
        settled = _found(read_rows(evidence, reader, "settled").frame, group)
        late = both.filter(pl.col("acked") > 0, pl.col("found") >= pl.col("acked"))
        parts.append(offence("late", late.join(settled, on="group", how="anti")))
    return Reconciled(
        reader,
        together(parts),
        rows=int(held["found"].sum()),
        ambiguous=int((both["acked"] + both["possible"] > 1).sum()),
        twice=evidence.last_round == "again",
        asked=ASKED,
    )


def _sent(evidence: Evidence, group: pl.Expr) -> pl.DataFrame:
    """Reports by group of identical ones: how many were acknowledged, and how many may be there."""
    return (
        evidence.operations.filter("reached")
        .with_columns(group=group)
        .drop_nulls("group")
        .group_by("group")
        .agg(
            pl.col("acked").sum().cast(pl.Int64),
            (pl.col("possible") & ~pl.col("acked")).sum().cast(pl.Int64).alias("possible"),
            pl.col("first").min(),
            pl.col("key").first(),
            pl.col("rec").first(),
        )
    )


def _found(rows: pl.DataFrame, group: pl.Expr) -> pl.DataFrame:
    return rows.group_by(group=group).agg(
        pl.col("row").min(),
        pl.col("rec").first().alias("row_rec"),
        pl.col("values").first(),
        found=pl.len().cast(pl.Int64),
    )


def _strangers(evidence: Evidence, rows: pl.DataFrame, last: Rows) -> list[pl.DataFrame]:
    """Rows that nobody sent as they are."""
    rows = rows.rename({"row_rec": "rec"}).with_columns(times=pl.col("found"))
    if not last.recorded:
        return [offence("phantom", rows)]
    known = evidence.records.filter("reached").select("rec")
    named = rows.join(known, on="rec", how="semi")
    moved = held_elsewhere(evidence, rows)
    return [
        offence("misattributed", moved),
        offence("altered", named.join(moved, on="row", how="anti")),
        offence(
            "phantom",
            rows.join(known, on="rec", how="anti").join(moved, on="row", how="anti"),
        ),
    ]
