"""Unlisted: a code that is on no list of its precinct may not be taken.

Whoever keys a wrong digit names another voter, or nobody. The app has the list and can tell the
second: it must say so, since one who is told nothing does not look at the sheet again.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.register import WRITES, is_preflight
from harness.checks.reconcile.witnesses import MOST
from harness.record import PRECINCTS, VOTERS, Finding, RunFolder, Status, Witness

CHECK = "unlisted"
ASKS = "Does the app refuse codes that are on no list?"


def check(run: RunFolder) -> Iterable[Finding]:
    """Does the app refuse codes that are on no list?"""
    evidence = evidence_of(run)
    if not evidence.lists_codes:
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, "There are no lists of codes.")
        return
    yield _answer(evidence, _tries(evidence))


def _tries(evidence: Evidence) -> pl.DataFrame:
    """Attempts to report a code that is not on its precinct's list, and that may have arrived."""
    outcome = pl.col("outcome").cast(pl.String)
    return (
        evidence.history.filter(
            pl.col("kind").cast(pl.String).is_in(WRITES),
            ~is_preflight(),
            pl.col("sent").is_not_null() | (outcome != "refused"),
        )
        .join(_listed(evidence), on="record", how="anti")
        .select("op", "record", channel=pl.col("channel").cast(pl.String), outcome=outcome)
        .collect()
    )


def _listed(evidence: Evidence) -> pl.LazyFrame:
    """Every record that there is: a code on the list of a precinct."""
    places = evidence.table(f"truth/{PRECINCTS}").select("precinct", place="record")
    voters = evidence.table(f"truth/{VOTERS}").join(places, on="precinct")
    return voters.select(record=pl.concat_str("place", "code", separator="-"))


def _answer(evidence: Evidence, tries: pl.DataFrame) -> Finding:
    taken = tries.filter(pl.col("outcome") == "ok").unique("record", maintain_order=True)
    refused = int((tries["outcome"] == "refused").sum())
    k, n = len(taken), tries["record"].n_unique()
    figures: dict[str, float | int | None] = {"k": k, "n": n}
    if k:
        shown = tuple(
            Witness(record, "refused: it is on no list", f"taken ({channel})", (op,))
            for op, record, channel in taken.select("op", "record", "channel").head(MOST).rows()
        )
        answer = f"{k:,} of {n:,} codes that are on no list were taken."
        return Finding(CHECK, Status.FAIL, ASKS, answer, "", figures, shown, k)
    reason = evidence.ledger_gap
    if not n:
        answer = "Nobody keyed a code that is on no list."
        return Finding(CHECK, Status.NOT_APPLICABLE, ASKS, answer, figures=figures)
    if not refused:
        reason = reason or "Nobody knows what came of any such code."
    answer = reason or f"0 of {n:,} codes that are on no list were taken."
    return Finding(CHECK, Status.UNKNOWN if reason else Status.PASS, ASKS, answer, "", figures)
