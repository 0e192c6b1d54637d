"""Barriers in plain words: a page's own text is cut short and stripped before it is quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from harness.channels.web.looks.barrier import Barrier, Impact

LONGEST_QUOTE = 80
MOST = 40  # barriers of one rule on one page; more of the same tells nobody more
_LONGEST_SELECTOR = 300


def quote(text: Any) -> str:
    """A page's text as it may be quoted: one line, nothing that does not print, and not long."""
    plain = "".join(each if each.isprintable() else " " for each in str(text)[:2000])
    plain = re.sub(r"\s+", " ", plain).strip()
    return plain if len(plain) <= LONGEST_QUOTE else plain[: LONGEST_QUOTE - 1].rstrip() + "…"


def called(told: dict[str, Any]) -> str:
    """An element as officials know it: The button “Send report”."""
    return f"The {quote(told.get('what', 'text'))} “{quote(told.get('words', ''))}”"


def barriers(
    rule: str,
    found: Iterable[dict[str, Any]],
    says: str,
    *,
    impact: Impact = "serious",
    standard: str = "",
) -> tuple[Barrier, ...]:
    """One barrier an element. ``says`` goes on after the element's name."""
    return tuple(
        Barrier(rule, f"{called(each)} {says}", selector(each), impact, standard)
        for each in list(found)[:MOST]
    )


def selector(told: dict[str, Any]) -> str:
    """The selector of an element that the page told of."""
    return str(told.get("selector", ""))[:_LONGEST_SELECTOR]
