"""Zero report: before the start, none of this run's reports may be in the app.

Whatever else is there is the baseline: counted, left out of every sum, and required unchanged
at the end (see ``baseline``). With ``zero: strict`` in the scenario the app must be empty.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence, Reader
from harness.checks.reconcile.rows import Rows, read_rows
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "zero_report"
ASKS = "Was the app empty of this drill's reports before it began?"


def check(run: RunFolder) -> Iterable[Finding]:
    """Was the app empty of this drill's reports before it began?"""
    evidence = evidence_of(run)
    readers = [each for each in evidence.readers if each.mode not in ("totals", "count")]
    if not readers:
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, "Only sums can be read from this target.")
    for reader in readers:
        yield _ask(evidence, reader)


def _ask(evidence: Evidence, reader: Reader) -> Finding:
    silent = evidence.unread(reader.name)
    if silent:
        return Finding(CHECK, Status.UNKNOWN, ASKS, silent, reader.name)
    before = read_rows(evidence, reader, "baseline")
    strict = evidence.info.get("zero") == "strict"
    early = before.frame if strict else ours(evidence, reader, before)
    others = len(before.frame) - len(early)
    figures: dict[str, float | int | None] = {"k": len(early), "baseline": others}
    rest = f" {others:,} other rows were, and are left out of every count." if others else ""
    if not len(early):
        answer = f"None of this drill's reports was there before it.{rest}"
        return Finding(CHECK, Status.PASS, ASKS, answer, reader.name, figures)
    answer = f"{len(early):,} rows that this drill must not find were there before it.{rest}"
    return Finding(
        CHECK, Status.FAIL, ASKS, answer, reader.name, figures,
        _witnesses(evidence, reader, early), len(early),
    )  # fmt: skip


def ours(evidence: Evidence, reader: Reader, before: Rows) -> pl.DataFrame:
    """Rows of the baseline under this run's keys, or for its records where there is one each."""
    if not len(before.frame):
        return before.frame
    operations = evidence.operations
    # A record that is there with nothing below it, as children are counted, holds no report.
    rows = before.frame.filter(pl.col("number").is_null() | (pl.col("number") != 0))
    mine = rows.join(operations.select("key").unique(), on="key", how="semi")
    if reader.mode == "set" or not before.recorded:
        return mine
    driven = rows.join(operations.filter("reached").select("rec").unique(), on="rec", how="semi")
    return pl.concat([mine, driven]).unique("row").sort("row")


def _witnesses(evidence: Evidence, reader: Reader, early: pl.DataFrame) -> tuple[Witness, ...]:
    rows = (
        evidence.placed(reader.name, "baseline")
        .filter(pl.col("at").is_in(early["row"].head(MOST).implode()))
        .select("record", "key")
        .collect()
    )
    return tuple(
        Witness(record or "", "not there before the drill", "there", (key,) if key else ())
        for record, key in rows.iter_rows()
    )
