"""Duplicate: counted more than once, though a retry carries the same operation key."""

from __future__ import annotations

from collections.abc import Iterable

from harness.checks.question import Question, ask, rows
from harness.record import Finding, RunFolder

QUESTION = Question(
    check="duplicate",
    asks="Is every report counted once?",
    offends="reports are there more than once",
    among=rows,
    nobody="Nothing is there.",
)


def check(run: RunFolder) -> Iterable[Finding]:
    """Is every report counted once?"""
    return ask(run, QUESTION)
