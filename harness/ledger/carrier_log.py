"""The carrier's log: finished with a digest when the carrier has ended, and read as a table.

The carrier writes one JSON line for each request between it and the app. Whoever ended it in good
order adds a last line with the number of lines and the SHA-256 of every byte before it, so that a
log which was cut short, or touched, is known for one.
"""

from __future__ import annotations

from pathlib import Path

import orjson
import polars as pl

from harness.ledger import trailer
from harness.ledger.reader import chunks
from harness.ledger.trailer import finish
from harness.record import WEBHOOKS

__all__ = ["NAME", "finish", "problems", "webhooks"]

NAME = "carrier.jsonl"
_LINE = pl.Schema(
    {
        "at": pl.Float64,
        "took": pl.Float64,
        "purpose": pl.String,
        "line": pl.String,
        "sid": pl.String,
        "status": pl.Int64,
        "error": pl.Int64,
        "fallback": pl.Boolean,
        "token": pl.String,
        "try": pl.Int64,
        "fault": pl.String,
        "detail": pl.String,
        "keyed": pl.String,
        "lines": pl.Int64,  # of the last line only
        "digest": pl.String,
    }
)


def problems(path: Path) -> list[str]:
    """What is wrong with a log: nothing, if it is whole and as it was written."""
    return trailer.problems(path, "phone carrier")


def webhooks(path: Path, start_at: float | None) -> pl.DataFrame:
    """The log's requests in order, with the schema of the run folder.

    Args:
        start_at: Unix seconds of the drill's start barrier; without one, of the first request.
    """
    frames = [_LINE.to_frame()]
    if path.is_file():
        frames += [_table(chunk) for chunk in chunks(path)]
    lines = pl.concat(frames).filter(pl.col("purpose").is_not_null())
    zero = start_at if start_at is not None else lines["at"].min()
    return (
        lines.with_columns(
            sent=((pl.col("at") - pl.lit(zero)) * 1e9).cast(pl.Int64),
            took=(pl.col("took") * 1e9).cast(pl.Int64),
            line=pl.col("line").fill_null(""),
            fault=pl.col("fault").fill_null(""),
            keyed=pl.col("keyed").fill_null(""),
        )
        .select(WEBHOOKS.names())
        .cast(WEBHOOKS)
        .sort("sent", maintain_order=True)
    )


def _table(chunk: bytes) -> pl.DataFrame:
    """Lines as rows; whatever is not one of ours is left out."""
    try:
        return pl.read_ndjson(chunk, schema=_LINE)
    except pl.exceptions.PolarsError:  # somebody has been at the file: take what can be read
        rows = []
        for line in chunk.splitlines():
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            if isinstance(row, dict):
                rows.append(row)
        columns = {name: [row.get(name) for row in rows] for name in _LINE}
        return pl.DataFrame(
            [pl.Series(name, columns[name], kind, strict=False) for name, kind in _LINE.items()]
        )
