"""Detection: were the faults that have a runbook noticed, and fixed, in the time it allows?

In an attended drill by whoever pressed the keys; in any other by the target's own health page or
alarms. There the drill itself ends each fault, so only noticing is held against the limit. Drill
seconds. What was said to be fixed and was not is not fixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.record import Finding, RunFolder, Status
from harness.words import seconds

CHECK = "detection"
STILL = 10.0  # wall seconds after "fixed" in which the target may not say that it is ill
BY = {"attended": "the people at the keys", "health": "the health page", "alarm": "an alarm"}


def check(run: RunFolder) -> Iterable[Finding]:
    """Were the faults that have a runbook noticed and fixed in time?"""
    evidence = evidence_of(run)
    runbooks = {
        str(each["name"]): each["runbook"]
        for each in evidence.info.get("injects") or []
        if each.get("runbook")
    }
    rows = evidence.handling.with_columns(pl.col("by").cast(pl.String)).collect().to_dicts()
    for row in rows:
        yield _ask(evidence, row, runbooks.get(row["inject"]) or {})
    if not rows:
        yield _nothing_handled(bool(runbooks), virtual=bool(evidence.info.get("virtual")))


def _nothing_handled(runbooks: bool, *, virtual: bool) -> Finding:
    """Nothing is written down of how any fault was noticed."""
    status, answer = Status.NOT_APPLICABLE, "No fault of this drill has a runbook."
    if runbooks and virtual:
        answer = "In virtual time there is nobody, and no health page, to notice a fault."
    elif runbooks:
        status, answer = Status.UNKNOWN, "Nothing is written down of how faults were noticed."
    return Finding(CHECK, status, "Were faults noticed in time?", answer)


def _ask(evidence: Evidence, row: Mapping[str, Any], runbook: Mapping[str, Any]) -> Finding:
    name, began = str(row["inject"]), row["began_drill"]
    asks = f"Was {name!r} noticed, and fixed, in time?"
    figures = _figures(row, runbook)
    if began is None:
        return Finding(CHECK, Status.UNKNOWN, asks, "It did not happen.", name, figures)
    attended = bool(evidence.info.get("attended"))
    if not attended and not evidence.target.get("tells"):
        answer = "Nobody attended, and the target has neither a health page nor alarms."
        return Finding(CHECK, Status.NOT_DRILLED, asks, answer, name, figures)
    late = _too_late(figures, "detect")
    if row["detected_drill"] is None:
        return _unnoticed(evidence, row, asks, figures, attended)
    told = f"Noticed by {BY[row['by']]} after {seconds(figures['seconds_to_detect'] or 0.0)}{late}."
    if not attended:
        status = Status.FAIL if late else Status.PASS
        return Finding(CHECK, status, asks, told, name, figures, offenders=int(bool(late)))
    return _ask_fixed(evidence, row, figures, told, bool(late))


def _unnoticed(
    evidence: Evidence,
    row: Mapping[str, Any],
    asks: str,
    figures: dict[str, float | int | None],
    attended: bool,
) -> Finding:
    """Nobody noticed it: that fails where the runbook sets a time for what hangs on it."""
    name = str(row["inject"])
    if not attended and evidence.health.limit(1).collect().is_empty():
        answer = "The target was never asked how it is."
        return Finding(CHECK, Status.UNKNOWN, asks, answer, name, figures)
    answer = "Nobody pressed a key for it" if attended else "The target never told of it"
    if not attended and row["detail"]:
        answer = f"{answer}: {row['detail']}"
    timed = figures["detect_within"] is not None or (attended and figures["fix_within"] is not None)
    if timed:
        return Finding(CHECK, Status.FAIL, asks, f"{answer}.", name, figures, offenders=1)
    answer += ", and its runbook sets no time in which anybody must."
    return Finding(CHECK, Status.NOT_APPLICABLE, asks, answer, name, figures)


def _ask_fixed(
    evidence: Evidence,
    row: Mapping[str, Any],
    figures: dict[str, float | int | None],
    told: str,
    late: bool,
) -> Finding:
    name = str(row["inject"])
    asks = f"Was {name!r} noticed, and fixed, in time?"
    took = figures["seconds_to_fix"]
    if took is None:
        missed = figures["fix_within"] is not None
        told += " Nobody said that it was fixed."
    elif ill := _still_ill(evidence, float(row["fixed_drill"])):
        missed = True
        told += f" Said to be fixed after {seconds(took)}, and it was ill {ill:,} times after that."
    else:
        over = _too_late(figures, "fix")
        missed = bool(over)
        told += f" Fixed after {seconds(took)}{over}."
    if row["detail"]:
        told += f" {row['detail']}"
    status = Status.FAIL if missed or late else Status.PASS
    return Finding(CHECK, status, asks, told, name, figures, offenders=int(missed or late))


def _figures(row: Mapping[str, Any], runbook: Mapping[str, Any]) -> dict[str, float | int | None]:
    began = row["began_drill"]
    figures: dict[str, float | int | None] = {}
    for figure, column in (("detect", "detected_drill"), ("fix", "fixed_drill")):
        known = began is not None and row[column] is not None
        figures[f"seconds_to_{figure}"] = row[column] - began if known else None
        figures[f"{figure}_within"] = runbook.get(f"{figure}_within")
    return figures


def _too_late(figures: Mapping[str, float | int | None], what: str) -> str:
    """What is said of a limit that was not kept; empty if it was, or if there is none."""
    took, within = figures[f"seconds_to_{what}"], figures[f"{what}_within"]
    if took is None or within is None or took <= within:
        return ""
    return f", and {seconds(within)} were allowed"


def _still_ill(evidence: Evidence, fixed: float) -> int:
    """How often the target said that it was ill just after somebody had said it was fixed."""
    until = fixed + STILL * float(evidence.info.get("speed") or 1.0)
    polls = evidence.health.filter(
        pl.col("source").cast(pl.String) == "health", pl.col("at_drill").is_between(fixed, until)
    )
    return int((polls.select(pl.col("said").cast(pl.String) != "well")).collect().to_series().sum())
