"""Keypads and texts: does what people key on a phone, or text, go through the first time?

Of reports that reached the app by voice menu or by text message, the share whose first attempt
got a plain yes. Attempts that the network cut count too: they are what people live through. A
report that the app refused for certain, and never took, is left out if it was a slip. A right one
that was keyed by itself counts, and is named: the app turned it away. A text is taken whole or
not at all: one that is refused with a wrong report in it is no try of the right ones beside it.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.register import WRITES, is_preflight
from harness.checks.reconcile.witnesses import MOST
from harness.checks.timing import why_void
from harness.record import REPORTS, Finding, RunFolder, Status, Witness
from harness.words import share

CHECK = "keypad"
ASKS = "Does what people key on a phone, or text, go through the first time?"
CHANNELS = ("voice", "sms")
ONE_BY_ONE = "voice"


def check(run: RunFolder) -> Iterable[Finding]:
    """Does what people key on a phone, or text, go through the first time?"""
    evidence = evidence_of(run)
    reports = _reports(evidence)
    asked = [each for each in CHANNELS if each in set(reports["channel"])]
    for channel in asked:
        yield _ask(evidence, channel, reports.filter(pl.col("channel") == channel))
    if not asked:
        yield Finding(CHECK, Status.NOT_APPLICABLE, ASKS, "Nobody keyed or texted a report.")


def _reports(evidence: Evidence) -> pl.DataFrame:
    """One row a report and channel: tries, and which of them was the first to be accepted."""
    # What came as another code was refused as that other one.
    garbled = pl.col("first").is_in(evidence.garbled["first"].implode())
    return (
        evidence.history.with_row_index("first")
        .filter(
            pl.col("kind").cast(pl.String).is_in(WRITES),
            pl.col("channel").cast(pl.String).is_in(CHANNELS),
            pl.col("sent").is_not_null(),
            ~is_preflight(),
        )
        .select(
            "op",
            "who",
            "record",
            "values",
            pl.col("channel").cast(pl.String),
            "sent",
            "detail",
            no=(pl.col("answer_class").cast(pl.String) == "refused") & ~garbled,
            outcome=pl.col("outcome").cast(pl.String).fill_null("unknown"),
        )
        .join(_truth(evidence), on="record", how="left")
        .with_columns(right=(pl.col("values") == pl.col("true_values")).fill_null(False))
        .filter(~_in_a_wrong_text())
        .sort("sent")
        .group_by("op", "channel", maintain_order=True)
        .agg(
            tries=pl.len(),
            first=pl.col("outcome").first(),
            accepted=(pl.col("outcome") == "ok").any(),
            refused=(pl.col("outcome") == "refused").all(),
            record=pl.col("record").first(),
            said=pl.col("detail").filter("no").last(),
            right=(pl.col("outcome") == "refused").all()
            & pl.col("no").any()
            & pl.col("right").first()
            & (pl.col("channel").first() == ONE_BY_ONE),
        )
        .collect()
    )


def _in_a_wrong_text() -> pl.Expr:
    """Refused in a text with a code that should not stand: a text is taken whole or not at all."""
    some_wrong = pl.col("right").not_().any().over("who", "sent")
    return (pl.col("channel") != ONE_BY_ONE) & pl.col("no") & some_wrong


def _truth(evidence: Evidence) -> pl.LazyFrame:
    """What each record's report should say."""
    return (
        evidence.table(f"truth/{REPORTS}")
        .select("record", "true_values")
        .unique("record", keep="first")
    )


def _ask(evidence: Evidence, channel: str, reports: pl.DataFrame) -> Finding:
    counted = reports.filter(~pl.col("refused") | pl.col("right"))
    turned_away = reports.filter("right")
    n = len(counted)
    figures: dict[str, float | int | None] = {
        "k": len(counted.filter(pl.col("first") == "ok")),
        "n": n,
        "never": n - int(counted["accepted"].sum()),
        "refused": len(reports) - n,
        "right_refused": len(turned_away),
        "right_refused_share": len(turned_away) / n if n else None,
        "most_tries": int(reports["tries"].max() or 0),  # type: ignore[arg-type]
    }
    if not n:
        answer = f"None of {len(reports):,} reports was accepted."
        return Finding(CHECK, Status.UNKNOWN, ASKS, answer, channel, figures)
    k = figures["k"] or 0
    answer = f"{k:,} of {n:,} ({share(k / n)}) went through the first time"
    answer += f"; {figures['never']:,} never did." if figures["never"] else "."
    late = why_void(evidence) if len(turned_away) else None
    if len(turned_away):
        answer += f" {len(turned_away):,} were right, and the app refused them."
    if late:  # a menu that heard nothing in time says no as well
        answer += f" {late}"
    status = Status.UNKNOWN if late else Status.PASS
    shown = tuple(
        Witness(record, "taken: it was keyed right", f"refused: {said}", (op,))
        for op, record, said in turned_away.select("op", "record", "said").head(MOST).iter_rows()
    )
    return Finding(CHECK, status, ASKS, answer, channel, figures, shown, len(turned_away))
