"""Errors: what went wrong on the way, by kind; and what the generator had to hold back."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.register import is_preflight
from harness.checks.timing import why_void
from harness.record import Finding, RunFolder, Status

GOOD = ("accepted", "already_have_it")


def check(run: RunFolder) -> Iterable[Finding]:
    """What went wrong on the way, by kind, and what could not be sent?"""
    evidence = evidence_of(run)
    classes = _classes(evidence)
    yield _errors(classes)
    yield _shed(evidence, classes)


def _classes(evidence: Evidence) -> dict[str, int]:
    """Attempts by class of answer; an attempt whose end nobody recorded is ``no_answer``."""
    table = (
        evidence.history.filter(~is_preflight())
        .group_by(pl.col("answer_class").cast(pl.String).fill_null("no_answer"))
        .len()
        .sort("answer_class")
        .collect()
    )
    return dict(table.iter_rows())


def _errors(classes: dict[str, int]) -> Finding:
    asks = "How many attempts did not go through, and why?"
    attempts = sum(classes.values())
    failed = {name: count for name, count in classes.items() if name not in GOOD}
    if not attempts:
        return Finding("errors", Status.UNKNOWN, asks, "Nothing was attempted.")
    kinds = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in failed.items())
    answer = f"{sum(failed.values()):,} of {attempts:,} attempts did not go through"
    answer += f": {kinds}." if kinds else "."
    figures: dict[str, float | int | None] = {"k": sum(failed.values()), "n": attempts, **failed}
    unmatched = classes.get("unmatched", 0)
    if not unmatched:
        return Finding("errors", Status.PASS, asks, answer, figures=figures)
    answer += f" {unmatched:,} answers fit no rule of the target's description: add one."
    return Finding("errors", Status.UNKNOWN, asks, answer, figures=figures)


def _shed(evidence: Evidence, classes: dict[str, int]) -> Finding:
    asks = "Could everything be sent when it was due?"
    generator = evidence.info.get("generator") or {}
    shed = max(int(generator.get("shed") or 0), classes.get("shed", 0))
    attempts = max(sum(classes.values()), shed)
    figures: dict[str, float | int | None] = {"k": shed, "n": attempts}
    answer = f"{shed:,} of {attempts:,} attempts were held back"
    if not shed:
        return Finding("shed", Status.PASS, asks, f"{answer}.", figures=figures)
    answer += f": the app was so far behind that {generator.get('max_in_flight')} were waiting."
    reason = why_void(evidence)
    status = Status.UNKNOWN if reason else Status.FAIL
    return Finding(
        "shed", status, asks, f"{answer} {reason or ''}".strip(), figures=figures, offenders=shed
    )
