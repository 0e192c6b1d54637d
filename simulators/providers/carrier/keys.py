"""Keys pressed on a phone, one after another, and what the network makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Stroke", "strokes"]

KEYS = frozenset("0123456789*#")
WAITS = {"w": 0.5, "W": 1.0}
"""Drill seconds of the waits that may stand between keys, as in the provider's ``SendDigits``."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One key: drill seconds of waiting before it, and what arrives of it (nothing, one, two)."""

    after: float
    key: str
    arrives: str


def strokes(press: str, arrives: Sequence[str], *, think: float, gap: float) -> list[Stroke]:
    """The strokes of a string.

    Args:
        press: Keys, and ``w`` or ``W`` for waits.
        arrives: What arrives of each character of ``press``.
        think: Drill seconds before the first.
        gap: Drill seconds between keys.

    Raises:
        ValueError: If something in the string is neither key nor wait.

    Example:
        >>> [(s.after, s.key) for s in strokes("1w2", "1w2", think=1.5, gap=0.7)]
        [(1.5, '1'), (1.2, '2')]
    """
    found: list[Stroke] = []
    after = think
    for key, arriving in zip(press, arrives, strict=True):
        if key in WAITS:
            after += WAITS[key]
        elif key in KEYS:
            found.append(Stroke(after, key, arriving))
            after = gap
        else:
            raise ValueError(f"press: {press!r}: {key!r} is no key of a phone (0-9, *, #, w, W)")
    return found
