"""Hashes of a report's cells, the same in every run, process and version of Polars."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

_HASH_ROWS = 65_536  # rows hashed at a time: 43 cells of 8 bytes each are 22 MiB


def values_hash(values: pl.Expr) -> pl.Expr:
    """Hash a list column row by row, the same in every run, process and version of Polars.

    A multilinear hash modulo 2**64 over the cells, their number and fixed odd-looking keys, mixed
    at the end: D. Lemire and O. Kaser, "Strongly universal string hashing is fast", Computer
    Journal 57 (2014), 1624-1638; keys and mixing are SplitMix64's: G. L. Steele, D. Lea and
    C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. Cells of any
    integer type hash alike. Null if the list is null or any cell is missing.
    """
    return values.map_batches(_hash_lists, return_dtype=pl.UInt64)


def _hash_lists(column: pl.Series) -> pl.Series:
    parts = [
        _hash_block(column.slice(start, _HASH_ROWS))
        for start in range(0, max(len(column), 1), _HASH_ROWS)
    ]
    return pl.concat(parts).alias(column.name)


def _hash_block(column: pl.Series) -> pl.Series:
    """Hashes of a block: rows of one length at a time, as a matrix times the keys."""
    if not len(column) or column.null_count() == len(column):
        return pl.Series([None] * len(column), dtype=pl.UInt64)
    lengths = column.list.len()
    whole = lengths.is_not_null() & (lengths == lengths.max()).fill_null(False)
    if whole.all():
        return pl.Series(_hash_rows(column, int(lengths[0]))).set(_holed(column), None)
    hashes = np.zeros(len(column), dtype=np.uint64)
    for length in lengths.drop_nulls().unique():
        rows = (lengths == length).fill_null(False)
        hashes[rows.to_numpy()] = _hash_rows(column.filter(rows), int(length))
    return pl.Series(hashes).set(_holed(column) | column.is_null(), None)


def _holed(column: pl.Series) -> pl.Series:
    """Which lists miss a cell."""
    inner = column.explode()
    if inner.null_count() == 0:
        return pl.repeat(False, len(column), dtype=pl.Boolean, eager=True)
    return column.list.eval(pl.element().is_null()).list.any().fill_null(False)


def _hash_rows(column: pl.Series, length: int) -> NDArray[np.uint64]:
    """Hashes of lists that all have ``length`` cells; missing cells count as 0."""
    start = _mixed(np.full(len(column), length, dtype=np.uint64))
    if length:
        cells = column.explode().fill_null(0).cast(pl.Int64).to_numpy().view(np.uint64)
        start += cells.reshape(-1, length) @ _keys(length)
    return _mixed(start)


@cache
def _keys(count: int) -> NDArray[np.uint64]:
    step = np.uint64(0x9E3779B97F4A7C15)
    return _mixed(np.arange(1, count + 1, dtype=np.uint64) * step)


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finalizer: every bit of the input bears on every bit of the output."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed
