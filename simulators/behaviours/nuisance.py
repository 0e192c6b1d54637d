"""Callers with nothing to report: some need help, some want to block the line."""

from __future__ import annotations

from random import Random

from simulators.behaviours.errand import LINE
from simulators.behaviours.protocol import Behaviour, Dial


def caller(mean_patience: float | None, rng: Random) -> Behaviour:
    """Dial once and hold; no report, no redial.

    Args:
        mean_patience: Mean drill seconds until they hang up, exponential; None for never.
        rng: Draws the patience.
    """
    within = None if mean_patience is None else rng.expovariate(1.0 / mean_patience)
    yield Dial(LINE, within=within)
