"""Late: absent when the app was said to have settled, and there at the second reading."""

from __future__ import annotations

from collections.abc import Iterable

from harness.checks.question import Question, acknowledged, ask
from harness.record import Finding, RunFolder

QUESTION = Question(
    check="late",
    asks="Was every report there by the time the app had settled?",
    offends="acknowledged reports came into sight too late",
    among=acknowledged,
    nobody="No report was acknowledged.",
    needs_two=True,
)


def check(run: RunFolder) -> Iterable[Finding]:
    """Was every report there by the time the app had settled?"""
    return ask(run, QUESTION)
