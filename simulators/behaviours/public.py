"""A member of the public who looks at the results page, and looks again."""

from __future__ import annotations

from random import Random

from simulators.behaviours.protocol import Behaviour, Read, Wait
from simulators.traffic.load import Traffic


def visitor(patience: float, traffic: Traffic, rng: Random) -> Behaviour:
    """Look at the results, refresh, and leave: geometrically many looks.

    Args:
        patience: Wall seconds they look at a spinner.
        traffic: Mean number of looks, and how long people leave between two.
        rng: Decides how many looks, and when.
    """
    look = Read("results", within=patience)
    yield look
    leaves = 1.0 / traffic.reads_a_visit
    while rng.random() >= leaves:
        # Log-normal with sigma .4, as times of people are (SOURCES.md S8).
        yield Wait(traffic.refresh_seconds * rng.lognormvariate(0.0, 0.4))
        yield look
