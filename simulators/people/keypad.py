"""Codes keyed on a phone: how fast, and how they go wrong. Seconds are drill seconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulators.people.draws import many
from simulators.people.watching import Thumbs

OLDER = 60  # years above which fingers are slower

# A digit is replaced, or two neighbours change places: Verhoeff's 79.1 to 10.2 % (SOURCES.md S8).
SWAPPED = 0.114

# Whom a finger hits that misses: the keys beside and above and below, on a phone's keypad.
NEIGHBOURS = {
    "1": "24", "2": "135", "3": "26", "4": "157", "5": "2468", "6": "359", "7": "48", "8": "5790",
    "9": "68", "0": "8",
}  # fmt: skip


def paces(
    thumbs: Thumbs, seed: int, role: str, ages: NDArray[np.int64], cold: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """How much slower than the middle each person keys, shape (n,): a factor around 1."""
    draws = many(seed, role, "pace on a keypad").standard_normal(len(ages))
    return np.asarray(np.exp(thumbs.sigma * draws) * hindrance(thumbs, ages, cold))


def hindrance(
    thumbs: Thumbs, ages: NDArray[np.int64], cold: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """What age and cold fingers multiply seconds and slips by, shape (n,)."""
    older = np.where(ages > OLDER, thumbs.aged, 1.0)
    return np.asarray(older * np.where(cold, thumbs.cold_factor, 1.0), dtype=np.float64)


def mistyped(code: str, draws: tuple[float, float, float]) -> str:
    """A code as a slipping finger leaves it: as long as before, and never the same.

    Args:
        draws: Decide what goes wrong, where, and what is hit; each from 0 to below 1.

    Example:
        >>> mistyped("4711", (0.5, 0.5, 0.0)), mistyped("4711", (0.0, 0.0, 0.0))
        ('4721', '7411')
    """
    kind, place, choice = draws
    if kind < SWAPPED and len(set(code)) > 1:
        # Places whose two digits differ: swapping the others would change nothing.
        unequal = [at for at in range(len(code) - 1) if code[at] != code[at + 1]]
        at = unequal[int(place * len(unequal))]
        return code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    at = int(place * len(code))
    near = NEIGHBOURS[code[at]]
    return code[:at] + near[int(choice * len(near))] + code[at + 1 :]
