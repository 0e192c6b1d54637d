"""Signatures: does the app turn away requests that its phone carrier did not sign?

Whoever knows the address of a webhook could otherwise report in anybody's name. The carrier's
stand-in sends each number's addresses a request with a wrong signature, and each address that
callers' keys were sent to, and looks at the answer.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "signatures"
ASKS = "Does the app turn away requests that its phone carrier did not sign?"


def check(run: RunFolder) -> Iterable[Finding]:
    """Does the app turn away requests that its phone carrier did not sign?"""
    webhooks = evidence_of(run).webhooks
    if webhooks.limit(1).collect().is_empty():
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, "The carrier asked the app for nothing.")
        return
    forged = (
        webhooks.filter(pl.col("purpose").cast(pl.String) == "forged")
        .select(pl.col("line").cast(pl.String), "status", "detail")
        .collect()
    )
    yield _answer(forged)


def _answer(forged: pl.DataFrame) -> Finding:
    let_in = forged.filter(pl.col("status").is_between(200, 399))
    turned_away = forged.filter(pl.col("status").is_between(400, 499))
    k, n = len(let_in), len(forged)
    figures: dict[str, float | int | None] = {"k": k, "n": n, "turned_away": len(turned_away)}
    if k:
        shown = tuple(
            Witness("", "turned away (403)", f"line {line}: {status} {detail}".strip())
            for line, status, detail in let_in.select("line", "status", "detail")
            .head(MOST)
            .iter_rows()
        )
        answer = f"{k:,} of {n:,} requests with a wrong signature were served."
        return Finding(CHECK, Status.FAIL, ASKS, answer, "", figures, shown, k)
    if not len(turned_away):
        answer = "No request with a wrong signature was answered, so nobody knows."
        return Finding(CHECK, Status.UNKNOWN, ASKS, answer, figures=figures)
    answer = f"{len(turned_away):,} of {n:,} requests with a wrong signature were turned away."
    status = Status.PASS if len(turned_away) == n else Status.UNKNOWN
    return Finding(CHECK, status, ASKS, answer, figures=figures)
