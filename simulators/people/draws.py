"""Random streams by name: each is a pure function of the seed and the stream's name.

Two streams of different names are independent, so that a draw added to one never moves another.
"""

from __future__ import annotations

import hashlib
from random import Random

import numpy as np


def _digest(seed: int, *stream: object) -> int:
    name = "/".join(str(part) for part in (seed, *stream))
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "big")


def stream(seed: int, *name: object) -> Random:
    """The generator of one participant, or of one thing that a participant does.

    Example:
        >>> stream(7, "chair", 12).random() == stream(7, "chair", 12).random()
        True
    """
    return Random(_digest(seed, *name))


def many(seed: int, *name: object) -> np.random.Generator:
    """The generator of a whole column: the first n draws are the same however many follow.

    Example:
        >>> bool((many(7, "age").random(3) == many(7, "age").random(9)[:3]).all())
        True
    """
    return np.random.Generator(np.random.Philox(key=_digest(seed, *name)))
