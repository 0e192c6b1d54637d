"""Vacuity: an operation that never once succeeded has not been drilled, whatever did not fail.

Nor has a phone line on which nobody was ever served.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.doubt import never_succeeded
from harness.checks.phones import SERVED
from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.record import Finding, RunFolder, Status

CHECK = "vacuity"
NOT_CALLERS = ("nuisance", "line_test")  # who means to block a line, and who measures one


def check(run: RunFolder) -> Iterable[Finding]:
    """Did every kind of operation that the app offers work at least once?"""
    evidence = evidence_of(run)
    for kind in evidence.offered:
        yield _ask(evidence, kind)
    calls = evidence.calls.filter(~pl.col("role").cast(pl.String).is_in(NOT_CALLERS))
    lines = (
        calls.group_by(line=pl.col("line").cast(pl.String))
        .agg(n=pl.len(), k=pl.col("cause").cast(pl.String).is_in(SERVED).sum())
        .sort("line")
        .collect()
    )
    for line, tried, served in lines.rows():
        yield _line(line, tried, served)


def _ask(evidence: Evidence, kind: str) -> Finding:
    asks = f"Did {kind.replace('_', ' ')} work at least once?"
    outcomes = evidence.kinds.get(kind, {})
    tried, worked = sum(outcomes.values()), outcomes.get("ok", 0)
    figures: dict[str, float | int | None] = {"k": worked, "n": tried}
    if kind in evidence.not_drilled:
        status, answer = Status.NOT_DRILLED, "This machine could not drive it."
    elif not tried:
        status, answer = Status.NOT_APPLICABLE, "The drill made none."
    elif never_succeeded(evidence, kind):
        status, answer = (
            Status.UNKNOWN,
            f"0 of {tried:,} tries worked, so what hangs on it was not drilled.",
        )
    else:
        status, answer = Status.PASS, f"{worked:,} of {tried:,} tries worked."
    return Finding(CHECK, status, asks, answer, kind, figures)


def _line(line: str, tried: int, served: int) -> Finding:
    asks = f"Was anybody served on the line {line}?"
    figures: dict[str, float | int | None] = {"k": served, "n": tried}
    status, answer = Status.PASS, f"{served:,} of {tried:,} calls were served."
    if not served:
        status = Status.UNKNOWN
        answer = f"0 of {tried:,} calls were served, so what hangs on it was not drilled."
    return Finding(CHECK, status, asks, answer, f"line {line}", figures)
