"""Wrong codes: whoever types codes that are not their own must not be let in.

A row of the history that signs in carries ``values`` ``[1]`` if the codes typed were the
person's own and ``[0]`` if not; older runs carry none, and then nothing is known of it.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.register import is_preflight
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "wrong_codes"
ASKS = "Was nobody let in with wrong codes?"
KIND = "sign_in"


def check(run: RunFolder) -> Iterable[Finding]:
    """Was nobody let in with wrong codes?"""
    evidence = evidence_of(run)
    tries = _tries(evidence)
    if KIND in evidence.not_drilled:
        status, answer = Status.NOT_DRILLED, "This machine could not drive it."
    elif KIND not in evidence.offered:
        status, answer = Status.NOT_APPLICABLE, "The target has no sign-in."
    elif not evidence.target.get("types_codes", True):
        status, answer = Status.NOT_APPLICABLE, "The target's description sends no typed codes."
    elif not len(tries):
        status, answer = Status.NOT_APPLICABLE, "Nobody is known to have typed wrong codes."
    else:
        yield _answer(evidence, tries)
        return
    yield Finding(CHECK, status, ASKS, answer)


def _tries(evidence: Evidence) -> pl.DataFrame:
    """Attempts with wrong codes that may have arrived, but for roles that share an account."""
    shared = evidence.target.get("shared") or []
    outcome = pl.col("outcome").cast(pl.String)
    return (
        evidence.history.filter(
            pl.col("kind").cast(pl.String) == KIND,
            ~is_preflight(),
            pl.col("values").list.first() == 0,
            ~pl.col("role").cast(pl.String).is_in(shared),
            pl.col("sent").is_not_null() | (outcome != "refused"),
        )
        .select("op", "who", "home", outcome=outcome)
        .collect()
    )


def _answer(evidence: Evidence, tries: pl.DataFrame) -> Finding:
    accepted = tries.filter(pl.col("outcome") == "ok")
    refused = int((tries["outcome"] == "refused").sum())
    k, n = len(accepted), len(tries)
    figures: dict[str, float | int | None] = {"k": k, "n": n, "refused": refused}
    answer = f"{k:,} of {n:,} tries with wrong codes were let in."
    if k:  # a yes that was recorded stays one, whatever lines are missing
        shown = tuple(
            Witness(home or "", "refused: the codes were wrong", f"person {who}: let in", (op,))
            for op, who, home in accepted.select("op", "who", "home").head(MOST).iter_rows()
        )
        return Finding(CHECK, Status.FAIL, ASKS, answer, "", figures, shown, k)
    reason = evidence.ledger_gap
    if not refused:
        reason = reason or "Nobody knows what came of any such try."
    status = Status.UNKNOWN if reason else Status.PASS
    return Finding(CHECK, status, ASKS, reason or answer, "", figures)
