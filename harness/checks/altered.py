"""Altered: present with values that no acknowledged or possible operation carried."""

from __future__ import annotations

from collections.abc import Iterable

from harness.checks.question import Question, ask, rows
from harness.checks.reconcile.evidence import ROW_MODES
from harness.record import Finding, RunFolder

QUESTION = Question(
    check="altered",
    asks="Does every report still say what was sent?",
    offends="reports say something that nobody sent",
    among=rows,
    nobody="Nothing is there.",
    needs_values_of=ROW_MODES,
)


def check(run: RunFolder) -> Iterable[Finding]:
    """Does every report still say what was sent?"""
    return ask(run, QUESTION)
