"""The journal of hostile tries, as a table. A line that was cut off by a crash is left out."""

from __future__ import annotations

from pathlib import Path

import orjson
import polars as pl

from harness.record import INTRUSIONS

NAME = "intrusions.jsonl"


def lines(path: Path) -> list[dict[str, object]]:
    """Every whole line of the journal, in order."""
    found = []
    for line in path.read_bytes().splitlines():
        try:
            data = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue  # a line that was being written when the drill was killed
        if isinstance(data, dict):
            found.append(data)
    return found


def table(path: Path) -> pl.DataFrame:
    """One row a try, with the schema of the run folder's table."""
    rows = [
        {name: each.get(name) for name in INTRUSIONS.names()}
        for each in lines(path)
        if each.get("k") == "try"
    ]
    return pl.DataFrame(rows, schema=INTRUSIONS)
