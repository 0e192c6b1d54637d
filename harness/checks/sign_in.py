"""Sign-in: how many of the people who tried got in at last, and who was locked out for nothing."""

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
LOCKOUTS = "lockouts"
ASKS_LOCKOUTS = "Was nobody locked out who had typed nothing wrong?"
KIND = "sign_in"


def check(run: RunFolder) -> Iterable[Finding]:
    """Did everybody who tried to sign in get in?"""
    evidence = evidence_of(run)
    people = _people(evidence)
    if KIND in evidence.not_drilled:
        status, answer = Status.NOT_DRILLED, "This machine could not drive it."
    elif KIND not in evidence.offered:
        status, answer = Status.NOT_APPLICABLE, "The target has no sign-in."
    elif not len(people):
        status, answer = Status.NOT_APPLICABLE, "Nobody tried to sign in."
    else:
        yield _answer(evidence, people)
        yield _lockouts(evidence, people)
        return
    yield Finding(CHECK, status, ASKS, answer)
    yield Finding(LOCKOUTS, status, ASKS_LOCKOUTS, answer)


def _people(evidence: Evidence) -> pl.DataFrame:
    """One row a person who tried: tries, whether they got in, whether they were locked out.

    Somebody is locked out for nothing if no attempt of theirs before had been answered with a
    no, or not answered at all: then nothing they typed can have been wrong.
    """
    outcome = pl.col("outcome").cast(pl.String)
    locked = (pl.col("answer_class").cast(pl.String) == "locked_out").fill_null(False)
    wrong = (pl.col("answer_class").cast(pl.String) == "refused") | (outcome == "unknown")
    first_locked = pl.col("intended").filter(locked).min()
    return (
        evidence.history.filter(pl.col("kind").cast(pl.String) == KIND, ~is_preflight())
        .group_by("who")
        .agg(
            pl.col("home").first(),
            pl.col("op").first(),
            tries=pl.len(),
            got_in=(outcome == "ok").fill_null(False).any(),
            first_try=(outcome == "ok").fill_null(False).sort_by("intended").first(),
            locked_out=locked.any(),
            for_nothing=locked.any()
            & ~(wrong.fill_null(True) & (pl.col("intended") < first_locked)).any(),
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


def _lockouts(evidence: Evidence, people: pl.DataFrame) -> Finding:
    locked = people.filter("locked_out")
    innocent = locked.filter("for_nothing")
    k, n = len(innocent), len(people)
    answer = f"{k:,} of {n:,} people were locked out though they had typed nothing wrong."
    gap = evidence.ledger_gap
    shown = tuple(
        Witness(row["home"] or "", "let in: nothing wrong was typed", _words(row), (row["op"],))
        for row in innocent.head(MOST).to_dicts()
    )
    status = Status.UNKNOWN if gap else Status.FAIL if k else Status.PASS
    figures: dict[str, float | int | None] = {"k": k, "n": n, "locked_out": len(locked)}
    return Finding(
        LOCKOUTS, status, ASKS_LOCKOUTS, f"{answer} {gap or ''}".strip(), "", figures, shown, k
    )


def _words(row: dict[str, object]) -> str:
    locked = ", locked out" if row["locked_out"] else ""
    in_the_end = "in" if row["got_in"] else "never in"
    return f"person {row['who']}: {in_the_end} after {row['tries']} tries{locked}"
