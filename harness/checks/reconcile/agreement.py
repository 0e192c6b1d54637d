"""What agrees on both sides is settled at once; only the rest is looked at row by row.

Nearly every row of a working target says exactly what was sent. Where a reader shows one row a
record, such a row and its record need no join: the hash of record and values is found once
among the reports that may stand and once among the rows, which sorting tells.
"""

from __future__ import annotations

import polars as pl

from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.register import ALLOWED, pair, repeated


def open_records(evidence: Evidence, rows: pl.DataFrame) -> pl.Series:
    """Hashes of the records that are not settled.

    A record is settled if exactly one report may stand for it, exactly one of ``rows`` names it,
    and their values are the same. Every other record of either side is open.
    """
    plain = evidence.operations.filter(~pl.col("several") & (pl.col("acked") | pl.col("possible")))
    contested = evidence.contested.filter(pl.col("state") == ALLOWED)
    sides = [
        pl.concat([each.select("rec", pair("rec", "values")) for each in (plain, contested)]),
        rows.select("rec", pair("rec", "values")),
    ]
    unequal = _unequal(*(side["pair"] for side in sides))
    open_ = pl.col("pair").is_null() | pl.col("pair").is_in(unequal.implode())
    return pl.concat(side.filter(open_)["rec"] for side in sides).drop_nulls().unique()


def _unequal(sent: pl.Series, found: pl.Series) -> pl.Series:
    """The hashes that do not occur exactly once on each side, nulls left out."""
    both = pl.concat([sent, found]).drop_nulls().sort()
    lone = both.filter(
        (both != both.shift()).fill_null(True) & (both != both.shift(-1)).fill_null(True)
    )
    doubled = (side.filter(repeated(side)) for side in (sent, found))
    return pl.concat([lone, *doubled]).drop_nulls().unique()
