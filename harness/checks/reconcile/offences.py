"""Offences: what reconciliation found wrong, as rows of hashes until somebody asks for names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from harness.checks.reconcile.evidence import Reader

OFFENCES = pl.Schema(
    {
        "check": pl.String,  # lost, phantom, duplicate, ...
        "rec": pl.UInt64,  # hash of the record, null if the row names none
        "key": pl.UInt64,  # hash of the operation key, null if it is about a record
        "first": pl.UInt32,  # the operation's first row in the history, null if none was sent
        "row": pl.UInt32,  # the row in what the reader said, null if there is none
        "times": pl.UInt32,  # how many too many or too few, usually 1
    }
)


@dataclass(frozen=True)
class Reconciled:
    """What one reader's rows come to.

    Attributes:
        offences: Rows as :data:`OFFENCES`.
        rows: Rows found of this run's.
        ambiguous: Groups of identical reports that rows could not be told apart by.
        twice: Whether the reader was read twice after the drill.
        one_a_record: Whether it shows one report a record, or every one.
        asked: The checks that such a reader can answer.
    """

    reader: Reader
    offences: pl.DataFrame
    rows: int
    ambiguous: int = 0
    twice: bool = True
    one_a_record: bool = False
    asked: frozenset[str] = field(default_factory=frozenset)


def offence(check: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows as offences of one check; columns that they lack are null, ``times`` 1."""
    columns = [
        (pl.col(name) if name in rows.columns else pl.lit(1 if name == "times" else None))
        .cast(dtype)
        .alias(name)
        for name, dtype in OFFENCES.items()
        if name != "check"
    ]
    return rows.select(pl.lit(check).alias("check"), *columns)


def together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """All offences as one table."""
    return pl.concat([pl.DataFrame(schema=OFFENCES), *parts])
