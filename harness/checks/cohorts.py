"""Cohorts: whom among the volunteers did the drill go worse for?

By county, language, age, device, training, and whether it was their first time. A cohort of fewer
than five is not shown, for privacy. The largest gaps come first, each with its interval; that so
many are compared is why no gap here is called more than what was seen.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.funnel import reached, shows_no_values
from harness.checks.question import evidence_of
from harness.checks.reconcile.witnesses import MOST
from harness.checks.volunteers import Group, groups, nobody
from harness.record import Finding, RunFolder, Status, Witness
from harness.words import of

CHECK = "cohorts"
KINDS = {
    "county": "by county",
    "language": "by language",
    "age_band": "by age",
    "device": "by device",
    "training": "by training",
    "first_time": "by whether they had done it before",
}
FEWEST = 5


def check(run: RunFolder) -> Iterable[Finding]:
    """Whom among the volunteers did the drill go worse for?"""
    found = list(groups(evidence_of(run)))
    if not found:
        yield nobody(CHECK, "Whom did the drill go worse for?")
    for group in found:
        for kind in KINDS:
            yield _ask(group, kind)


def _ask(group: Group, kind: str) -> Finding:
    subject = group.subject(kind)
    asks = f"Whom did the drill go worse for, {KINDS[kind]}?"
    if group.simulated:
        return Finding(CHECK, Status.NOT_APPLICABLE, asks, group.remark, subject)
    step = "reported" if shows_no_values(group) else "correct"
    counted = (
        group.rows.with_columns(did=reached(step), value=_value(kind))
        .filter(pl.col("value") != "")
        .group_by("value")
        .agg(k=pl.col("did").sum(), n=pl.len())
        .sort("value")
    )
    shown = counted.filter(pl.col("n") >= FEWEST)
    few = counted.filter(pl.col("n") < FEWEST)
    figures: dict[str, float | int | None] = {
        "cohorts": len(shown),
        "too_few": len(few),
        "people_too_few": int(few["n"].sum()),
    }
    if len(shown) < 2:
        answer = f"Too few to say: fewer than two cohorts have {FEWEST} people. {group.remark}"
        return Finding(CHECK, Status.UNKNOWN, asks, answer.strip(), subject, figures)
    k, n = int(shown["k"].sum()), int(shown["n"].sum())
    rows = sorted(shown.iter_rows(), key=lambda row: row[1] / row[2])
    least, most = rows[0], rows[-1]
    figures |= {"least": least[1] / least[2], "most": most[1] / most[2]}
    did = "a report in" if step == "reported" else "every number right"
    answer = f"{did.capitalize()}: least for {_of(least)}, most for {_of(most)}."
    if len(few):
        answer += f" {figures['people_too_few']:,} people in {len(few):,} smaller ones: too few."
    far = sorted(rows, key=lambda row: -abs(row[1] / row[2] - k / n))[:MOST]
    witnesses = tuple(_witness(group, row, k, n) for row in far)
    answer = f"{answer} {group.remark}".strip()
    return Finding(CHECK, Status.PASS, asks, answer, subject, figures, witnesses)


def _of(row: tuple[str, int, int]) -> str:
    return f"{row[0]}, {of(*row[1:])}"


def _value(kind: str) -> pl.Expr:
    """What somebody is counted under; empty where nobody said."""
    if kind != "first_time":
        return pl.col(kind).fill_null("")
    return (
        pl.when(pl.col(kind).is_null())
        .then(pl.lit(""))
        .when(pl.col(kind))
        .then(pl.lit("first time"))
        .otherwise(pl.lit("had done it before"))
    )


def _witness(group: Group, row: tuple[str, int, int], k: int, n: int) -> Witness:
    value, mine, size = row
    others = of(k - mine, n - size)
    interval = group.interval(mine, size)
    return Witness(value, others, "; ".join(filter(None, (of(mine, size), interval))))
