"""What was broken on purpose, on the clock of the night."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

import polars as pl

from harness.record import RunFolder
from reports import words
from reports.svg import Band


@dataclass(frozen=True)
class Inject:
    """One planned fault. Times are drill seconds, None where it never came to that.

    Attributes:
        letter: Marks it in the charts: A for the first; empty for the 27th and later.
        touched: Operations, answers or processes that it changed.
        undone: Whether everything it changed was put back; None where nobody noted it.
        band: Where it lies in the charts; None if it never began.
    """

    letter: str
    name: str
    kind: str
    planned: tuple[float | None, float | None]
    actual: tuple[float | None, float | None]
    touched: int
    undone: bool | None
    detail: str
    band: Band | None


def injects_of(run: RunFolder) -> tuple[Inject, ...]:
    """The run's faults in the order they began."""
    table = run.injects.sort("planned_start_drill", nulls_last=True).with_columns(
        pl.col("kind").cast(pl.String)
    )
    rows = enumerate(table.collect().to_dicts())
    return tuple(_inject(row, ascii_uppercase[i : i + 1]) for i, row in rows)


def _inject(row: dict[str, Any], letter: str) -> Inject:
    start, end = row["started_drill"], row["ended_drill"]
    return Inject(
        letter=letter,
        name=row["name"] or "",
        kind=row["kind"] or "",
        planned=(row["planned_start_drill"], row["planned_end_drill"]),
        actual=(start, end),
        touched=row["touched"] or 0,
        undone=row["undone"],
        detail=row["detail"] or "",
        band=None if start is None else Band(start, end if end is not None else start, letter),
    )


@dataclass(frozen=True)
class Trouble:
    """What the organizer of a live drill made, and wrote down.

    Attributes:
        begins, ends: When, from the opening of the drill on, in words.
    """

    what: str
    begins: str
    ends: str


def troubles_of(info: Mapping[str, Any]) -> tuple[Trouble, ...]:
    """A live drill's trouble in the order it began; noted twice as begun, it began the first time.

    Example:
        >>> on = {"what": "app_down", "on": True, "seconds": 60.0}
        >>> troubles_of({"live": {"trouble": [on, {**on, "on": False, "seconds": 95.0}]}})
        (Trouble(what='App down', begins='1 min after', ends='1 min 35 s after'),)
    """
    made: list[tuple[str, float | None, str]] = []
    under_way: dict[str, int] = {}
    for each in (info.get("live") or {}).get("trouble") or ():
        what, at = str(each.get("what", "")), each.get("seconds")
        if each.get("on"):
            if what not in under_way:
                under_way[what] = len(made)
                made.append((what, at, "not noted: still on when the drill closed"))
        elif what in under_way:
            place = under_way.pop(what)
            made[place] = (*made[place][:2], _since_opening(at))
    return tuple(
        Trouble(what.replace("_", " ").capitalize(), _since_opening(at), ends)
        for what, at, ends in made
    )


def _since_opening(seconds: float | None) -> str:
    if seconds is None:
        return "the drill was never opened"
    return f"{words.duration(abs(seconds))} {'before' if seconds < 0 else 'after'}"
