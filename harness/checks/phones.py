"""Phones: how calls ended and how long callers held. It informs; objectives may gate it."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.record import Finding, RunFolder, Status
from harness.statistics import quantile_bounds
from harness.words import quantile_name, seconds

CHECK = "phones"
ASKS = "How long did callers hold, and did they get through?"
QUANTILES = (0.5, 0.9, 0.95)


def check(run: RunFolder) -> Iterable[Finding]:
    """How long did callers hold, and did they get through?"""
    calls = evidence_of(run).calls.with_columns(pl.col("line", "cause").cast(pl.String)).collect()
    if not len(calls):
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, "Nobody phoned.")
    for line in calls["line"].unique().sort():
        yield _ask(line, calls.filter(pl.col("line") == line))


def _ask(line: str, calls: pl.DataFrame) -> Finding:
    """One line. Holds are drill seconds, up to the answer or to hanging up."""
    causes = dict(calls.group_by("cause").len().sort("cause").iter_rows())
    until = pl.coalesce("answered_drill", "ended_drill")
    connected = calls.filter(pl.col("cause") != "busy")
    holds = connected.select(hold=until - pl.col("dialled_drill"))["hold"].drop_nulls()
    ordered = holds.sort().to_list()
    served = causes.get("served", 0)
    figures: dict[str, float | int | None] = {"k": served, "n": len(calls), **causes}
    answer = f"{served:,} of {len(calls):,} calls were served."
    if ordered:
        for q in QUANTILES:
            value, lower, upper = quantile_bounds(ordered, q)
            name = f"hold_{quantile_name(q)}_drill"
            figures |= {name: value, f"{name}_lower": lower, f"{name}_upper": upper}
        figures["hold_max_drill"] = ordered[-1]
        answer += f" Half held up to {seconds(figures['hold_p50_drill'] or 0)}, "
        answer += f"9 of 10 up to {seconds(figures['hold_p90_drill'] or 0)}."
    return Finding(CHECK, Status.PASS, ASKS, answer, line, figures)
