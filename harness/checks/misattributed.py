"""Misattributed: the values of one record found at another."""

from __future__ import annotations

from collections.abc import Iterable

from harness.checks.question import Question, ask, rows
from harness.record import Finding, RunFolder

QUESTION = Question(
    check="misattributed",
    asks="Is every report filed under its own precinct?",
    offends="reports are filed under another precinct",
    among=rows,
    nobody="Nothing is there.",
    needs_values=True,
)


def check(run: RunFolder) -> Iterable[Finding]:
    """Is every report filed under its own precinct?"""
    return ask(run, QUESTION)
