"""The words of a live drill: what was played, and what to do after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def is_live(info: Mapping[str, Any]) -> bool:
    """Whether people, or robots in their place, sent the reports, and nothing was driven.

    Example:
        >>> is_live({"live": {"invited": {}}}), is_live({"live": {"beside": True}}), is_live({})
        (True, False, False)
    """
    live = info.get("live") or {}
    return bool(live) and not live.get("beside")


def played(info: Mapping[str, Any]) -> str:
    """Who took part.

    Example:
        >>> played({"live": {"invited": {"volunteers": 45, "insiders": 1}}})
        'A live drill: 45 volunteers and 1 insider were invited to report from their cards.'
        >>> played({"live": {"invited": {"robots": 50}}})
        'A live drill with nobody real in it: 50 simulated volunteers reported from cards.'
    """
    invited = (info.get("live") or {}).get("invited") or {}
    counts = {name: int(invited.get(name) or 0) for name in ("volunteers", "insiders", "robots")}
    if not counts["volunteers"] and not counts["insiders"]:
        number = f"{counts['robots']:,}"
        return (
            f"A live drill with nobody real in it: {number} simulated volunteers reported from "
            "cards."
        )
    names = {
        "volunteers": "volunteer", "insiders": "insider", "robots": "simulated volunteer",
    }  # fmt: skip
    parts = [
        f"{count:,} {names[name]}{'' if count == 1 else 's'}"
        for name, count in counts.items()
        if count
    ]
    listed = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
    return f"A live drill: {listed} were invited to report from their cards."


def rehearsed_only(info: Mapping[str, Any]) -> bool:
    """Whether nobody real was invited."""
    invited = (info.get("live") or {}).get("invited") or {}
    return is_live(info) and not (invited.get("volunteers") or invited.get("insiders"))
