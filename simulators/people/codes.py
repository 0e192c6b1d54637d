"""The three six-digit sign-in codes: precinct ID, PIN, security code, and how they are mistyped.

Many chairs typed the precinct ID in the box of the PIN (simulators/data/SOURCES.md S2).
"""

from __future__ import annotations

import math
from random import Random

import numpy as np
from numpy.typing import NDArray

from simulators.people.draws import many

SLIPS = ("", "swapped", "mistyped")


def draw_codes(seed: int, count: int) -> NDArray[np.int64]:
    """True codes of ``count`` accounts.

    The first code of an account is unlike every other's: it names the account. The codes of an
    account stay the same however many accounts there are, up to 900,000.

    Returns:
        Precinct ID, PIN and security code in columns, shape (count, 3).
    """
    size = max(900_000, 9 * 10 ** math.ceil(math.log10(max(count, 1) / 9)))
    low = size // 9
    draws = many(seed, "precinct IDs")
    # A full cycle over all numbers of as many digits: the step has no factor of 2, 3 or 5.
    step = int(draws.integers(size // 30)) * 30 + 7
    first = (int(draws.integers(size)) + step * np.arange(count, dtype=np.int64)) % size + low
    pins = many(seed, "PINs").integers(100_000, 999_999, count)
    pins += pins >= first  # six digits other than the account's own ID
    security = many(seed, "security codes").integers(100_000, 1_000_000, count)
    return np.stack([first, pins, security], axis=1)


def as_typed(codes: tuple[str, ...], slip: str, rng: Random) -> tuple[str, ...]:
    """The codes as somebody types them.

    Args:
        codes: True codes: precinct ID, PIN, security code.
        slip: ``swapped`` (the precinct ID in the PIN box), ``mistyped`` (one digit of one code
            wrong), or empty.

    Example:
        >>> as_typed(("123456", "654321", "111111"), "swapped", Random(7))
        ('123456', '123456', '111111')
    """
    if slip == "swapped":
        return (codes[0], codes[0], *codes[2:])
    if slip == "mistyped":
        # Not the first: a wrong precinct ID would be somebody else's account.
        box = rng.randrange(1, len(codes))
        place = rng.randrange(len(codes[box]))
        digit = rng.choice([each for each in "0123456789" if each != codes[box][place]])
        typed = codes[box][:place] + digit + codes[box][place + 1 :]
        return (*codes[:box], typed, *codes[box + 1 :])
    return codes
