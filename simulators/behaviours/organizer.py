"""What an organizer does: looks people up right after others have written of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from random import Random

from simulators.behaviours.campaigner import Task

FRESH = 40.0  # seconds for which a contact is news to an organizer
SETTLED = 1.0  # seconds after which it should be in


def looks(
    written: Sequence[tuple[float, str]],
    *,
    begins: float,
    until: float,
    mean: float,
    rng: Random,
) -> Iterator[Task]:
    """Looks at people whom somebody of the state has just written of.

    Args:
        written: When each record of the state is due to be written, and its key, in order of time.
        begins, until: Drill seconds between which they look.
        mean: Seconds between two looks, exponential.
    """
    at = begins
    while True:
        at += rng.expovariate(1.0 / mean)
        if at >= until:
            return
        first = bisect_left(written, (at - FRESH,))
        last = bisect_left(written, (at - SETTLED,))
        if first < last:
            yield Task(round(at, 3), written[rng.randrange(first, last)][1])
