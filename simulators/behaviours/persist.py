"""How long people wait before they try again. Drill seconds."""

from __future__ import annotations

from random import Random

from simulators.behaviours.protocol import AnswerClass
from simulators.people.cast import Persistence

LOCKED_OUT = 300.0
"""Drill seconds people wait at least when told they are locked out: a few minutes."""


def retry_delay(persistence: Persistence, failed: int, rng: Random) -> float:
    """Drill seconds before the next try, after ``failed`` failed ones.

    Means double from ``first_delay`` up to ``longest_delay``; each is spread evenly over half to
    one and a half of its mean, so that people who failed together do not come back together.
    """
    mean = persistence.first_delay * 2.0 ** min(failed - 1, 30)
    return min(mean, persistence.longest_delay) * rng.uniform(0.5, 1.5)


def delay_after(
    answer_class: AnswerClass, persistence: Persistence, failed: int, rng: Random
) -> float:
    """As :func:`retry_delay`, but longer for people who were told that they are locked out."""
    delay = retry_delay(persistence, failed, rng)
    return delay + LOCKED_OUT if answer_class is AnswerClass.LOCKED_OUT else delay
