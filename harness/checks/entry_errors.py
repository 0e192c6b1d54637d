"""Entry errors: how many of the volunteers' reports have a wrong number, and how it went wrong.

The first report of each volunteer counts: it says how accurate people are. What the app or a
call-back put right afterwards is another matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.witnesses import MOST
from harness.checks.volunteers import Group, groups, nobody
from harness.record import Finding, RunFolder, Status, Witness
from harness.words import of

CHECK = "entry_errors"
ASKS = "How many of the volunteers' reports had a wrong number?"


def check(run: RunFolder) -> Iterable[Finding]:
    """How many of the volunteers' reports had a wrong number?"""
    found = list(groups(evidence_of(run)))
    if not found:
        yield nobody(CHECK, ASKS)
    for group in found:
        yield _ask(group)


def _ask(group: Group) -> Finding:
    scored = group.reports.filter(pl.col("correct").is_not_null())
    subject, n = group.subject(""), len(scored)
    if not n:
        answer = f"No report could be compared with its card. {group.remark}".strip()
        return Finding(CHECK, Status.UNKNOWN, ASKS, answer, subject)
    wrong = scored.filter(~pl.col("correct"))
    k, kinds = len(wrong), by_kind(scored)
    figures = group.figures(k, n) | {"cells": int(scored["cells_wrong"].fill_null(0).sum())}
    figures |= {f"kind_{kind}": count for kind, count in kinds.items()}
    interval = group.interval(k, n)
    answer = f"{of(k, n, 'reports')} had a wrong number{f' ({interval})' if interval else ''}"
    named = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in kinds.items())
    answer += f": {named}." if named else "."
    shown = tuple(
        Witness(row["record"] or "", "as on the card", ", ".join(row["errors"] or ["wrong"]))
        for row in wrong.head(MOST).iter_rows(named=True)
    )
    answer = f"{answer} {group.remark}".strip()
    return Finding(CHECK, Status.PASS, ASKS, answer, subject, figures, shown, k)


def by_kind(scored: pl.DataFrame) -> dict[str, int]:
    """Wrong cells by how they went wrong, the commonest first."""
    counts = Counter(scored["errors"].explode().drop_nulls().to_list())
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))
