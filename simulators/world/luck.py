"""Numbers that belong to one row: what it uses up is no other row's business.

So rows can be worked on alone, by the block or many blocks together, with the same outcome.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Rows = NDArray[np.intp]
Uniforms = NDArray[np.float32]

NUMBERS = 48
"""Uniform numbers a row; the longest tale of a worksheet uses 40."""


class Luck:
    """Uniform numbers for each row, used from the front.

    Args:
        numbers: Shape (rows, NUMBERS), in [0, 1).
    """

    def __init__(self, numbers: Uniforms) -> None:
        self._numbers = numbers
        self._used = np.zeros(len(numbers), dtype=np.intp)

    def uniform(self, rows: Rows) -> Uniforms:
        """One number for each of these rows, in [0, 1)."""
        at = self._used[rows]
        self._used[rows] += 1
        numbers: Uniforms = self._numbers[rows, at % NUMBERS]
        return numbers

    def uniforms(self, rows: Rows, width: int) -> Uniforms:
        """Several numbers for each of these rows, shape (rows, width)."""
        at = self._used[rows][:, None] + np.arange(width)
        self._used[rows] += width
        numbers: Uniforms = self._numbers[rows[:, None], at % NUMBERS]
        return numbers

    def geometric(self, rows: Rows, chance: float) -> NDArray[np.int32]:
        """Tries until the first success, at least 1."""
        tries = np.ceil(np.log1p(-self.uniform(rows)) / np.log1p(-chance))
        whole: NDArray[np.int32] = np.maximum(1, tries).astype(np.int32)
        return whole

    def normal(self, rows: Rows) -> NDArray[np.float64]:
        """Standard normal numbers."""
        spread: NDArray[np.float64] = ndtri(np.maximum(self.uniform(rows), 1e-7).astype(float))
        return spread

    def among(self, rows: Rows, counts: NDArray[np.integer]) -> Rows:
        """Positions in ``counts``, in proportion to them."""
        bounds = np.cumsum(counts) / np.sum(counts)
        return np.searchsorted(bounds, self.uniform(rows), side="right")
