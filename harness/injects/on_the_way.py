"""How many operations the people of a way began in some hours, as the ledgers tell."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from harness.injects.network_ways import Way
from harness.ledger.reader import chunks, table


def operations_between(folder: Path, speed: float, way: Way, start: float, end: float) -> int:
    """Count them.

    Args:
        folder: The run folder.
        speed: Drill seconds a wall second.
        start, end: Drill seconds.
    """
    first, last = (int(each / speed * 1e9) for each in (start, end))
    count = 0
    for path in sorted((folder / "ledger").glob("engine-*.jsonl")):
        for chunk in chunks(path):
            begun = table(chunk).filter(
                pl.col("k") == "intent", pl.col("released").is_between(first, last)
            )
            count += sum(way.carries(who) for who in begun["who"].drop_nulls())
    return count
