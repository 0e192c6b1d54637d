"""Whoever does one thing after another, with an eye on a watch: what all of them do alike."""

from __future__ import annotations

from collections.abc import Generator
from random import Random
from typing import TypeVar

from simulators.behaviours.protocol import Action, Answer, Wait

T = TypeVar("T")
Part = Generator[Action, Answer, T]
"""A stretch of what somebody does, and what came of it."""


class OnWatch:
    """Somebody who knows what time it is.

    Attributes:
        now: Drill second, as their own watch has it.
    """

    def __init__(self, now: float, rng: Random) -> None:
        self.now = now
        self.rng = rng

    def do(self, action: Action) -> Part[Answer]:
        """Do one thing, keeping an eye on the watch."""
        answer = yield action
        self.now += action.seconds if isinstance(action, Wait) else answer.waited
        return answer

    def wait(self, seconds: float) -> Part[None]:
        """Let time pass, if any is left to pass."""
        if seconds > 0:
            yield from self.do(Wait(seconds))

    def pause(self, between: tuple[float, float]) -> Part[None]:
        """Let some time pass: at least so much, at most so much."""
        yield from self.wait(self.rng.uniform(*between))
