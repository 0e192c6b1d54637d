"""Unstable: rows that differ between two readings, though nothing was sent in between."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence, Reader, said_hash
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "unstable"
ASKS = "Does the app say the same when it is asked twice?"


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
    differing = [] if evidence.steady(reader.name) else _differing(evidence, reader)
    total = max(evidence.counts.get((reader.name, each), 0) for each in ("settled", "again"))
    figures: dict[str, float | int | None] = {"k": len(differing), "n": total}
    answer = f"{len(differing):,} of {total:,} rows differ between two readings."
    status = Status.FAIL if len(differing) else Status.PASS
    return Finding(
        CHECK, status, ASKS, answer, reader.name, figures,
        _witnesses(evidence, reader, differing), len(differing),
    )  # fmt: skip


def _about() -> pl.Expr:
    return pl.coalesce("record", "key", "stored_id").fill_null("").hash()


def _differing(evidence: Evidence, reader: Reader) -> list[int]:
    """What the rows are about that one reading has and the other has not, or not as often."""
    signed = [
        evidence.read(reader.name, each).select(about=_about(), said=said_hash(), n=pl.lit(sign))
        for each, sign in (("settled", 1), ("again", -1))
    ]
    counted = pl.concat(signed).group_by("said").agg(pl.col("n").sum(), pl.col("about").first())
    about = counted.filter(pl.col("n") != 0).select(pl.col("about").unique()).collect()
    return sorted(about["about"].to_list())


def _witnesses(evidence: Evidence, reader: Reader, about: list[int]) -> tuple[Witness, ...]:
    if not about:
        return ()
    said = pl.concat_str(
        [pl.col("raw").fill_null(""), pl.col("number").cast(pl.String).fill_null("")],
        separator=" ",
    ).str.strip_chars()
    both = [
        evidence.read(reader.name, each)
        .select(about=_about(), name=pl.coalesce("record", "key", "stored_id"), said=said)
        .filter(pl.col("about").is_in(about[:MOST]))
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
