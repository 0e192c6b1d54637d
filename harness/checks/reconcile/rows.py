"""What a reader said, as hashes: one row a row of the target's, in the order it gave them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from harness.checks.reconcile.evidence import Evidence, Reader
from harness.checks.reconcile.register import pair


@dataclass(frozen=True)
class Rows:
    """One reader in one round.

    Attributes:
        frame: Columns ``row`` (its number in the round), ``key``, ``rec``, ``values`` (hashes,
            null where missing), ``pair`` and ``number``.
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
    has_cell = pl.col("values").list.drop_nulls().list.len() > 0
    whole = pl.col("values_hash").is_not_null()
    frame = (
        evidence.read(reader.name, round_)
        .with_row_index("row")
        .select(
            "row",
            "number",
            key=pl.col("key").hash(),
            rec=pl.col("record").hash(),
            no_key=pl.col("key").is_null(),
            no_rec=pl.col("record").is_null(),
            values="values_hash",
            valueless=pl.col("values").is_null(),
            # Looking into the cells is needed only where the row is not whole.
            empty=~whole & ~has_cell.fill_null(True),
        )
        .filter(~pl.col("empty"))
        .collect(engine="streaming")
    )
    valued = bool((~frame["valueless"]).any())
    if valued and reader.mode in ("keyed", "state"):
        frame = frame.filter(~pl.col("valueless"))
    frame = frame.select(
        "row",
        "number",
        key=pl.when(~pl.col("no_key")).then("key"),
        rec=pl.when(~pl.col("no_rec")).then("rec"),
        values="values",
    ).with_columns(pair=pair("rec", "values"))
    return Rows(
        frame,
        keyed=bool(frame["key"].is_not_null().any()),
        recorded=bool(frame["rec"].is_not_null().any()),
        valued=valued,
    )
