"""Drift: was this machine quick enough to type like the personas?

A browser on a busy machine types slower than it was told to. Then the times of personas say more
of the machine than of the app, and are void. What they could and could not do stands.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.checks.question import evidence_of
from harness.checks.reconcile.witnesses import MOST
from harness.checks.walks import MOST_DRIFT, Walks, silent
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "drift"
ASKS = "Was this machine quick enough to type as slowly, and no slower, than the personas would?"


def check(run: RunFolder) -> Iterable[Finding]:
    """Was this machine quick enough to type like the personas?"""
    evidence = evidence_of(run)
    quiet = silent(evidence, CHECK, ASKS)
    if quiet:
        yield quiet
        return
    walks = Walks(evidence)
    keyed = [each for each in walks.walked if each.drift is not None]
    late = [each for each in keyed if (each.drift or 0.0) > MOST_DRIFT]
    figures: dict[str, float | int | None] = {"worst": walks.slow, "walks": len(keyed)}
    if walks.slow is None:
        yield Finding(CHECK, Status.UNKNOWN, ASKS, "No persona typed anything.", "", figures)
        return
    answer = f"Keys took up to {_times(walks.slow)} planned."
    if late:
        answer += " The harness was too slow: the times of personas are void."
    shown = tuple(
        Witness(each.record, f"{each.title}: keys as planned", f"{_times(each.drift)} planned")
        for each in late[:MOST]
    )
    status = Status.UNKNOWN if late else Status.PASS  # it is no fault of the app's
    yield Finding(CHECK, status, ASKS, answer, "", figures, shown, len(late))


def _times(drift: float | None) -> str:
    return f"{1 + (drift or 0.0):.2f} times as long as"
