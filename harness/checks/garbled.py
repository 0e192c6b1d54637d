"""Garbled: does the app notice when the line makes another code of the one that was keyed?

A key that is lost, doubled or added on the way makes another code, and that may be another
voter's. The app cannot know what was keyed; who reads every code back, or gives codes a check
digit, lets the caller notice. Saying plainly yes to what came as something else is a failure.
Codes that stand because the line made them are the line's doing: they are named, since somebody
has to take them out by hand.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import ROW_MODES, Evidence
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "garbled"
ASKS = "Does the app notice when the line makes another code of the one that was keyed?"


def check(run: RunFolder) -> Iterable[Finding]:
    """Does the app notice when the line makes another code of the one that was keyed?"""
    evidence = evidence_of(run)
    came = evidence.garbled
    if not len(came):
        answer = "No code is known to have come to the app as another than was keyed."
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, answer)
        return
    yield _answer(evidence, came)


def _answer(evidence: Evidence, came: pl.DataFrame) -> Finding:
    taken = came.filter(pl.col("outcome") == "ok")
    noticed = came.filter(pl.col("outcome") == "refused")
    stand = made_by_the_line(evidence)
    k, n = len(taken), len(came)
    figures: dict[str, float | int | None] = {
        "k": k, "n": n, "noticed": len(noticed), "stand": len(stand),
    }  # fmt: skip
    left = ""
    if len(stand):
        left = f" {len(stand):,} that nobody keyed stand in the app: the line made them."
    if k:
        answer = f"{k:,} of {n:,} codes that came as others were confirmed all the same.{left}"
        shown = tuple(
            Witness(record, f"a no, or {_code(other)} read back", "yes to what was keyed", (op,))
            for record, other, op in taken.select("record", "came", "op").head(MOST).iter_rows()
        )
        return Finding(CHECK, Status.FAIL, ASKS, answer, "", figures, shown, k)
    reason = evidence.ledger_gap
    if not len(noticed):
        reason = reason or f"Nobody heard what the app made of any of {n:,} codes."
    answer = f"0 of {n:,} codes that came as others were confirmed as what was keyed."
    shown = tuple(
        Witness(other, "nothing: nobody keyed it", f"there: the line made it of {record}", (op,))
        for record, other, op in stand.head(MOST).iter_rows()
    )
    status = Status.UNKNOWN if reason else Status.PASS
    return Finding(CHECK, status, ASKS, f"{reason or answer}{left}", "", figures, shown)


def _code(record: str) -> str:
    return record.rpartition("-")[2]


def made_by_the_line(evidence: Evidence) -> pl.DataFrame:
    """Codes that stand, and that came and were keyed by nobody: ``record``, ``came``, ``op``."""
    keyed = evidence.history.select(came="record").unique().collect()
    made = evidence.garbled.join(keyed, on="came", how="anti").unique("came", maintain_order=True)
    there = pl.concat(
        [
            evidence.read(reader.name, evidence.last_round).select(came="record")
            for reader in evidence.readers
            if reader.mode in ROW_MODES and not evidence.unread(reader.name)
        ]
        or [pl.LazyFrame(schema={"came": pl.String})]
    ).collect()
    return made.join(there, on="came", how="semi").select("record", "came", "op")
