"""Injects: did each planned fault happen, touch something, and end?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.record import COULD_NOT_BEGIN, Finding, RunFolder, Status

CHECK = "injects"


def check(run: RunFolder) -> Iterable[Finding]:
    """Did each planned fault happen, touch something, and end?"""
    evidence = evidence_of(run)
    rows = evidence.injects.with_columns(pl.col("kind").cast(pl.String)).collect().to_dicts()
    happened = {row["name"]: row for row in rows}
    planned = [str(each["name"]) for each in evidence.info.get("injects") or []]
    for name in dict.fromkeys((*planned, *happened)):
        yield _ask(name, happened.get(name), _left_out(evidence, name))
    if not planned and not happened:
        answer = "The scenario plans none."
        yield Finding(CHECK, Status.NOT_APPLICABLE, "Did the planned faults happen?", answer)


def _left_out(evidence: Evidence, name: str) -> str:
    """Why this drill could not play an inject, empty if it could."""
    begins = f"{name}: "
    said = (each.removeprefix(begins) for each in evidence.not_drilled if each.startswith(begins))
    return next(said, "")


def _ask(name: str, row: dict[str, Any] | None, left_out: str) -> Finding:
    asks = f"Did {name!r} happen, touch something, and end?"
    if row is None and left_out:
        return Finding(CHECK, Status.NOT_DRILLED, asks, f"It was not played: {left_out}.", name)
    if row is None or row["started_drill"] is None:
        why = f": {row['detail']}" if row and row["detail"] else ""
        return Finding(CHECK, Status.UNKNOWN, asks, f"It did not happen{why}.", name)
    touched = row["touched"] or 0
    figures: dict[str, float | int | None] = {
        "touched": touched,
        "started_drill": row["started_drill"],
        "ended_drill": row["ended_drill"],
    }
    if not row["undone"]:
        answer = "It happened and was not undone: the target may still be broken."
        return Finding(CHECK, Status.FAIL, asks, answer, name, figures, offenders=1)
    if not touched:
        answer = "It happened and touched nothing, so what hangs on it was not drilled."
        return Finding(CHECK, Status.UNKNOWN, asks, answer, name, figures)
    if COULD_NOT_BEGIN in (row["detail"] or ""):
        answer = f"It touched {touched:,}, and not all that it names: {row['detail']}."
        return Finding(CHECK, Status.UNKNOWN, asks, answer, name, figures)
    return Finding(CHECK, Status.PASS, asks, f"It touched {touched:,}.", name, figures)
