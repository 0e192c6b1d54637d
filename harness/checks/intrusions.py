"""Intrusions: did the app let a hostile visitor in, fall over, or shut honest people out with them?

One finding a kind of try. A kind of which a single try could not be judged is unknown: what
nobody could tell is never a pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from harness.checks.crowded import Crowded, crowded
from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.witnesses import MOST
from harness.checks.spells import broken_times
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "intrusions"
ASKED = {
    "foreign_read": "Does the app keep what is another's from whoever asks for it?",
    "foreign_write": "Does the app refuse what is sent in another's name?",
    "forged_token": "Does the app refuse credentials that it never gave?",
    "old_token": "Is signing out the end of what signing in gave?",
    "expired_token": "Is what signing in gave good for nothing once its time is over?",
    "replayed_code": "Is a code for one sign-in good for one only?",
    "fixed_session": "Does signing in begin a session that nobody knew beforehand?",
    "counted_ids": "Does the app keep what is stored under other ids from whoever counts them?",
    "mass_assignment": "Does the app leave fields alone that nobody offered?",
    "guessed_codes": "Is somebody who guesses codes slowed, and nobody else shut out?",
    "slow_clients": "Are honest people served while others send a byte at a time?",
    "flood": "Are honest people served while junk floods in?",
    "junk": "Does the app refuse junk, and live on?",
    "hostile_upload": "Does the app refuse hostile files, and live on?",
}
CROWDING = ("slow_clients", "flood")
OUTCOMES = ("refused", "slowed", "let_in", "harmed", "unknown")
WRONG = {"let_in": "refused", "harmed": "alive, and serving honest people"}


def check(run: RunFolder) -> Iterable[Finding]:
    """Did the app let a hostile visitor in, or fall over?"""
    evidence = evidence_of(run)
    asked = (evidence.info.get("intruder") or {}).get("kinds") or []
    if not asked:
        answer = "No intruder came: the scenario asks for none, or the target describes no try."
        yield Finding(CHECK, Status.NOT_APPLICABLE, "Did the app keep intruders out?", answer)
        return
    rows = evidence.intrusions.with_columns(pl.col("intrusion", "outcome").cast(pl.String))
    tried = _blameless(evidence, rows.collect())
    for kind in asked:
        yield _ask(evidence, kind, tried.filter(pl.col("intrusion") == kind))


def _blameless(evidence: Evidence, tried: pl.DataFrame) -> pl.DataFrame:
    """What looks like harm while the target was broken on purpose is nobody's to tell.

    Nor is it where the disk was full: the app's data may lie on the same one, and what was broken
    on purpose then is written down nowhere.
    """
    speed = float(evidence.info.get("speed") or 1.0)
    until = pl.col("at_drill") + pl.col("took").fill_null(0) / 1e9 * speed
    excuses = [
        ((pl.col("at_drill") <= end) & (until >= start), "the app was broken on purpose meanwhile")
        for start, end in broken_times(evidence)
    ]
    if evidence.info.get("state") == "disk full":
        excuses.append((pl.lit(True), "the disk was full"))
    for excused, why in excuses:
        open_ = excused & (pl.col("outcome") == "harmed")
        tried = tried.with_columns(
            outcome=pl.when(open_).then(pl.lit("unknown")).otherwise("outcome"),
            detail=pl.when(open_)
            .then(pl.lit(f"{why}, and ") + pl.col("detail"))
            .otherwise("detail"),
        )
    return tried


def _ask(evidence: Evidence, kind: str, tried: pl.DataFrame) -> Finding:
    asks = ASKED.get(kind, f"Did the app withstand {kind}?")
    counts = {
        row["outcome"]: row["len"] for row in tried["outcome"].value_counts(name="len").to_dicts()
    }
    figures: dict[str, float | int | None] = {
        "k": counts.get("let_in", 0) + counts.get("harmed", 0), "n": len(tried),
        **{name: counts.get(name, 0) for name in OUTCOMES},
    }  # fmt: skip
    wrong = tried.filter(pl.col("outcome").is_in(list(WRONG)))
    crowd = crowded(evidence, tried) if kind in CROWDING else Crowded()
    figures |= crowd.figures
    if not wrong.is_empty() or crowd.worse:
        shown = tuple(_witness(row) for row in wrong.head(MOST).to_dicts()) or (crowd.witness,)
        answer = _wrong(wrong) or crowd.answer
        return Finding(
            CHECK, Status.FAIL, asks, answer, kind, figures, shown, max(len(wrong), len(shown))
        )
    if tried.is_empty():
        answer = "No such try was made: the drill was over, or the app was gone, before its turn."
        return Finding(CHECK, Status.UNKNOWN, asks, answer, kind, figures)
    if unknown := counts.get("unknown", 0):
        why = tried.filter(pl.col("outcome") == "unknown")["detail"][0]
        answer = f"Of {len(tried):,} tries, {unknown:,} could not be made or judged: {why}"
        return Finding(CHECK, Status.UNKNOWN, asks, answer, kind, figures)
    return Finding(CHECK, Status.PASS, asks, _right(kind, tried, counts), kind, figures)


def _right(kind: str, tried: pl.DataFrame, counts: dict[str, int]) -> str:
    if kind in CROWDING:
        return f"Yes: {tried['detail'][-1].rstrip('.')}."
    slowed = counts.get("slowed", 0)
    if kind == "guessed_codes" and slowed:
        guesses = int(tried.filter(pl.col("outcome") == "slowed")["number"].min() or 0)  # type: ignore[arg-type]
        return f"The guesser was slowed at guess {guesses:,}, and honest people got in meanwhile."
    if len(tried) == 1:
        return f"The one try was turned away: {tried['detail'][0].rstrip('.')}."
    return f"All {len(tried):,} tries were turned away."


def _wrong(wrong: pl.DataFrame) -> str:
    if wrong.is_empty():
        return ""
    first = wrong.row(0, named=True)
    said = {"let_in": "It let somebody in", "harmed": "It was harmed"}
    more = f" ({len(wrong):,} tries in all)" if len(wrong) > 1 else ""
    return f"{said[first['outcome']]}: {first['detail']}{more}"


def _witness(row: dict[str, Any]) -> Witness:
    status = f" ({row['status']})" if row["status"] else ""
    who, what = row["who"] or "a stranger", row["record"] or "the app"
    found = f"{who} at {what}: {row['outcome'].replace('_', ' ')}{status}, {row['detail']}"
    # Without a record: an intruder's tries are in no ledger that could be replayed.
    return Witness("", WRONG[row["outcome"]], found)
