"""How a worksheet becomes what is keyed: entry errors, number by number.

Each number on the sheet that is not zero goes wrong with the same chance. How it goes wrong on a
form are the shares seen when 158 published cells were corrected (simulators/data/SOURCES.md
S6); by voice, the shares of errors in copied numbers (Verhoeff, SOURCES.md S8, with what he leaves
unnamed counted as several digits).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random

Values = tuple[int, ...]
LONGEST = 9999  # what four keyed digits hold; no caucus has more people

FORM_ERRORS = {
    "omitted": 0.35,
    "digit": 0.24,
    "spurious": 0.18,
    "several": 0.14,
    "length": 0.085,
    "swapped": 0.005,
}
VOICE_ERRORS = {"digit": 0.791, "swapped": 0.11, "several": 0.089, "sounds_like": 0.01}


def as_keyed(
    worksheet: Sequence[int],
    chance: float,
    kinds: dict[str, float],
    rng: Random,
    *,
    at_least: int = 0,
    luck: float | None = None,
) -> Values:
    """The worksheet's numbers as somebody keys them.

    Args:
        worksheet: What the paper says.
        chance: Chance that a number which is not zero goes wrong.
        kinds: Share of each kind of error: :data:`FORM_ERRORS` or :data:`VOICE_ERRORS`.
        rng: Decides which numbers, and how.
        at_least: Errors to make in any case, if there are that many numbers.
        luck: From 0 to below 1, decides where the first error falls, in place of a draw. Lucks
            that are spread evenly over many reports make the number of wrong ones nearly sure.

    Returns:
        As many whole numbers, 0 or more; each error changes a cell.
    """
    keyed = list(worksheet)
    numbers = [cell for cell, value in enumerate(worksheet) if value]
    wrong = _which(len(numbers), chance, rng, luck)
    if len(wrong) < at_least:
        wrong = sorted(rng.sample(range(len(numbers)), min(at_least, len(numbers))))
    for place in wrong:
        kind = rng.choices(list(kinds), list(kinds.values()))[0]
        _err(keyed, numbers[place], worksheet, kind, rng)
    return tuple(keyed)


def _which(count: int, chance: float, rng: Random, luck: float | None) -> list[int]:
    """Indices below ``count``, each with the same chance: geometric leaps over the right ones."""
    if chance <= 0:
        return []
    if chance >= 1:
        return list(range(count))
    places: list[int] = []
    at, log_right = -1, math.log1p(-chance)
    draw = rng.random() if luck is None else luck
    while True:
        at += 1 + int(min(math.log1p(-draw) / log_right, count))
        if at >= count:
            return places
        places.append(at)
        draw = rng.random()


def _err(keyed: list[int], cell: int, worksheet: Sequence[int], kind: str, rng: Random) -> None:
    if kind == "spurious":
        # The number is read into the next empty line as well.
        for step in (1, -1, 2, -2):
            other = cell + step
            if 0 <= other < len(keyed) and worksheet[other] == 0 and keyed[other] == 0:
                keyed[other] = worksheet[cell]
                return
        kind = "digit"
    value = worksheet[cell]
    wrong = _KINDS[kind](value, rng)
    keyed[cell] = wrong if wrong != value else _digit(value, rng)


def _omitted(value: int, rng: Random) -> int:
    return 0


def _digit(value: int, rng: Random) -> int:
    """One digit replaced by another."""
    text = str(value)
    place = rng.randrange(len(text))
    digit = rng.choice([each for each in "0123456789" if each != text[place]])
    return int(text[:place] + digit + text[place + 1 :])


def _several(value: int, rng: Random) -> int:
    """Another number of as many digits: a different line of the sheet, or a wild guess."""
    size = len(str(value))
    return rng.randrange(10 ** (size - 1) if size > 1 else 0, 10**size)


def _length(value: int, rng: Random) -> int:
    """A digit lost or typed twice."""
    text = str(value)
    place = rng.randrange(len(text))
    if len(text) > 1 and rng.random() < 0.5:
        return int(text[:place] + text[place + 1 :])
    longer = int(text[:place] + text[place] + text[place:])
    return longer if longer <= LONGEST else value


def _swapped(value: int, rng: Random) -> int:
    """Two neighbouring digits exchanged."""
    text = str(value)
    if len(text) < 2:
        return value
    place = rng.randrange(len(text) - 1)
    return int(text[:place] + text[place + 1] + text[place] + text[place + 2 :])


def _sounds_like(value: int, rng: Random) -> int:
    """Thirteen for thirty, and the other way round."""
    if 13 <= value <= 19:
        return (value - 10) * 10
    if value in range(30, 100, 10):
        return value // 10 + 10
    return value


_KINDS: dict[str, Callable[[int, Random], int]] = {
    "omitted": _omitted,
    "digit": _digit,
    "several": _several,
    "length": _length,
    "swapped": _swapped,
    "sounds_like": _sounds_like,
}
