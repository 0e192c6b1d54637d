"""Names of synthetic people: Faker's en_US lists, sampled by their weights, many at a time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simulators.people.draws import many


@cache
def _lists() -> tuple[list[str], NDArray[np.float64], list[str], NDArray[np.float64]]:
    """First names and last names, each with cumulated weights."""
    # Faker takes a fifth of a second to import; a run that draws nobody does without.
    from faker.providers.person.en_US import Provider

    first = dict(Provider.first_names_female)
    for name, weight in Provider.first_names_male.items():
        first[name] = first.get(name, 0.0) + weight
    return (*_cumulated(first), *_cumulated(dict(Provider.last_names)))


def _cumulated(weights: Mapping[str, float]) -> tuple[list[str], NDArray[np.float64]]:
    cumulated = np.cumsum(np.fromiter(weights.values(), dtype=np.float64))
    return list(weights), cumulated / cumulated[-1]


def draw_names(seed: int, role: str, count: int) -> tuple[list[str], list[str]]:
    """First and last names of ``count`` people.

    Real duplicates occur, as they do among people.
    """
    first, first_weights, last, last_weights = _lists()
    a = np.searchsorted(first_weights, many(seed, role, "first names").random(count), "right")
    b = np.searchsorted(last_weights, many(seed, role, "last names").random(count), "right")
    return [first[i] for i in a.tolist()], [last[i] for i in b.tolist()]
