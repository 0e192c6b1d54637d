"""Vacuity: an operation that never once succeeded has not been drilled, whatever did not fail."""

from __future__ import annotations

from collections.abc import Iterable

from harness.checks.doubt import never_succeeded
from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.record import Finding, RunFolder, Status

CHECK = "vacuity"


def check(run: RunFolder) -> Iterable[Finding]:
    """Did every kind of operation that the app offers work at least once?"""
    evidence = evidence_of(run)
    for kind in evidence.offered:
        yield _ask(evidence, kind)


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
