"""How figures are said: counts, shares, lengths of time, and the bound behind a zero."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def count(number: float | None) -> str:
    """A whole number with thousands separated; a dash where there is none.

    Example:
        >>> count(1765), count(None)
        ('1,765', '–')
    """
    return "–" if number is None else f"{number:,.0f}"


def reported(info: Mapping[str, Any]) -> str:
    """What a drill reports, in the plural: codes of voters, a campaign's records, or sites.

    Example:
        >>> reported({"world": {"kind": "voter_list"}}), reported({})
        ('codes', 'sites')
    """
    kind = (info.get("world") or {}).get("kind")
    return {"voter_list": "codes", "campaign": "records"}.get(str(kind), "sites")


def span(info: Mapping[str, Any]) -> str:
    """What a drill plays: an election day, or a caucus night.

    Example:
        >>> span({"world": {"kind": "voter_list"}}), span({})
        ('day', 'night')
    """
    return "night" if reported(info) == "sites" else "day"


def share(part: float, whole: float) -> str:
    """A percentage that never rounds up to 100 % or down to 0 %.

    Example:
        >>> share(1764, 1765), share(439, 1765), share(5, 5)
        ('99.9 %', '24.9 %', '100 %')
    """
    if not whole:
        return "–"
    if part == whole:
        return "100 %"
    percent = 100 * part / whole
    if part > 0:
        percent = max(percent, 0.1)
    return f"{min(percent, 99.9):.1f} %" if part else "0 %"


def duration(seconds: float | None) -> str:
    """A length of time in the unit that reads best.

    Example:
        >>> [duration(each) for each in (0, 0.0042, 12.34, 95, 7380, None)]
        ['0 s', '4 ms', '12.3 s', '1 min 35 s', '2 h 3 min', '–']
    """
    if seconds is None:
        return "–"
    if seconds == 0:
        return "0 s"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.3g} s"
    minutes, left = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {left} s" if left else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def number(value: float | None) -> str:
    """A figure whose unit is not known here: whole if it is whole, else four digits.

    Example:
        >>> number(12.0), number(0.98765), number(12345.678)
        ('12', '0.9877', '12,346')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if value == int(value) or abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{value:,.4g}"


def hidden_rate(n: int) -> float:
    """The largest fault rate that 0 faults in ``n`` leaves possible, with 95 % confidence.

    The exact (Clopper-Pearson) one-sided bound for zero failures, U = 1 - 0.05^(1/n): of all
    targets whose every report fails with that chance, one in twenty would show none.

    Raises:
        ValueError: If ``n`` is below 1.

    Example:
        >>> round(hidden_rate(10), 3), round(hidden_rate(1765), 5)
        (0.259, 0.0017)
    """
    if n < 1:
        raise ValueError(f"n={n!r}, but a bound needs at least 1 case.")
    return 1.0 - math.pow(0.05, 1.0 / n)


def zero_in(n: int) -> str:
    """What zero failures in ``n`` leave possible, in words.

    Example:
        >>> zero_in(1765)
        'a fault that strikes fewer than 1 in 580 at random could still be hidden (95 % confidence)'
        >>> zero_in(3)
        'a fault that strikes up to 64 in 100 at random could still be hidden (95 % confidence)'
    """
    rate = hidden_rate(n)
    if rate > 0.1:
        often = f"up to {math.ceil(rate * 100)} in 100"
    else:  # rounded so that it never promises more than the bound does
        one_in = math.floor(1 / rate)
        often = f"fewer than 1 in {one_in if one_in < 100 else one_in // 10 * 10:,}"
    return f"a fault that strikes {often} at random could still be hidden (95 % confidence)"
