"""Phantom: present, and never sent."""

from __future__ import annotations

from collections.abc import Iterable

from harness.checks.question import Question, ask, rows
from harness.record import Finding, RunFolder

QUESTION = Question(
    check="phantom",
    asks="Is there anything in the app that nobody sent?",
    offends="reports there were sent by nobody",
    among=rows,
    nobody="Nothing was sent and nothing is there.",
)


def check(run: RunFolder) -> Iterable[Finding]:
    """Is there anything in the app that nobody sent?"""
    return ask(run, QUESTION)
