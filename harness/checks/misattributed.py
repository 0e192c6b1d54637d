"""Misattributed: the values of one record found at another.

A code says nothing but that it is there, so on voters' lists no values can be found elsewhere.
There, a code that was said yes to and is missing, beside the same code in a precinct where nobody
keyed it, was filed under that precinct. ``lost`` and ``phantom`` count the two halves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.checks.digits import halves
from harness.checks.doubt import doubt
from harness.checks.question import Question, ask, evidence_of, rows
from harness.checks.reconcile.evidence import ROW_MODES, Evidence, Reader
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status, Witness
from harness.statistics import rate_unseen

QUESTION = Question(
    check="misattributed",
    asks="Is every report filed under its own record?",
    offends="reports are filed under another record",
    among=rows,
    nobody="Nothing is there.",
    needs_values_of=ROW_MODES,
)


def check(run: RunFolder) -> Iterable[Finding]:
    """Is every report filed under its own record?"""
    evidence = evidence_of(run)
    readers = [each for each in evidence.readers if each.mode in ROW_MODES]
    if not readers or not evidence.lists_codes:
        yield from ask(evidence, QUESTION)
        return
    for reader in readers:
        yield _ask(evidence, reader)


def _ask(evidence: Evidence, reader: Reader) -> Finding:
    asks, n = QUESTION.asks, evidence.acknowledged
    if silent := evidence.unread(reader.name):
        return Finding(QUESTION.check, Status.UNKNOWN, asks, silent, reader.name)
    pairs = list(_moved(*halves(evidence, reader)))
    figures: dict[str, float | int | None] = {"k": len(pairs), "n": n}
    answer = f"{len(pairs):,} of {n:,} codes stand in another precinct."
    if pairs:
        shown = tuple(Witness(sent, sent, stands) for sent, stands in pairs[:MOST])
        return Finding(
            QUESTION.check, Status.FAIL, asks, answer, reader.name, figures, shown, len(pairs)
        )
    reason = doubt(evidence, "lost")
    answer = reason or f"{answer} At this size up to {rate_unseen(n)} could go unseen."
    status = Status.UNKNOWN if reason else Status.PASS
    return Finding(QUESTION.check, status, asks, answer, reader.name, figures)


def _moved(missing: list[str], strange: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs of a missing record and the same code elsewhere; each is used once."""
    by_code: dict[str, list[str]] = {}
    for each in strange:
        by_code.setdefault(each.rpartition("-")[2], []).append(each)
    for sent in missing:
        if elsewhere := by_code.get(sent.rpartition("-")[2]):
            yield sent, elsewhere.pop(0)
