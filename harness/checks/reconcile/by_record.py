"""Readers with one row a record: does the row say what may stand, and is every record there?"""

from __future__ import annotations

import polars as pl

from harness.checks.reconcile.agreement import open_records
from harness.checks.reconcile.evidence import Evidence, Reader
from harness.checks.reconcile.offences import Reconciled, offence, together
from harness.checks.reconcile.register import ALLOWED, REFUSED, STALE, pair
from harness.checks.reconcile.rows import Rows, read_rows

PRESENCE = frozenset({"lost", "phantom", "duplicate", "resurrected", "late"})
VALUES = frozenset({"altered", "misattributed", "stale"})
UNMATCHED = 255
FEW = 2  # records that may have the same values, for these to tell where they belong


def by_record(evidence: Evidence, reader: Reader, last: Rows) -> Reconciled:
    """Reconcile a ``keyed`` or ``state`` reader."""
    records = evidence.records
    ours = records.filter("reached").select("rec")
    baseline = read_rows(evidence, reader, "baseline").frame.select("rec").unique()
    # What stands may be under any operation's key, so it is the record that is asked about.
    rows = last.frame.drop("key")
    if len(baseline):
        rows = rows.join(baseline.join(ours, on="rec", how="anti"), on="rec", how="anti")
    known = records.filter("reached").select("rec", "acked", "possible", "first", sent="values")
    doubtful, asked_about = rows, known
    if last.valued:
        still_open = pl.col("rec").is_in(open_records(evidence, rows).implode())
        doubtful = rows.filter(still_open | pl.col("rec").is_null())
        asked_about = known.filter(still_open)
    both = doubtful.join(asked_about, on="rec", how="full", coalesce=True)
    present = both.filter(pl.col("row").is_not_null())
    parts = [
        offence("lost", both.filter(pl.col("row").is_null(), pl.col("acked"))),
        offence("duplicate", _repeated(present)),
        *_late(evidence, reader, rows, known),
        *_wrong(evidence, present, last),
    ]
    return Reconciled(
        reader,
        together(parts),
        rows=len(rows),
        twice=evidence.last_round == "again",
        one_a_record=True,
        # An empty target shows no values, and still answers that nothing in it is wrong.
        asked=_asked(evidence, last),
    )


def _asked(evidence: Evidence, last: Rows) -> frozenset[str]:
    if last.valued and len(evidence.fields) == 1:
        return PRESENCE | VALUES - {"misattributed"}
    return PRESENCE | VALUES if last.valued or not len(last.frame) else PRESENCE


def _repeated(rows: pl.DataFrame) -> pl.DataFrame:
    """Records that are there more than once."""
    again = rows.filter(pl.col("rec").is_not_null() & pl.col("rec").is_duplicated())
    return again.group_by("rec").agg(pl.col("row").max(), times=pl.len() - 1)


def _late(
    evidence: Evidence, reader: Reader, rows: pl.DataFrame, known: pl.DataFrame
) -> list[pl.DataFrame]:
    """Acknowledged records that only the second reading shows."""
    if evidence.last_round != "again" or evidence.steady(reader.name):
        return []
    before = read_rows(evidence, reader, "settled").frame
    new = rows.join(before, on="rec", how="anti")
    acked = known.filter("acked").select("rec", "first")
    return [offence("late", new.join(acked, on="rec").unique("rec"))]


def _wrong(evidence: Evidence, rows: pl.DataFrame, last: Rows) -> list[pl.DataFrame]:
    """Rows of records nobody reported, and rows whose values may not stand."""
    strangers = rows.filter(pl.col("first").is_null())
    named = rows.filter(pl.col("first").is_not_null())
    if not last.valued:
        refused = named.filter(~pl.col("acked") & ~pl.col("possible"))
        return [offence("phantom", strangers), offence("resurrected", refused)]
    sorted_ = match(evidence, named)
    unmatched = sorted_.filter(pl.col("state") == UNMATCHED)
    elsewhere = pl.concat([unmatched.select("row", "values"), strangers.select("row", "values")])
    moved = held_elsewhere(evidence, elsewhere)
    allowed = sorted_.filter(pl.col("state") == ALLOWED).select("rec")
    stale = sorted_.filter(pl.col("state") == STALE).join(allowed, on="rec", how="anti")
    return [
        offence("misattributed", unmatched.join(moved, on="row", how="semi")),
        offence("misattributed", strangers.join(moved, on="row", how="semi")),
        offence("altered", unmatched.join(moved, on="row", how="anti")),
        offence("phantom", strangers.join(moved, on="row", how="anti")),
        offence("stale", stale),
        offence("resurrected", sorted_.filter(pl.col("state") == REFUSED)),
    ]


def match(evidence: Evidence, rows: pl.DataFrame) -> pl.DataFrame:
    """Add ``state``: the best that any report of that record with those values would mean."""
    refused = ~pl.col("acked") & ~pl.col("possible")
    alone = pl.col("sent") == pl.col("values")  # null where the record has several reports
    plain = rows.filter(alone).with_columns(
        state=pl.when(refused).then(REFUSED).otherwise(ALLOWED).cast(pl.UInt8)
    )
    others = rows.filter(~alone.fill_null(False))
    several = evidence.contested.lazy().filter("reached").select(pair("rec", "values"), "state")
    matched = (
        others.lazy()
        .with_columns(pair("rec", "values"))
        .join(several, on="pair", how="left")
        .with_columns(pl.col("state").fill_null(UNMATCHED))
        .collect()
    )
    if len(matched) > len(others):
        best = matched.group_by("row").agg(pl.col("state").min())
        matched = others.join(best, on="row")
    return pl.concat([plain, matched.select(plain.columns)])


def held_elsewhere(evidence: Evidence, rows: pl.DataFrame) -> pl.DataFrame:
    """Those rows whose values somebody sent, for whatever record.

    Values that are those of many records, as all are of a single cell, say nothing of where they
    belong.
    """
    if len(evidence.fields) == 1 or not len(rows):
        return rows.clear()
    sent = evidence.operations.filter("reached").select("rec", "values")
    told = rows.select("values").drop_nulls().unique().join(sent, on="values")
    telling = told.group_by("values").agg(pl.col("rec").n_unique()).filter(pl.col("rec") <= FEW)
    return rows.join(telling, on="values", how="semi")
