"""What a reader said, as hashes: one row a row of the target's, in the order it gave them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from harness.checks.reconcile.evidence import Evidence, Reader, said_hash


@dataclass(frozen=True)
class Rows:
    """One reader in one round.

    Attributes:
        frame: Columns ``row`` (its place in the whole table), ``key``, ``rec``, ``values``
            (hashes, null where missing) and ``number``.
        keyed: Whether any row keeps an operation key.
        recorded: Whether any row names a record.
        valued: Whether any row has cells.
    """

    frame: pl.DataFrame
    keyed: bool
    recorded: bool
    valued: bool


def read_rows(evidence: Evidence, reader: Reader, round_: str) -> Rows:
    """Read one round; a row that has cells, all of them missing, holds no report: left out."""
    placed = evidence.placed(reader.name, round_).rename({"at": "row"})
    frame = placed.select(
        "row",
        "number",
        key=pl.when(pl.col("key").is_not_null()).then(pl.col("key").hash()),
        rec=pl.when(pl.col("record").is_not_null()).then(pl.col("record").hash()),
        values="values_hash",
        said=said_hash(),
    ).collect(engine="streaming")
    evidence.sums[reader.name, round_] = (len(frame), int(frame["said"].sum()))
    frame = frame.drop("said")
    valued = bool(frame["values"].is_not_null().any())
    # The cells themselves, by far the largest column, are read only if some row is not whole.
    if frame["values"].null_count():
        cells = placed.select(
            "row",
            valueless=pl.col("values").is_null(),
            empty=pl.col("values").list.drop_nulls().list.len() == 0,
        ).collect(engine="streaming")
        valued = not cells["valueless"].all()
        holds = ~pl.col("empty").fill_null(False)
        if valued and reader.mode in ("keyed", "state"):
            holds &= ~pl.col("valueless")
        frame = frame.join(cells.filter(holds), on="row", how="semi")
    return Rows(
        frame,
        keyed=bool(frame["key"].is_not_null().any()),
        recorded=bool(frame["rec"].is_not_null().any()),
        valued=valued,
    )
