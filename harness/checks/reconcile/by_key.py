"""Readers with a row of its own for every report, matched by the operation key it keeps."""

from __future__ import annotations

import polars as pl

from harness.checks.reconcile.by_record import held_elsewhere
from harness.checks.reconcile.evidence import Evidence, Reader
from harness.checks.reconcile.offences import Reconciled, offence, together
from harness.checks.reconcile.rows import Rows, read_rows

PRESENCE = frozenset({"lost", "phantom", "duplicate", "resurrected", "late"})


def by_key(evidence: Evidence, reader: Reader, last: Rows) -> Reconciled:
    """Reconcile a ``set`` reader whose rows keep operation keys."""
    operations = evidence.operations.filter("reached").select(
        "key", "acked", "possible", "first", sent_rec="rec", sent_values="values"
    )
    baseline = read_rows(evidence, reader, "baseline").frame
    rows = _without(last.frame, baseline, operations)
    joined = rows.join(operations, on="key", how="left")
    sent = joined.filter(pl.col("first").is_not_null())
    acked = operations.filter("acked").select("key", "first", rec="sent_rec")
    parts = [
        offence("lost", acked.join(rows, on="key", how="anti")),
        offence("phantom", joined.filter(pl.col("first").is_null())),
        offence("resurrected", sent.filter(~pl.col("acked") & ~pl.col("possible"))),
        *_repeated(sent),
        *_wrong(evidence, sent, last),
    ]
    if evidence.last_round == "again":
        before = read_rows(evidence, reader, "settled").frame
        late = acked.join(rows, on="key", how="semi").join(before, on="key", how="anti")
        parts.append(offence("late", late))
    return Reconciled(
        reader,
        together(parts),
        rows=len(rows),
        twice=evidence.last_round == "again",
        asked=_asked(last),
    )


def _asked(last: Rows) -> frozenset[str]:
    # An empty target shows no values, and still answers that nothing in it is wrong.
    valued = last.valued or not len(last.frame)
    more = {"altered"} if valued else set()
    return PRESENCE | more | ({"misattributed"} if valued or last.recorded else set())


def _without(rows: pl.DataFrame, baseline: pl.DataFrame, ours: pl.DataFrame) -> pl.DataFrame:
    """The rows that were not there before the drill; rows of our own keys always count."""
    if not len(baseline):
        return rows
    foreign = baseline.join(ours, on="key", how="anti")
    keyed = rows.join(foreign.drop_nulls("key"), on="key", how="anti")
    nameless = foreign.filter(pl.col("key").is_null()).select("rec", "values")
    was_there = keyed.filter(pl.col("key").is_null()).join(
        nameless, on=["rec", "values"], how="semi", nulls_equal=True
    )
    return keyed.join(was_there, on="row", how="anti")


def _repeated(sent: pl.DataFrame) -> list[pl.DataFrame]:
    repeated = sent.filter(pl.col("key").is_duplicated())
    if not len(repeated):
        return []
    counts = repeated.group_by("key").agg(
        pl.col("row").max(), pl.col("first").first(), rec=pl.col("sent_rec").first(),
        times=pl.len() - 1,
    )  # fmt: skip
    return [offence("duplicate", counts)]


def _wrong(evidence: Evidence, sent: pl.DataFrame, last: Rows) -> list[pl.DataFrame]:
    """Rows under the wrong record, or with other values than were sent."""
    wrong_place = (pl.col("rec") != pl.col("sent_rec")).fill_null(False)
    moved = sent.filter(wrong_place)
    if not last.valued:
        return [offence("misattributed", moved)]
    same = (pl.col("values") == pl.col("sent_values")).fill_null(False)
    other = sent.filter(~wrong_place, ~same)
    swapped = held_elsewhere(evidence, other.select("row", "values"))
    return [
        offence("misattributed", moved),
        offence("misattributed", other.join(swapped, on="row", how="semi")),
        offence("altered", other.join(swapped, on="row", how="anti")),
    ]
