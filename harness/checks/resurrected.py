"""Resurrected: refused for certain every time, yet present."""

from __future__ import annotations

from collections.abc import Iterable

from harness.checks.question import Question, ask, refused
from harness.record import Finding, RunFolder

QUESTION = Question(
    check="resurrected",
    asks="Did everything that the app refused stay out?",
    offends="refused reports are there all the same",
    among=refused,
    nobody="Nothing was refused.",
)


def check(run: RunFolder) -> Iterable[Finding]:
    """Did everything that the app refused stay out?"""
    return ask(run, QUESTION)
