"""Mis-totalled: published totals outside the bounds that the reports sent allow.

Where nothing but totals can be read, every single record is named whose omission, doubling or
move to another county would explain the difference.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.checks.doubt import doubt, overrules
from harness.checks.explanations import explanations
from harness.checks.question import evidence_of
from harness.checks.reconcile.bounds import (
    REPORTS_IN,
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
    if not comparable:
        reason = silent or f"{reader.name} showed no total that could be compared."
        return Finding(CHECK, Status.UNKNOWN, ASKS, reason, reader.name)
    groups = sorted({each.group for each in comparable})
    bounds = field_bounds(evidence, groups)
    wrong = [each for each in comparable if not _within(evidence, each, bounds)]
    return _answer(evidence, reader, comparable, wrong, bounds)


def _answer(
    evidence: Evidence, reader: Reader, shown: list[Shown], wrong: list[Shown], bounds: Bounds
) -> Finding:
    figures: dict[str, float | int | None] = {"k": len(wrong), "n": len(shown)}
    answer = f"{len(wrong):,} of {len(shown):,} published totals do not add up to the reports."
    if not wrong:
        reason = doubt(evidence, CHECK)
        status = Status.UNKNOWN if reason else Status.PASS
        return Finding(CHECK, status, ASKS, reason or answer, reader.name, figures)
    found = [_witness(evidence, each, bounds) for each in wrong[:MOST]]
    explained, said = explanations(evidence, shown, wrong, bounds)
    reason = overrules(evidence, CHECK)
    return Finding(
        CHECK,
        Status.UNKNOWN if reason else Status.FAIL,
        ASKS,
        " ".join(each for each in (answer, said, reason) if each),
        reader.name,
        figures,
        # Half of the room is for the totals, so that what explains them is not crowded out.
        (*found[: MOST // 2], *explained[: MOST // 2]) if explained else tuple(found),
        len(wrong),
    )


def _within(evidence: Evidence, shown: Shown, bounds: Bounds) -> bool:
    if shown.name != REPORTS_IN:
        low, high = bounds[shown.group, shown.name]
        return low <= shown.number <= high
    if shown.group:
        return True  # counts by county are not published by any target known
    return any(low <= shown.number <= high for low, high in count_bounds(evidence))


def _witness(evidence: Evidence, shown: Shown, bounds: Bounds) -> Witness:
    def said(low: int, high: int) -> str:
        return f"{low:,}" if low == high else f"{low:,} to {high:,}"

    if shown.name == REPORTS_IN:
        expected = " or ".join(dict.fromkeys(said(*each) for each in count_bounds(evidence)))
    else:
        expected = said(*bounds[shown.group, shown.name])
    where = f" in {shown.group}" if shown.group else ""
    return Witness(
        "", f"{shown.name}{where}: {expected}", f"{shown.name}{where}: {shown.number:,.0f}"
    )
