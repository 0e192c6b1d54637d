"""Streams of random numbers: one for each purpose and block, all from one seed.

Philox is a counter-based generator: J. K. Salmon et al., "Parallel Random Numbers: As Easy as
1, 2, 3", SC11 (2011). The block goes into the counter's highest word, so that streams cannot
run into each other.
"""

from __future__ import annotations

import numpy as np

BLOCK = 1024
"""Sites made together: the unit that any worker makes alone."""

PLACES, CAUCUSES, WORKSHEETS, RELEASES, ELECTORATES, VOTERS, CONTACTS = range(7)
"""What a stream is for."""


def generator(seed: int, stream: int, block: int) -> np.random.Generator:
    """The generator of one block of one stream.

    Raises:
        ValueError: The seed is negative or does not fit 64 bits.
    """
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed={seed!r}, but a seed is a whole number from 0 to 2**64 - 1.")
    key = np.array([seed, stream], dtype=np.uint64)
    counter = np.array([0, 0, 0, block], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))
