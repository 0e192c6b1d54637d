"""Already have it: the app may say so to a retry, never to a report it has not seen before."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.register import WRITES, is_preflight
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "already_have_it"
ASKS = "Does the app recognise only what it has been sent before?"


def check(run: RunFolder) -> Iterable[Finding]:
    """Does the app recognise only what it has been sent before?"""
    evidence = evidence_of(run)
    said = (
        _writes(evidence)
        .filter(pl.col("answer_class").cast(pl.String) == "already_have_it")
        .collect()
    )
    if not len(said):
        answer = "The app never said that it already had a report."
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, answer)
        return
    wrong = said.join(_earlier(evidence, said), on="row", how="anti")
    figures: dict[str, float | int | None] = {"k": len(wrong), "n": len(said)}
    answer = f"{len(wrong):,} of {len(said):,} answers of that kind were to something new."
    if not len(wrong):
        yield Finding(CHECK, Status.PASS, ASKS, answer, figures=figures)
        return
    gap = evidence.ledger_gap
    shown = tuple(
        Witness(record, "a first attempt is new to the app", "it said it had it already", (op,))
        for op, record in wrong.select("op", "record").head(MOST).iter_rows()
    )
    yield Finding(
        CHECK, Status.UNKNOWN if gap else Status.FAIL, ASKS, f"{answer} {gap or ''}".strip(), "",
        figures, shown, len(wrong),
    )  # fmt: skip


def _writes(evidence: Evidence) -> pl.LazyFrame:
    return (
        evidence.history.with_row_index("row")
        .filter(pl.col("kind").cast(pl.String).is_in(WRITES), ~is_preflight())
        .select("row", "op", "record", "answer_class", "sent", "done")
    )


def _earlier(evidence: Evidence, said: pl.DataFrame) -> pl.DataFrame:
    """Those answers before which another attempt for the same record had been sent."""
    others = _writes(evidence).select("record", other="row", began="sent")
    # What the line made of a code is a code that the app was sent.
    came = evidence.garbled.lazy().select(record="came", other="first", began="at")
    others = pl.concat([others, came])
    pairs = said.lazy().select("row", "record", "done").join(others, on="record")
    earlier = pairs.filter(pl.col("row") != pl.col("other"), pl.col("began") < pl.col("done"))
    return earlier.select("row").unique().collect()
