"""Misattributed: the values of one record found at another."""

from __future__ import annotations

from collections.abc import Iterable

from harness.checks.question import Question, ask, rows
from harness.checks.reconcile.evidence import ROW_MODES
from harness.record import Finding, RunFolder

QUESTION = Question(
    check="misattributed",
    asks="Is every report filed under its own precinct?",
    offends="reports are filed under another precinct",
    among=rows,
    nobody="Nothing is there.",
    needs_values_of=ROW_MODES,
)


def check(run: RunFolder) -> Iterable[Finding]:
    """Is every report filed under its own precinct?"""
    return ask(run, QUESTION)
