"""Opt-out: does nobody get a text who asked for none?

A carrier answers a message to a number that said STOP with error 21610, and law and carriers
both hold the sender to it.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "opt_out"
ASKS = "Does nobody get a text who asked for none?"
SENT_AFTER_STOP = 21610


def check(run: RunFolder) -> Iterable[Finding]:
    """Does nobody get a text who asked for none?"""
    evidence = evidence_of(run)
    texts = (evidence.info.get("carrier") or {}).get("texts") or {}
    asked = int(texts.get("opted_out") or 0)
    if not asked:
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, "Nobody asked for no texts.")
        return
    told = (
        evidence.webhooks.filter(pl.col("error") == SENT_AFTER_STOP)
        .select(pl.col("line").cast(pl.String), "detail")
        .collect()
    )
    figures: dict[str, float | int | None] = {"k": len(told), "n": asked}
    if len(told):
        shown = tuple(
            Witness("", "no text after STOP", f"{line}: {detail}".strip(": "))
            for line, detail in told.head(MOST).iter_rows()
        )
        answer = f"{len(told):,} texts went to {asked:,} people who had answered STOP."
        yield Finding(CHECK, Status.FAIL, ASKS, answer, "", figures, shown, len(told))
        return
    answer = f"No text went to the {asked:,} people who had answered STOP."
    yield Finding(CHECK, Status.PASS, ASKS, answer, figures=figures)
