"""Help calls: how often volunteers had to ask, for every hundred reports that came in.

What a drill of fifty costs in calls tells how many people a help line needs on the night.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.witnesses import MOST
from harness.checks.volunteers import Group, groups, nobody
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "help_calls"
ASKS = "How often did volunteers have to ask for help?"


def check(run: RunFolder) -> Iterable[Finding]:
    """How often did volunteers have to ask for help?"""
    found = list(groups(evidence_of(run)))
    if not found:
        yield nobody(CHECK, ASKS)
    for group in found:
        yield _ask(group)


def _ask(group: Group) -> Finding:
    calls = group.rows.with_columns(pl.col("help_calls").fill_null(0))
    asked = calls.filter(pl.col("help_calls") > 0)
    total, k, reports = int(calls["help_calls"].sum()), len(asked), len(group.reports)
    subject = group.subject("")
    figures = group.figures(k, len(calls)) | {"calls": total, "reports": reports}
    if not reports:
        answer = f"{total:,} calls, and not one report came in. {group.remark}".strip()
        return Finding(CHECK, Status.UNKNOWN, ASKS, answer, subject, figures)
    figures["per_100_reports"] = per_100 = 100 * total / reports
    answer = (
        f"{total:,} calls by {k:,} of {len(calls):,} {group.who}: {per_100:.3g} for every 100 "
        f"reports. {group.remark}"
    ).strip()
    shown = tuple(
        Witness(row["record"] or "", "no call for help", f"{row['help_calls']:,} calls")
        for row in asked.head(MOST).iter_rows(named=True)
    )
    return Finding(CHECK, Status.PASS, ASKS, answer, subject, figures, shown, k)
