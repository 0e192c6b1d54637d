"""Readers with one row a record: does the row say what may stand, and is every record there?"""

from __future__ import annotations

import polars as pl

from harness.checks.reconcile.evidence import Evidence, Reader
from harness.checks.reconcile.offences import Reconciled, offence, together
from harness.checks.reconcile.register import ALLOWED, REFUSED, STALE
from harness.checks.reconcile.rows import Rows, read_rows

PRESENCE = frozenset({"lost", "phantom", "duplicate", "resurrected", "late"})
VALUES = frozenset({"altered", "misattributed", "stale"})
UNMATCHED = 255


def by_record(evidence: Evidence, reader: Reader) -> Reconciled:
    """Reconcile a ``keyed`` or ``state`` reader."""
    last = read_rows(evidence, reader, evidence.last_round)
    records = evidence.records
    ours = records.filter("reached").select("rec")
    baseline = read_rows(evidence, reader, "baseline").frame.select("rec").unique()
    foreign = baseline.join(ours, on="rec", how="anti")
    # What stands may be under any operation's key, so it is the record that is asked about.
    rows = last.frame.drop("key").join(foreign, on="rec", how="anti")
    parts = [*_presence(evidence, reader, rows), *_wrong(evidence, rows, last)]
    return Reconciled(
        reader,
        together(parts),
        rows=len(rows),
        twice=evidence.last_round == "again",
        one_a_record=True,
        # An empty target shows no values, and still answers that nothing in it is wrong.
        asked=PRESENCE | VALUES if last.valued or not len(last.frame) else PRESENCE,
    )


def _presence(evidence: Evidence, reader: Reader, rows: pl.DataFrame) -> list[pl.DataFrame]:
    acked = evidence.records.filter("acked").select("rec", "first")
    parts = [offence("lost", acked.join(rows, on="rec", how="anti"))]
    repeated = rows.filter(pl.col("rec").is_duplicated() & pl.col("rec").is_not_null())
    if len(repeated):
        counts = repeated.group_by("rec").agg(pl.col("row").max(), times=pl.len() - 1)
        parts.append(offence("duplicate", counts))
    if evidence.last_round == "again":
        before = read_rows(evidence, reader, "settled").frame
        late = acked.join(rows, on="rec", how="semi").join(before, on="rec", how="anti")
        parts.append(offence("late", late))
    return parts


def _wrong(evidence: Evidence, rows: pl.DataFrame, last: Rows) -> list[pl.DataFrame]:
    """Rows of records nobody reported, and rows whose values may not stand."""
    known = evidence.records.filter("reached").select("rec", "acked", "possible", "first")
    strangers = rows.join(known, on="rec", how="anti")
    named = rows.join(known, on="rec")
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
    reached = evidence.judged.lazy().filter("reached").select("pair", "state").collect()
    matched = rows.join(reached, on="pair", how="left").with_columns(
        pl.col("state").fill_null(UNMATCHED)
    )
    if len(matched) > len(rows):
        best = matched.group_by("row").agg(pl.col("state").min())
        matched = rows.join(best, on="row")
    return matched


def held_elsewhere(evidence: Evidence, rows: pl.DataFrame) -> pl.DataFrame:
    """Those rows whose values somebody sent, for whatever record."""
    sent = evidence.operations.filter("reached").select("values")
    return rows.drop_nulls("values").join(sent, on="values", how="semi")
