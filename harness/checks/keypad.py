"""Keypads and texts: does what people key on a phone, or text, go through the first time?

Of reports that reached the app by voice menu or by text message, the share whose first attempt
got a plain yes. Attempts that the network cut count too: they are what people live through. A
report that the app refused for certain, and never took, is left out: it may have been a slip.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.register import WRITES, is_preflight
from harness.record import Finding, RunFolder, Status
from harness.words import share

CHECK = "keypad"
ASKS = "Does what people key on a phone, or text, go through the first time?"
CHANNELS = ("voice", "sms")


def check(run: RunFolder) -> Iterable[Finding]:
    """Does what people key on a phone, or text, go through the first time?"""
    evidence = evidence_of(run)
    reports = _reports(evidence)
    asked = [each for each in CHANNELS if each in set(reports["channel"])]
    for channel in asked:
        yield _ask(channel, reports.filter(pl.col("channel") == channel))
    if not asked:
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, "Nobody keyed or texted a report.")


def _reports(evidence: Evidence) -> pl.DataFrame:
    """One row a report and channel: tries, and which of them was the first to be accepted."""
    return (
        evidence.history.filter(
            pl.col("kind").cast(pl.String).is_in(WRITES),
            pl.col("channel").cast(pl.String).is_in(CHANNELS),
            pl.col("sent").is_not_null(),
            ~is_preflight(),
        )
        .select(
            "op",
            pl.col("channel").cast(pl.String),
            "sent",
            outcome=pl.col("outcome").cast(pl.String).fill_null("unknown"),
        )
        .sort("sent")
        .group_by("op", "channel", maintain_order=True)
        .agg(
            tries=pl.len(),
            first=pl.col("outcome").first(),
            accepted=(pl.col("outcome") == "ok").any(),
            refused=(pl.col("outcome") == "refused").all(),
        )
        .collect()
    )


def _ask(channel: str, reports: pl.DataFrame) -> Finding:
    counted = reports.filter(~pl.col("refused"))
    n = len(counted)
    figures: dict[str, float | int | None] = {
        "k": len(counted.filter(pl.col("first") == "ok")),
        "n": n,
        "never": n - int(counted["accepted"].sum()),
        "refused": len(reports) - n,
        "most_tries": int(reports["tries"].max() or 0),  # type: ignore[arg-type]
    }
    if not n:
        answer = f"None of {len(reports):,} reports was accepted."
        return Finding(CHECK, Status.UNKNOWN, ASKS, answer, channel, figures)
    k = figures["k"] or 0
    answer = f"{k:,} of {n:,} ({share(k / n)}) went through the first time"
    answer += f"; {figures['never']:,} never did." if figures["never"] else "."
    return Finding(CHECK, Status.PASS, ASKS, answer, channel, figures)
