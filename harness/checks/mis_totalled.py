"""Mis-totalled: published totals outside the bounds that the reports sent allow, or left out.

Where nothing but totals can be read, every single record is named whose omission, doubling or
move to another county would explain the difference.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.checks.doubt import doubt, overrules
from harness.checks.explanations import explanations
from harness.checks.question import evidence_of
from harness.checks.reconcile.absent import Absent, absent, declares_fields, kinds_of_groups
from harness.checks.reconcile.bounds import (
    REPORTS_IN,
    CountBounds,
    Shown,
    count_bounds,
    field_bounds,
    published,
)
from harness.checks.reconcile.evidence import Evidence, Reader
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "mis_totalled"
ASKS = "Do the published totals add up to the reports?"
Bounds = dict[tuple[str, str], tuple[int, int]]


def check(run: RunFolder) -> Iterable[Finding]:
    """Do the published totals add up to the reports?"""
    evidence = evidence_of(run)
    readers = [each for each in evidence.readers if each.mode in ("totals", "count")]
    if not readers:
        answer = "No reader shows totals."
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, answer)
    for reader in readers:
        yield _ask(evidence, reader)


def _ask(evidence: Evidence, reader: Reader) -> Finding:
    silent = evidence.unread(reader.name)
    shown = [] if silent else published(evidence, reader)
    comparable = [each for each in shown if each.name in {*evidence.fields, REPORTS_IN}]
    declared = declares_fields(evidence, reader)
    if silent or not (comparable or (declared and evidence.acknowledged)):
        reason = silent or f"{reader.name} showed no total that could be compared."
        return Finding(CHECK, Status.UNKNOWN, ASKS, reason, reader.name)
    kinds = kinds_of_groups(evidence, comparable)
    groups = sorted({each.group for each in comparable}.union(*kinds))
    bounds, counts = field_bounds(evidence, groups), count_bounds(evidence, groups)
    wrong = [each for each in comparable if not _within(each, bounds, counts)]
    missing = absent(evidence, kinds, comparable, bounds, counts, declared=declared)
    found = [
        *(_absent(each) for each in missing),
        *(_wrong(each, bounds, counts) for each in wrong),
    ]
    explained, said = explanations(evidence, comparable, wrong, bounds)
    return _answer(evidence, reader, len(comparable) + len(missing), found, explained, said)


def _answer(
    evidence: Evidence,
    reader: Reader,
    n: int,
    found: list[Witness],
    explained: list[Witness],
    said: str,
) -> Finding:
    figures: dict[str, float | int | None] = {"k": len(found), "n": n}
    answer = f"{len(found):,} of {n:,} published totals do not add up to the reports."
    if not found:
        reason = doubt(evidence, CHECK)
        status = Status.UNKNOWN if reason else Status.PASS
        return Finding(CHECK, status, ASKS, reason or answer, reader.name, figures)
    reason = overrules(evidence, CHECK)
    return Finding(
        CHECK,
        Status.UNKNOWN if reason else Status.FAIL,
        ASKS,
        " ".join(each for each in (answer, said, reason) if each),
        reader.name,
        figures,
        # Half of the room is for the totals, so that what explains them is not crowded out.
        (*found[: MOST // 2], *explained[: MOST // 2]) if explained else tuple(found[:MOST]),
        len(found),
    )


def _within(shown: Shown, bounds: Bounds, counts: dict[str, CountBounds]) -> bool:
    if shown.name == REPORTS_IN:
        return any(low <= shown.number <= high for low, high in counts[shown.group])
    low, high = bounds[shown.group, shown.name]
    return low <= shown.number <= high


def _wrong(shown: Shown, bounds: Bounds, counts: dict[str, CountBounds]) -> Witness:
    def said(low: int, high: int) -> str:
        return f"{low:,}" if low == high else f"{low:,} to {high:,}"

    if shown.name == REPORTS_IN:
        expected = " or ".join(dict.fromkeys(said(*each) for each in counts[shown.group]))
    else:
        expected = said(*bounds[shown.group, shown.name])
    where = f" in {shown.group}" if shown.group else ""
    return Witness(
        "", f"{shown.name}{where}: {expected}", f"{shown.name}{where}: {shown.number:,.0f}"
    )


def _absent(missing: Absent) -> Witness:
    if not missing.name:
        what = missing.group or "totals"
        return Witness("", f"{what}: shown", f"{what}: nothing is shown")
    where = f"{missing.name} in {missing.group}" if missing.group else missing.name
    return Witness("", f"{where}: at least {missing.low:,}", f"{where}: not shown")
