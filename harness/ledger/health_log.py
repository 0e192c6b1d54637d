"""The log of what a target says of its own health: one JSON line an answer, and the table of them.

Several writers append to it at once, a whole line at a time.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

import orjson
import polars as pl

from harness.record import HEALTH

NAME = "health.jsonl"


class Writer:
    """Appends lines to the log. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1

    def __enter__(self) -> Writer:
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)

    def write(
        self, *, at: float, source: str, said: str, status: int | None, took: float, detail: str
    ) -> None:
        """Add one answer.

        Args:
            at: Drill second at which it was asked for.
            took: Wall seconds.

        Raises:
            OSError: If there is no room.
        """
        line = {
            "at": at, "source": source, "said": said, "status": status, "took": took,
            "detail": detail,
        }  # fmt: skip
        os.write(self._file, orjson.dumps(line) + b"\n")


def table(path: Path) -> pl.DataFrame:
    """The log in order of time, with the schema of the run folder; a torn line is left out."""
    rows = []
    for line in path.read_bytes().splitlines():
        try:
            said = orjson.loads(line)
            rows.append(
                {
                    "at_drill": float(said["at"]),
                    "source": str(said["source"]),
                    "said": str(said["said"]),
                    "status": said["status"],
                    "took": int(said["took"] * 1e9),
                    "detail": str(said["detail"]),
                }
            )
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            continue
    return pl.DataFrame(rows, schema=HEALTH).sort("at_drill", maintain_order=True)
