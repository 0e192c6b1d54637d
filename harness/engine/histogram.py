"""Latency histograms that merge: log-linear counts in HdrHistogram's layout.

Values are whole microseconds. Below 256 they are counted exactly; above, each power of two is
split in 128 steps, so a value is known to within 0.8 %. The layout is that of HdrHistogram with
two significant digits and a unit of 1 (G. Tene, https://hdrhistogram.org), and :meth:`encoded`
writes its V2 format, which other tools read.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

_HALF_BITS = 7  # 2^7 = 128 steps to a power of two
_EXACT_BITS = _HALF_BITS + 1
_BITS = 33  # values up to 2^33 us, more than two hours
_SLOTS = (_BITS - _HALF_BITS + 1) << _HALF_BITS
HIGHEST = (1 << _BITS) - 1
_COOKIE, _PACKED_COOKIE = 0x1C849313, 0x1C849314  # V2, and V2 compressed, with 1-byte words


class Histogram:
    """Counts of values by size, and what they sum to."""

    __slots__ = ("counts", "count", "highest", "lowest", "total")  # noqa: RUF023 - as documented

    def __init__(self) -> None:
        self.counts = [0] * _SLOTS
        self.count = 0
        self.total = 0
        self.lowest = HIGHEST
        self.highest = 0

    def record(self, value: int) -> None:
        """Count one value; what is negative counts as 0, what is beyond hours as hours."""
        if value < 256:
            value = max(value, 0)
            self.counts[value] += 1
        else:
            value = min(value, HIGHEST)
            step = value.bit_length() - _EXACT_BITS
            self.counts[(step << _HALF_BITS) + (value >> step)] += 1
        self.count += 1
        self.total += value
        if value > self.highest:
            self.highest = value
        if value < self.lowest:
            self.lowest = value

    def record_all(self, values: NDArray[np.int64]) -> None:
        """Count many values at once, a good deal faster than one by one."""
        if not len(values):
            return
        numbers = np.clip(values, 0, HIGHEST)
        step = np.maximum(np.frexp(numbers)[1] - _EXACT_BITS, 0).astype(np.int64)
        slots, counts = np.unique((step << _HALF_BITS) + (numbers >> step), return_counts=True)
        for slot, n in zip(slots.tolist(), counts.tolist(), strict=True):
            self.counts[slot] += n
        self.count += len(values)
        self.total += int(numbers.sum())
        self.lowest = min(self.lowest, int(numbers.min()))
        self.highest = max(self.highest, int(numbers.max()))

    def merge(self, other: Histogram) -> None:
        """Add everything the other has counted."""
        for slot, n in other.sparse():
            self.counts[slot] += n
        self.count += other.count
        self.total += other.total
        self.lowest = min(self.lowest, other.lowest)
        self.highest = max(self.highest, other.highest)

    def sparse(self) -> list[tuple[int, int]]:
        """The slots that are not empty, with their counts."""
        return [(slot, n) for slot, n in enumerate(self.counts) if n]

    def add(self, slots: Iterable[tuple[int, int]]) -> None:
        """Add counts by slot, as :meth:`sparse` gives them; values count as their slot's middle."""
        for slot, n in slots:
            value = middle(slot)
            self.counts[slot] += n
            self.count += n
            self.total += value * n
            self.lowest = min(self.lowest, value)
            self.highest = max(self.highest, value)

    def quantile(self, q: float) -> int | None:
        """The smallest value that at least a share ``q`` does not exceed; None if empty.

        Example:
            >>> some = Histogram()
            >>> for value in range(1, 101):
            ...     some.record(value)
            >>> some.quantile(0.95)
            95
        """
        if not self.count:
            return None
        wanted = max(1, -int(-q * self.count // 1))
        seen = 0
        for slot, n in enumerate(self.counts):
            seen += n
            if seen >= wanted:
                return min(_top(slot), self.highest)
        raise AssertionError("the counts do not add up to the count")

    def encoded(self) -> str:
        """HdrHistogram's compressed V2 form, in base64, as its log files have it."""
        last = next((slot for slot in reversed(range(_SLOTS)) if self.counts[slot]), -1)
        words = _words(self.counts[: last + 1])
        body = struct.pack(">iiiiqqd", _COOKIE, len(words), 0, 2, 1, HIGHEST, 1.0) + words
        packed = zlib.compress(body)
        return base64.b64encode(struct.pack(">ii", _PACKED_COOKIE, len(packed)) + packed).decode()


def middle(slot: int) -> int:
    """A value in the middle of a slot.

    Example:
        >>> middle(100), middle(256)
        (100, 257)
    """
    step = _step(slot)
    return _bottom(slot) + (1 << step >> 1)


def _step(slot: int) -> int:
    return max(0, (slot >> _HALF_BITS) - 1)


def _bottom(slot: int) -> int:
    step = _step(slot)
    return (slot - (step << _HALF_BITS)) << step


def _top(slot: int) -> int:
    return _bottom(slot) + (1 << _step(slot)) - 1


def _words(counts: list[int]) -> bytes:
    """Counts as zig-zag LEB128 words; a run of empty slots is one negative word."""
    out = bytearray()
    empty = 0
    for n in [*counts, -1]:
        if n == 0:
            empty += 1
            continue
        if empty:
            _word(out, -empty)
            empty = 0
        if n > 0:
            _word(out, n)
    return bytes(out)


def _word(out: bytearray, number: int) -> None:
    rest = (number << 1) ^ (number >> 63)
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
