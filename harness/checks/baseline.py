"""Baseline: what was in the app before the drill, and is not of it, must be unchanged after."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import ROW_MODES, Evidence, Reader
from harness.checks.reconcile.rows import read_rows
from harness.checks.reconcile.witnesses import MOST
from harness.checks.zero_report import ours
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "baseline"
ASKS = "Is everything that was in the app before the drill still as it was?"


def check(run: RunFolder) -> Iterable[Finding]:
    """Is everything that was in the app before the drill still as it was?"""
    evidence = evidence_of(run)
    readers = [each for each in evidence.readers if each.mode in ROW_MODES]
    if not readers:
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, "No reader shows rows.")
    for reader in readers:
        yield _ask(evidence, reader)


def _ask(evidence: Evidence, reader: Reader) -> Finding:
    silent = evidence.unread(reader.name)
    if silent:
        return Finding(CHECK, Status.UNKNOWN, ASKS, silent, reader.name)
    before = read_rows(evidence, reader, "baseline")
    foreign = before.frame.join(ours(evidence, reader, before), on="row", how="anti")
    if not len(foreign):
        answer = "Nothing else was there before the drill."
        return Finding(CHECK, Status.NOT_APPLICABLE, ASKS, answer, reader.name)
    after = read_rows(evidence, reader, evidence.last_round).frame
    changed = foreign.join(after, on=["key", "rec", "values"], how="anti", nulls_equal=True)
    figures: dict[str, float | int | None] = {"k": len(changed), "n": len(foreign)}
    answer = f"{len(changed):,} of {len(foreign):,} rows from before the drill were changed by it."
    status = Status.FAIL if len(changed) else Status.PASS
    return Finding(
        CHECK, status, ASKS, answer, reader.name, figures,
        _witnesses(evidence, reader, changed), len(changed),
    )  # fmt: skip


def _witnesses(evidence: Evidence, reader: Reader, changed: pl.DataFrame) -> tuple[Witness, ...]:
    rows = (
        evidence.placed(reader.name, "baseline")
        .filter(pl.col("at").is_in(changed["row"].head(MOST).implode()))
        .select("record", "key")
        .collect()
    )
    return tuple(
        Witness(record or key or "", "as it was before the drill", "changed or gone")
        for record, key in rows.iter_rows()
    )
