"""Authorization: a chair may report for no precinct but their own.

What was written to another precinct all the same is part of that precinct's history from then
on, so the other checks do not count it again.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.register import WRITES, is_preflight
from harness.checks.reconcile.witnesses import MOST
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "authorization"
ASKS = "Does the app refuse a chair who reports for another precinct?"


def check(run: RunFolder) -> Iterable[Finding]:
    """Does the app refuse a chair who reports for another precinct?"""
    evidence = evidence_of(run)
    # Credentials may accompany each request, and then there is no signing in to list.
    if "sign_in" not in evidence.offered and not evidence.target.get("knows_chairs"):
        answer = "The target's description has no sign-in, so it knows nobody."
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, answer)
        return
    if "chair" in (evidence.target.get("shared") or []):
        answer = "All chairs use one account, so the app cannot know whose precinct is whose."
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, answer)
        return
    tried = (
        evidence.history.filter(
            pl.col("kind").cast(pl.String).is_in(WRITES),
            ~is_preflight(),
            pl.col("role").cast(pl.String) == "chair",
            pl.col("home").fill_null("") != "",
            pl.col("record") != pl.col("home"),
            pl.col("sent").is_not_null() | (pl.col("outcome").cast(pl.String) != "refused"),
        )
        .select("op", "record", "home", outcome=pl.col("outcome").cast(pl.String))
        .collect()
    )
    yield _answer(tried)


def _answer(tried: pl.DataFrame) -> Finding:
    accepted = tried.filter(pl.col("outcome") == "ok")
    refused = len(tried.filter(pl.col("outcome") == "refused"))
    figures: dict[str, float | int | None] = {"k": len(accepted), "n": len(tried)}
    answer = f"{len(accepted):,} of {len(tried):,} such tries were accepted."
    if len(accepted):
        shown = tuple(
            Witness(record, f"refused: {home} is theirs", "accepted", (op,))
            for op, record, home in accepted.select("op", "record", "home").head(MOST).iter_rows()
        )
        return Finding(
            CHECK, Status.FAIL, ASKS, answer, "", figures, shown, offenders=len(accepted)
        )
    if not len(tried):
        answer = "Nobody tried to report for another precinct."
        return Finding(CHECK, Status.NOT_APPLICABLE, ASKS, answer, figures=figures)
    if not refused:
        answer = "Nobody knows what came of any such try."
        return Finding(CHECK, Status.UNKNOWN, ASKS, answer, figures=figures)
    return Finding(CHECK, Status.PASS, ASKS, answer, figures=figures)
