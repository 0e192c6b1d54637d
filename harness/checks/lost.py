"""Lost: acknowledged, and absent at read-back."""

from __future__ import annotations

from collections.abc import Iterable

from harness.checks.question import Question, acknowledged, ask
from harness.record import Finding, RunFolder

QUESTION = Question(
    check="lost",
    asks="Is every report that the app said yes to still there?",
    offends="acknowledged reports are missing",
    among=acknowledged,
    nobody="No report was acknowledged.",
)


def check(run: RunFolder) -> Iterable[Finding]:
    """Is every report that the app said yes to still there?"""
    return ask(run, QUESTION)
