"""Sign-in: how many of the people who tried got in at last, and how many were locked out."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.register import is_preflight
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "sign_in"
ASKS = "Did everybody who tried to sign in get in?"
KIND = "sign_in"


def check(run: RunFolder) -> Iterable[Finding]:
    """Did everybody who tried to sign in get in?"""
    evidence = evidence_of(run)
    if KIND in evidence.not_drilled:
        yield Finding(CHECK, Status.NOT_DRILLED, ASKS, "This machine could not drive it.")
        return
    if KIND not in evidence.offered:
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, "The target has no sign-in.")
        return
    people = _people(evidence)
    if not len(people):
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, "Nobody tried to sign in.")
        return
    yield _answer(evidence, people)


def _people(evidence: Evidence) -> pl.DataFrame:
    """One row a person who tried: tries, whether they got in, whether they were locked out."""
    outcome = pl.col("outcome").cast(pl.String)
    return (
        evidence.history.filter(pl.col("kind").cast(pl.String) == KIND, ~is_preflight())
        .group_by("who")
        .agg(
            pl.col("home").first(),
            pl.col("op").first(),
            tries=pl.len(),
            got_in=(outcome == "ok").fill_null(False).any(),
            first_try=(outcome == "ok").fill_null(False).sort_by("intended").first(),
            locked_out=(pl.col("answer_class").cast(pl.String) == "locked_out")
            .fill_null(False)
            .any(),
        )
        .sort("who")
        .collect()
    )


def _answer(evidence: Evidence, people: pl.DataFrame) -> Finding:
    outside = people.filter(~pl.col("got_in"))
    k, n = len(people) - len(outside), len(people)
    locked = int(people["locked_out"].sum())
    figures: dict[str, float | int | None] = {
        "k": k,
        "n": n,
        "tries": int(people["tries"].sum()),
        "first_try_k": int(people["first_try"].sum()),
        "first_try_n": n,
        "locked_out": locked,
        "locked_out_for_good": int((people["locked_out"] & ~people["got_in"]).sum()),
    }
    answer = f"{k:,} of {n:,} people got in; {locked:,} were locked out on the way."
    shown = tuple(
        Witness(row["home"] or "", "signed in at last", _words(row), (row["op"],))
        for row in outside.head(MOST).to_dicts()
    )
    status = Status.PASS if k == n or evidence.info.get("state") == "finished" else Status.UNKNOWN
    return Finding(CHECK, status, ASKS, answer, "", figures, shown, len(outside))


def _words(row: dict[str, object]) -> str:
    locked = ", locked out" if row["locked_out"] else ""
    return f"person {row['who']}: never, after {row['tries']} tries{locked}"
