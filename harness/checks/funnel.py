"""The funnel: of everybody invited to the live drill, how many came how far.

``started`` opened their page, ``signed_in`` and ``practised`` say so themselves; ``reported``,
``on_time`` and ``correct`` are what the target was seen to hold. A later step stands for the
earlier ones: who reported had signed in, whether or not they said so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.witnesses import MOST
from harness.checks.volunteers import Group, ended, groups, nobody, unseen
from harness.record import Finding, RunFolder, Status, Witness
from harness.statistics import promise, share_lower
from harness.words import of

CHECK = "funnel"
ASKS = {
    "started": "Of everybody invited, how many opened their page?",
    "signed_in": "Of everybody invited, how many got into the app?",
    "practised": "Of everybody invited, how many tried the app's form?",
    "reported": "Of everybody invited, whose report did the app hold?",
    "on_time": "Of everybody invited, whose report came in time?",
    "correct": "Of everybody invited, whose first report was right in every number?",
}
_REACHED = {
    "started": ("opened", "signed_in", "practised", "reported"),
    "signed_in": ("signed_in", "practised", "reported"),
    "practised": ("practised", "reported"),
    "reported": ("reported",),
}
_WAY = {
    "practised": "tried the form",
    "signed_in": "got into the app",
    "opened": "opened their page",
}
_DID = {
    "started": "opened their page",
    "signed_in": "got into the app",
    "practised": "tried the form",
    "reported": "had a report in the app",
    "on_time": "reported in time",
    "correct": "reported every number right",
}


def check(run: RunFolder) -> Iterable[Finding]:
    """Of everybody invited to the live drill, how many came how far?"""
    evidence = evidence_of(run)
    found = list(groups(evidence))
    if not found:
        yield nobody(CHECK, "How far did the volunteers come?")
    for group in found:
        for name, asks in ASKS.items():
            yield _ask(evidence, group, name, asks)


def reached(name: str) -> pl.Expr:
    """Whether somebody came as far as a step of the funnel."""
    if name in _REACHED:
        return pl.any_horizontal(pl.col(each).is_not_null() for each in _REACHED[name])
    return pl.col(name).fill_null(False) & pl.col("reported").is_not_null()


def _ask(evidence: Evidence, group: Group, name: str, asks: str) -> Finding:
    subject, n = group.subject(name), len(group.rows)
    if not n:
        answer = f"Nobody but insiders took part. {group.remark}"
        return Finding(CHECK, Status.UNKNOWN, asks, answer, subject)
    if name == "correct" and shows_no_values(group):
        answer = f"The target shows no numbers of a report, so none can be compared. {group.remark}"
        return Finding(CHECK, Status.UNKNOWN, asks, answer.strip(), subject)
    outside = group.rows.filter(~reached(name))
    k = n - len(outside)
    said = " ".join(filter(None, (group.interval(k, n), _promise(group, name, k, n))))
    answer = f"{of(k, n, group.who)} {_DID[name]}{f'; {said}' if said else ''}. {group.remark}"
    answer = answer.strip()
    open_ = ended(evidence) if k < n else ""
    if name == "on_time" and k < n and not open_:
        open_ = unseen(evidence)
    status = Status.UNKNOWN if open_ else Status.PASS
    shown = tuple(
        Witness(row["record"] or "", _DID[name], _far(row), ())
        for row in outside.head(MOST).iter_rows(named=True)
    )
    answer = f"{answer} {open_}".strip()
    return Finding(CHECK, status, asks, answer, subject, group.figures(k, n), shown, len(outside))


def shows_no_values(group: Group) -> bool:
    """Whether reports came in and of none of them is known if it was right."""
    return bool(len(group.reports)) and group.reports["correct"].is_null().all()


def _promise(group: Group, name: str, k: int, n: int) -> str:
    """What so many right reports promise of everybody, in the fixed phrases."""
    if name != "correct" or group.simulated:
        return ""
    return f"({promise(share_lower(k, n))})"


def _far(row: dict[str, Any]) -> str:
    """How far somebody came; nobody is named."""
    if row["reported"] is not None:
        late = "" if row["on_time"] else ", late"
        wrong = row["cells_wrong"] or 0
        return f"in{late}, {wrong:,} numbers wrong" if wrong else f"in{late}"
    last = next((name for name in _WAY if row[name] is not None), None)
    return f"{_WAY[last]}, and no further" if last else "never opened their page"
