"""Stale: an older acknowledged value shown after a newer one."""

from __future__ import annotations

from collections.abc import Iterable

from harness.checks.question import Question, ask, reported_again
from harness.record import Finding, RunFolder

QUESTION = Question(
    check="stale",
    asks="Does the newest report of each record stand?",
    offends="records show an older report than their newest",
    among=reported_again,
    nobody="No record was reported more than once.",
    needs_values_of=("keyed", "state"),
)


def check(run: RunFolder) -> Iterable[Finding]:
    """Does the newest report of each record stand?"""
    return ask(run, QUESTION)
