"""Readers that say how many there are below each record: one for each report."""

from __future__ import annotations

import polars as pl

from harness.checks.reconcile.evidence import Evidence, Reader
from harness.checks.reconcile.offences import Reconciled, offence, together
from harness.checks.reconcile.rows import read_rows

ASKED = frozenset({"lost", "phantom", "duplicate", "late"})


def children(evidence: Evidence, reader: Reader) -> Reconciled:
    """Reconcile a ``children`` reader: below each record, acknowledged <= found <= possible."""
    found = _counts(evidence, reader, evidence.last_round)
    sent = (
        evidence.operations.filter("reached")
        .group_by("rec")
        .agg(
            pl.col("acked").sum().cast(pl.Int64),
            bound=(pl.col("acked") | pl.col("possible")).sum().cast(pl.Int64),
            first=pl.col("first").min(),
        )
    )
    both = sent.join(found, on="rec", how="left").with_columns(pl.col("found").fill_null(0))
    over = both.filter(pl.col("found") > pl.col("bound"))
    strangers = found.join(sent, on="rec", how="anti").filter(pl.col("found") > 0)
    short = both.filter(pl.col("found") < pl.col("acked"))
    parts = [
        offence("lost", short.with_columns(times=pl.col("acked") - pl.col("found"))),
        offence("duplicate", over.with_columns(times=pl.col("found") - pl.col("bound"))),
        offence("phantom", strangers.with_columns(times=pl.col("found"))),
    ]
    if evidence.last_round == "again":
        before = _counts(evidence, reader, "settled").select("rec", was="found")
        late = both.join(before, on="rec", how="left").filter(
            pl.col("was").fill_null(0) < pl.col("acked"), pl.col("found") >= pl.col("acked")
        )
        parts.append(offence("late", late))
    return Reconciled(
        reader,
        together(parts),
        rows=int(found["found"].sum()),
        twice=evidence.last_round == "again",
        asked=ASKED,
    )


def _counts(evidence: Evidence, reader: Reader, round_: str) -> pl.DataFrame:
    """Columns ``rec``, ``row`` and ``found``: how many more than before the drill."""

    def counted(each: str) -> pl.DataFrame:
        rows = read_rows(evidence, reader, each).frame.drop_nulls("rec")
        number = pl.col("number").fill_null(1.0).sum().cast(pl.Int64)
        return rows.group_by("rec").agg(pl.col("row").min(), found=number)

    before = counted("baseline").select("rec", was="found")
    return (
        counted(round_)
        .join(before, on="rec", how="left")
        .with_columns(found=pl.col("found") - pl.col("was").fill_null(0))
        .drop("was")
    )
