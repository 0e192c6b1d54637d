"""The ledger: is everything that was sent on record? Without that, nothing missing is missed."""

from __future__ import annotations

from collections.abc import Iterable

from harness.checks.question import evidence_of
from harness.record import Finding, RunFolder, Status

CHECK = "ledger"
ASKS = "Is everything that was sent on record?"


def check(run: RunFolder) -> Iterable[Finding]:
    """Is everything that was sent on record?"""
    evidence = evidence_of(run)
    attempts = sum(sum(outcomes.values()) for outcomes in evidence.kinds.values())
    figures: dict[str, float | int | None] = {
        "attempts": attempts,
        "workers_lost": int(evidence.info.get("workers_lost") or 0),
    }
    gap = evidence.ledger_gap
    told = (evidence.info.get("live") or {}).get("events") if evidence.nothing_sent else None
    if gap:
        yield Finding(CHECK, Status.UNKNOWN, ASKS, gap, figures=figures)
    elif told is not None:
        asks = "Is everything that happened in the live drill on record?"
        answer = f"All {told:,} events are on record, without a gap."
        yield Finding(CHECK, Status.PASS, asks, answer, figures=figures | {"events": told})
    else:
        answer = f"All {attempts:,} attempts are on record, without a gap."
        yield Finding(CHECK, Status.PASS, ASKS, answer, figures=figures)
