"""Timing: how long people waited for an answer, by kind of operation. Wall seconds.

Response time runs from the moment an operation was due, service time from the moment it was
sent; nothing is corrected afterwards. Bounds are one-sided 95 % order statistics. Attempts that
were never answered count with the time until they were given up. What is keyed on a phone or
texted takes people's time and not the app's: ``webhook_time`` tells how quickly the app answers
there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.register import is_preflight
from harness.record import Finding, RunFolder, Status
from harness.statistics import quantile_bounds
from harness.words import quantile_name, seconds

KINDS = (
    "sign_in", "submit_report", "amend_report", "read_results", "read_report", "send_photo",
    "send_text",
)  # fmt: skip
QUANTILES = (0.5, 0.75, 0.9, 0.95, 0.99)
BEGINS = {"response_time": "intended", "service_time": "sent"}
LATE = 0.010  # seconds of the generator's own lateness that are always allowed
NANOSECONDS = 1e9
BY_HAND = ("voice", "sms", "web")  # keys take the time of people, not the app's


def check(run: RunFolder) -> Iterable[Finding]:
    """How long did people wait for an answer?"""
    evidence = evidence_of(run)
    reason = why_void(evidence)
    for name, begins in BEGINS.items():
        for kind in dict.fromkeys((*KINDS, *evidence.offered)):
            yield _ask(evidence, name, begins, kind, reason)


def why_void(evidence: Evidence) -> str | None:
    """Why no timing of this run counts, None if they do."""
    if evidence.info.get("workers_lost"):
        return "A worker was lost, so timings are not known."
    if evidence.ledger_gap:
        return f"{evidence.ledger_gap} Timings are not known."
    lateness, allowed = lateness_p99(evidence), _allowed_lateness(evidence)
    if lateness is None or lateness <= allowed:
        return None
    return (
        f"The generator itself was late: 99 of 100 within {seconds(lateness)}, allowed "
        f"{seconds(allowed)}. Use more workers, a lower speed or a quieter machine."
    )


def lateness_p99(evidence: Evidence) -> float | None:
    """Seconds between due and released, 99 of 100; None if nothing was released."""
    said = (evidence.info.get("generator") or {}).get("lateness_p99")
    if said is not None:
        return float(said)
    late = (
        evidence.history.filter(~is_preflight())
        .select((pl.col("released") - pl.col("intended")).quantile(0.99, "higher"))
        .collect()
        .item()
    )
    return None if late is None else float(late) / NANOSECONDS


def _allowed_lateness(evidence: Evidence) -> float:
    """10 ms, or a tenth of the tightest timing objective if that is more."""
    asked = [
        float(each["at_most"])
        for each in evidence.info.get("objectives") or []
        if each.get("check") in BEGINS and each.get("at_most")
    ]
    return max(LATE, 0.1 * min(asked)) if asked else LATE


def _ask(evidence: Evidence, name: str, begins: str, kind: str, reason: str | None) -> Finding:
    asks = f"How long did people wait for {kind.replace('_', ' ')}?"
    if kind in evidence.not_drilled:
        answer = "This machine could not drive it."
        return Finding(name, Status.NOT_DRILLED, asks, answer, kind)
    if kind not in evidence.offered:
        answer = "The target's description does not list it."
        return Finding(name, Status.NOT_APPLICABLE, asks, answer, kind)
    times = _times(evidence, kind, begins)
    if not len(times):
        return Finding(name, Status.NOT_APPLICABLE, asks, "The drill made none.", kind)
    figures = dict(_figures(times))
    answer = (
        f"{len(times):,} answers: half within {seconds(figures['p50'] or 0)}, 95 of 100 within "
        f"{seconds(figures['p95'] or 0)}, the slowest after {seconds(figures['max'] or 0)}."
    )
    status = Status.UNKNOWN if reason else Status.PASS
    return Finding(name, status, asks, f"{answer} {reason or ''}".strip(), kind, figures)


def _times(evidence: Evidence, kind: str, begins: str) -> list[float]:
    """Seconds of every attempt that was sent, in ascending order."""
    taken = (
        evidence.history.filter(
            pl.col("kind").cast(pl.String) == kind,
            ~pl.col("channel").cast(pl.String).is_in(BY_HAND),
            ~is_preflight(),
            pl.col("sent").is_not_null(),
            pl.col("done").is_not_null(),
        )
        .select(taken=(pl.col("done") - pl.col(begins)) / NANOSECONDS)
        .collect(engine="streaming")
    )
    return taken["taken"].sort().to_list()


def _figures(times: list[float]) -> Iterator[tuple[str, float | int | None]]:
    yield "n", len(times)
    for q in QUANTILES:
        value, lower, upper = quantile_bounds(times, q)
        name = quantile_name(q)
        yield from ((name, value), (f"{name}_lower", lower), (f"{name}_upper", upper))
    yield "max", times[-1]
