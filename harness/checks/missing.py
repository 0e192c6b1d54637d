"""Missing reports: whose report never came, and how many came after staff had called.

In a quick count a report that does not come is chased with three calls: to the volunteer, to
their coordinator, to a back-up. What the calls brought in is counted as recovered.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.witnesses import MOST
from harness.checks.volunteers import Group, ended, groups, nobody
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "missing"
ASKS = "Whose report never came, though staff called?"


def check(run: RunFolder) -> Iterable[Finding]:
    """Whose report never came, though staff called?"""
    evidence = evidence_of(run)
    found = list(groups(evidence))
    if not found:
        yield nobody(CHECK, ASKS)
    for group in found:
        yield _ask(evidence, group)


def _ask(evidence: Evidence, group: Group) -> Finding:
    subject, n = group.subject(""), len(group.rows)
    if not n:
        answer = f"Nobody but insiders took part. {group.remark}"
        return Finding(CHECK, Status.UNKNOWN, ASKS, answer, subject)
    gone = group.rows.filter(pl.col("reported").is_null())
    recovered = len(group.rows.filter(pl.col("recovered").is_not_null()))
    k = len(gone)
    figures = group.figures(k, n) | {"recovered": recovered, "chased": k + recovered}
    answer = (
        f"{k:,} of {n:,} reports never came; {recovered:,} that had been missing came after a "
        f"call. {group.remark}"
    ).strip()
    open_ = ended(evidence) if k else ""
    shown = tuple(
        Witness(record or "", "a report", "never came") for record in gone["record"].head(MOST)
    )
    status = Status.UNKNOWN if open_ else Status.PASS
    answer = f"{answer} {open_}".strip()
    return Finding(CHECK, status, ASKS, answer, subject, figures, shown, k)
