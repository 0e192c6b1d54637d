"""What was broken on purpose, on the clock of the night."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

import polars as pl

from harness.record import RunFolder
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
