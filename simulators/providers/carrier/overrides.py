"""How long a webhook may take and how often it is tried: defaults, and a URL's own overrides.

An app puts overrides in the fragment of its URL, ``https://app.example.org/voice#tt=5000&rc=2``;
they are neither sent nor signed (docs: usage/webhooks/webhooks-connection-overrides). Times are
wall seconds here and milliseconds there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import parse_qsl

__all__ = ["Overrides", "read_overrides"]

_KINDS = ("4xx", "5xx", "ct", "rt", "all")
_TIMES = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000)}


@dataclass(frozen=True, slots=True)
class Overrides:
    """The rules of one webhook.

    Attributes:
        connect: Wall seconds for one attempt to connect.
        read: Wall seconds until the first byte of the answer.
        total: Wall seconds for everything: every attempt, and connecting too.
        retries: Further tries after the first.
        retry_on: Failures that are tried again: ``4xx``, ``5xx``, ``ct`` (connecting, TLS
            included), ``rt`` (reading) or ``all``.
        shortened: Whether ``total`` is the app's own limit.
        mistakes: Overrides that mean nothing, in words.
    """

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})
    shortened: bool = False
    mistakes: tuple[str, ...] = ()

    def tries_again(self, kind: str) -> bool:
        """Whether a failure of this kind is tried again."""
        return kind in self.retry_on or ("all" in self.retry_on and kind in _KINDS)


@lru_cache(maxsize=4096)
def read_overrides(url: str, limit: float = 15.0) -> Overrides:
    """The rules for a URL.

    Args:
        limit: The provider's own limit on the total, in wall seconds.

    Example:
        >>> read_overrides("http://a/voice#ct=200&rp=5xx,ct&rc=2").retries
        2
    """
    found = Overrides(total=limit, read=limit)
    mistakes: list[str] = []
    for name, value in parse_qsl(url.partition("#")[2], keep_blank_values=True):
        changed = _override(found, name, value)
        if changed is None:
            mistakes.append(f"{name}={value}")
        else:
            found = changed
    return replace(found, mistakes=tuple(mistakes))


def _override(rules: Overrides, name: str, value: str) -> Overrides | None:
    """The rules with one override applied; None if it means nothing."""
    if name in ("sni", "e"):
        return rules  # how TLS names the host, and where requests leave from: no matter here
    if name == "rp":
        kinds = frozenset(value.split(","))
        return replace(rules, retry_on=kinds) if kinds <= set(_KINDS) else None
    if not value.isdecimal():
        return None
    number = int(value)
    if name == "rc":
        return replace(rules, retries=number) if number <= 5 else None
    low, high = _TIMES.get(name, (1, 0))
    if not low <= number <= high:
        return None
    if name == "ct":
        return replace(rules, connect=number / 1000)
    if name == "rt":
        return replace(rules, read=number / 1000)
    return replace(rules, total=min(rules.total, number / 1000), shortened=True)
