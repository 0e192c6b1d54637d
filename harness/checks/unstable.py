"""Unstable: rows that differ between two readings, though nothing was sent in between."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence, Reader
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "unstable"
ASKS = "Does the app say the same when it is asked twice?"
SHOWN = ("key", "record", "stored_id", "values_hash", "number", "derived")


def check(run: RunFolder) -> Iterable[Finding]:
    """Does the app say the same when it is asked twice?"""
    evidence = evidence_of(run)
    if not evidence.readers:
        yield Finding(CHECK, Status.UNKNOWN, ASKS, "The target's description names no reader.")
    for reader in evidence.readers:
        yield _ask(evidence, reader)


def _ask(evidence: Evidence, reader: Reader) -> Finding:
    silent = evidence.unread(reader.name)
    if not silent and "again" not in evidence.rounds:
        silent = f"{reader.name} was read only once after the drill."
    if silent:
        return Finding(CHECK, Status.UNKNOWN, ASKS, silent, reader.name)
    first, second = (_rows(evidence, reader, each) for each in ("settled", "again"))
    differing = _differing(first, second)
    total = max(len(first), len(second))
    figures: dict[str, float | int | None] = {"k": len(differing), "n": total}
    answer = f"{len(differing):,} of {total:,} rows differ between two readings."
    status = Status.FAIL if len(differing) else Status.PASS
    return Finding(
        CHECK, status, ASKS, answer, reader.name, figures,
        _witnesses(evidence, reader, differing), len(differing),
    )  # fmt: skip


def _rows(evidence: Evidence, reader: Reader, round_: str) -> pl.DataFrame:
    """One hash a row, over everything the reader shows of it, and one of what it is about."""
    about = pl.struct(pl.coalesce("record", "key", "stored_id")).hash()
    rows = evidence.read(reader.name, round_).select(about=about, said=pl.struct(SHOWN).hash())
    return rows.collect(engine="streaming")


def _differing(first: pl.DataFrame, second: pl.DataFrame) -> pl.Series:
    """What the rows are about that one reading has and the other has not, or not as often."""
    # Sums of hashes wrap and still tell: equal readings, the usual case, need no more than this.
    if len(first) == len(second) and first["said"].sum() == second["said"].sum():
        return pl.Series("about", [], pl.UInt64)
    counted = (
        pl.concat([first.with_columns(n=pl.lit(1)), second.with_columns(n=pl.lit(-1))])
        .group_by("said")
        .agg(pl.col("n").sum(), pl.col("about").first())
    )
    return counted.filter(pl.col("n") != 0)["about"].unique().sort()


def _witnesses(evidence: Evidence, reader: Reader, about: pl.Series) -> tuple[Witness, ...]:
    if not len(about):
        return ()
    key = pl.struct(pl.coalesce("record", "key", "stored_id")).hash()
    said = pl.concat_str(
        [pl.col("raw").fill_null(""), pl.col("number").cast(pl.String).fill_null("")],
        separator=" ",
    ).str.strip_chars()
    both = [
        evidence.read(reader.name, each)
        .select(about=key, name=pl.coalesce("record", "key", "stored_id"), said=said)
        .filter(pl.col("about").is_in(about.head(MOST).implode()))
        .group_by("about")
        .agg(pl.col("name").first(), pl.col("said").str.join("; "))
        for each in ("settled", "again")
    ]
    table = both[0].join(both[1], on="about", how="full", coalesce=True).sort("about").collect()
    return tuple(
        Witness(
            row["name"] or row["name_right"] or "",
            f"first: {(row['said'] or 'not there')[:200]}",
            f"then: {(row['said_right'] or 'not there')[:200]}",
        )
        for row in table.to_dicts()
    )
