"""Readers that merge several reports into one row a record: each cell is a register.

Rows that some single report explains are settled by :mod:`by_record`; only the others are
looked at cell by cell.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from harness.checks.reconcile.by_record import UNMATCHED, by_record
from harness.checks.reconcile.evidence import Evidence, Reader
from harness.checks.reconcile.offences import Reconciled, offence, together
from harness.checks.reconcile.register import ALLOWED, NEVER, REFUSED, STALE
from harness.checks.reconcile.rows import Rows

ABOUT_VALUES = ("altered", "stale", "resurrected", "misattributed")


def by_state(evidence: Evidence, reader: Reader, last: Rows) -> Reconciled:
    """Reconcile a ``state`` reader."""
    found = by_record(evidence, reader, last)
    known = evidence.records.filter("reached").select("rec")
    suspects = found.offences.filter(pl.col("check").is_in(ABOUT_VALUES)).join(
        known, on="rec", how="semi"
    )
    if not len(suspects) or "altered" not in found.asked:
        return found
    kept = found.offences.join(suspects, on=["check", "row"], how="anti", nulls_equal=True)
    states = _states(evidence, reader, suspects)
    rejudged = [
        offence(check, states.filter(pl.col("state") == state))
        for check, state in (("stale", STALE), ("resurrected", REFUSED), ("altered", UNMATCHED))
    ]
    return replace(found, offences=together([kept, *rejudged]))


def _states(evidence: Evidence, reader: Reader, suspects: pl.DataFrame) -> pl.DataFrame:
    """What each suspect row comes to: its worst cell. Columns ``row``, ``rec``, ``state``."""
    shown = _cells(
        evidence.placed(reader.name, evidence.last_round)
        .filter(pl.col("at").is_in(suspects["row"].implode()))
        .select("values", row="at", rec=pl.col("record").hash())
        .collect()
    )
    sent = _sent_cells(evidence, suspects)
    written = sent.filter("acked").select("rec", "cell").unique()
    best = sent.group_by("rec", "cell", "value").agg(pl.col("state").min())
    judged = shown.join(best, on=["rec", "cell", "value"], how="left")
    judged = judged.join(
        written.with_columns(written=True), on=["rec", "cell"], how="left"
    ).with_columns(
        state=pl.when(pl.col("value").is_null() & pl.col("written").is_null())
        .then(ALLOWED)
        .otherwise(pl.col("state").fill_null(UNMATCHED))
    )
    return judged.group_by("row").agg(pl.col("rec").first(), pl.col("state").max())


def _sent_cells(evidence: Evidence, suspects: pl.DataFrame) -> pl.DataFrame:
    """Every cell that a report for these records carried, with what finding it would mean."""
    sent = evidence.operations.filter("reached").join(suspects, on="rec", how="semi")
    values = (
        evidence.history.with_row_index("first")
        .filter(pl.col("first").is_in(sent["first"].implode()))
        .select("first", "values")
        .collect()
    )
    cells = _cells(sent.drop("values").join(values, on="first")).drop_nulls("value")
    last = pl.col("start").filter(pl.col("acked")).max().over("rec", "cell").fill_null(-NEVER)
    return cells.with_columns(
        state=pl.when(~pl.col("acked") & ~pl.col("possible"))
        .then(REFUSED)
        .when(pl.col("end") >= last)
        .then(ALLOWED)
        .otherwise(STALE)
    )


def _cells(frame: pl.DataFrame) -> pl.DataFrame:
    """One row a cell: ``values`` becomes ``cell`` (its place) and ``value``."""
    return (
        frame.with_columns(cell=pl.int_ranges(pl.col("values").list.len()))
        .explode("cell", "values")
        .rename({"values": "value"})
    )
