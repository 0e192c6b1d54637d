"""Why a check that found nothing wrong still cannot say so.

A drill that saw too little says unknown: an incomplete ledger, a kind of operation that never
succeeded, an inject that touched nothing.
"""

from __future__ import annotations

import polars as pl

from harness.checks.reconcile.evidence import Evidence

# What an inject is there to provoke: without it, these checks have not been put to the test.
PROVOKES = {
    "process.restart": frozenset({"lost"}),
    "network.cut_answers": frozenset({"duplicate"}),
    "network.latency": frozenset({"duplicate"}),
    "network.loss": frozenset({"duplicate"}),
    "network.bandwidth": frozenset({"duplicate"}),
    "network.reset": frozenset({"duplicate"}),
    "network.black_hole": frozenset({"duplicate"}),
    "network.slow_close": frozenset(),  # it keeps connections, and loses nothing
}
PROVOKES_BY_DEFAULT = frozenset({"lost", "duplicate", "altered"})
OF_PEOPLE = "people."  # people who leave put no report at risk that is in

# What stays certain though lines of the ledger are missing: a yes that was recorded stays one.
CERTAIN_ANYWAY = frozenset({"lost", "duplicate", "unstable", "zero_report", "authorization"})


def doubt(evidence: Evidence, check: str) -> str | None:
    """Why this check may not say pass, None if it may."""
    if evidence.acknowledged == 0 and not (check == "rules" and evidence.nothing_sent):
        return "No report was acknowledged, so there is nothing to look for."
    return evidence.ledger_gap or _untried(evidence, check)


def overrules(evidence: Evidence, check: str) -> str | None:
    """Why this check may not even say fail, None if it may."""
    return None if check in CERTAIN_ANYWAY else evidence.ledger_gap


def _untried(evidence: Evidence, check: str) -> str | None:
    if check == "stale" and never_succeeded(evidence, "amend_report"):
        return "No amendment was accepted, so none could be lost again."
    for name, kind in idle_injects(evidence):
        if not kind.startswith(OF_PEOPLE) and check in PROVOKES.get(kind, PROVOKES_BY_DEFAULT):
            return f"The inject {name!r} touched nothing, so this was not put to the test."
    return None


def never_succeeded(evidence: Evidence, kind: str) -> bool:
    """Whether this kind of operation was tried and never once accepted."""
    outcomes = evidence.kinds.get(kind, {})
    return bool(outcomes) and not outcomes.get("ok")


def idle_injects(evidence: Evidence) -> list[tuple[str, str]]:
    """Injects that began and touched nothing, by name and kind."""
    table = (
        evidence.injects.filter(
            pl.col("started_drill").is_not_null(), pl.col("touched").fill_null(0) == 0
        )
        .select("name", pl.col("kind").cast(pl.String))
        .collect()
    )
    return list(table.iter_rows())
