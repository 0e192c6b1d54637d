"""Fallback: when the app does not answer its carrier, does its fallback tell callers what to do?

A fallback that fails as well leaves callers with silence. One that could not be reached at all
went down with the app: it is counted, and it is no worse an answer than the app's own.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "fallback"
ASKS = "Where the app failed its callers, did the fallback help them?"


def check(run: RunFolder) -> Iterable[Finding]:
    """Where the app failed its callers, did the fallback help them?"""
    evidence = evidence_of(run)
    asked = (
        evidence.webhooks.filter("fallback")
        .select(pl.col("line").cast(pl.String), "sid", "status", "error", "detail")
        .collect()
    )
    answered = asked.filter(pl.col("status").is_not_null())
    bad = answered.filter(pl.col("error") != 0)
    figures: dict[str, float | int | None] = {
        "k": len(bad),
        "n": len(asked),
        "unreachable": len(asked) - len(answered),
    }
    if bad.is_empty() and answered.is_empty():
        answer = (
            f"The fallback was asked for {len(asked):,} times and could not be reached: it went "
            "down with the app."
            if len(asked)
            else "The fallback was never asked for."
        )
        status = Status.UNKNOWN if len(asked) else Status.NOT_APPLICABLE
        yield Finding(CHECK, status, ASKS, answer, figures=figures)
        return
    if len(bad):
        shown = tuple(
            Witness("", "words that help the caller", f"{line}: {status}, error {error} {detail}")
            for line, _, status, error, detail in bad.head(MOST).iter_rows()
        )
        answer = f"{len(bad):,} of {len(answered):,} answers of the fallback were no help."
        yield Finding(CHECK, Status.FAIL, ASKS, answer, "", figures, shown, len(bad))
        return
    answer = f"The fallback spoke to all {len(answered):,} callers who reached it."
    if figures["unreachable"]:
        answer += f" {figures['unreachable']:,} more could not reach it."
    yield Finding(CHECK, Status.PASS, ASKS, answer, figures=figures)
