"""Figures in words: what findings and objectives say of quantiles, shares and times."""

from __future__ import annotations


def quantile_name(q: float) -> str:
    """The figure that holds a quantile.

    Example:
        >>> quantile_name(0.95), quantile_name(0.999)
        ('p95', 'p99_9')
    """
    return "p" + f"{q * 100:.6f}".rstrip("0").rstrip(".").replace(".", "_")


def quantile_words(q: float) -> str:
    """A quantile in words.

    Example:
        >>> quantile_words(0.95), quantile_words(0.999)
        ('95 of 100 within', '999 of 1,000 within')
    """
    base = 100
    while abs(q * base - round(q * base)) > 1e-9:
        base *= 10
    return f"{round(q * base):,} of {base:,} within"


def share(value: float) -> str:
    """A share as a percentage that never rounds up to all of them.

    Example:
        >>> share(0.98), share(0.99995), share(0.1234)
        ('98 %', '99.99 %', '12.3 %')
    """
    percent = value * 100
    text = f"{percent:.1f}" if percent < 99.9 else f"{int(percent * 100) / 100:.2f}"
    return text.rstrip("0").rstrip(".") + " %"


def of(k: int, n: int, whom: str = "") -> str:
    """How many of how many, with the share beside it; all of them are never "100 %".

    Example:
        >>> of(43, 46, "volunteers"), of(46, 46), of(0, 3)
        ('43 of 46 volunteers (93.5 %)', '46 of 46', '0 of 3')
    """
    counted = " ".join(filter(None, (f"{k:,} of {n:,}", whom)))
    return f"{counted} ({share(k / n)})" if 0 < k < n else counted


def counted(n: int, thing: str) -> str:
    """A count of things, in the plural where there is not just one.

    Example:
        >>> counted(1, "barrier"), counted(1200, "look")
        ('1 barrier', '1,200 looks')
    """
    return f"{n:,} {thing}" if n == 1 else f"{n:,} {thing}s"


def seconds(value: float) -> str:
    """Seconds in words of a sensible precision.

    Example:
        >>> seconds(0.084), seconds(2.5), seconds(190.0), seconds(19_800.0)
        ('84 ms', '2.5 s', '3 min 10 s', '5 h 30 min')
    """
    if value < 1:
        return f"{value * 1000:.3g} ms"
    if value < 120:
        return f"{value:.3g} s"
    if value >= 7200:
        hours, minutes = divmod(round(value / 60), 60)
        return f"{hours:,} h" + (f" {minutes} min" if minutes else "")
    minutes, rest = divmod(round(value), 60)
    return f"{minutes:,} min" + (f" {rest} s" if rest else "")


def shown(text: str) -> str:
    r"""A text as a terminal may show it: what a target said in it must not move the cursor.

    Example:
        >>> shown("its last words: \x1b[2JGO\r\nand so on")
        'its last words:  [2JGO \nand so on'
    """
    return "".join(each if each.isprintable() or each == "\n" else " " for each in text)
