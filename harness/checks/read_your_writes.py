"""Read your writes: does whoever was told yes see what they wrote when they look at once?

People look at their own report as soon as it is in. An app that answers such a look from a copy
which lags behind says that there is none, and so invites them to send it again. Looks by the same
person at the same record count, from the yes on; what counts as not seen is that there is no such
thing. Looks while a service of the target was broken are told apart: a copy of yesterday is then
better than nothing, and neither proves anything.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.register import WRITES, is_preflight
from harness.checks.reconcile.witnesses import MOST
from harness.checks.spells import spells_of
from harness.record import Finding, RunFolder, Status, Witness
from harness.statistics import rate_unseen
from harness.words import seconds

CHECK = "read_your_writes"
ASKS = "Does whoever was told yes see what they wrote when they look at once?"
KIND = "read_report"
AT_ONCE = 5.0  # wall seconds from the yes within which a look proves something
NOT_THERE = (404, 410)
SECOND = 1e9


def check(run: RunFolder) -> Iterable[Finding]:
    """Does whoever was told yes see what they wrote when they look at once?"""
    evidence = evidence_of(run)
    if KIND in evidence.not_drilled:
        status, answer = Status.NOT_DRILLED, "This machine could not drive it."
    elif KIND not in evidence.offered:
        status, answer = Status.NOT_APPLICABLE, "The target lists no look at one's own report."
    elif not len(looks := _looks(evidence)):
        status, answer = Status.NOT_APPLICABLE, "Nobody looked at what they had written."
    else:
        yield _answer(evidence, looks)
        return
    yield Finding(CHECK, status, ASKS, answer)


def _looks(evidence: Evidence) -> pl.DataFrame:
    """Looks at one's own report after the yes to it: ``gap`` in wall seconds, ``seen``, ``broken``.

    ``seen`` is null where the answer says neither.
    """
    history = evidence.history.filter(
        ~is_preflight(), pl.col("channel").cast(pl.String) == "api", pl.col("record") != ""
    )
    outcome = pl.col("outcome").cast(pl.String)
    looks = history.filter(pl.col("kind").cast(pl.String) == KIND, pl.col("sent").is_not_null())
    written = history.filter(pl.col("kind").cast(pl.String).is_in(WRITES), outcome == "ok")
    gone = pl.col("status").is_in(NOT_THERE)
    table = (
        looks.select(
            "who", "record", "op", "sent",
            seen=pl.when(gone).then(False).when(outcome == "ok").then(True),
        )
        .with_row_index("look")
        .join(written.select("who", "record", yes="done"), on=["who", "record"])
        .filter(pl.col("yes") <= pl.col("sent"))
        .group_by("look")
        .agg(pl.col("record", "op", "sent", "seen").first(), pl.col("yes").min())
        .with_columns(gap=(pl.col("sent") - pl.col("yes")) / SECOND)
        .sort("sent", "look")
        .collect()
    )  # fmt: skip
    return table.with_columns(broken=_while_broken(evidence))


def _while_broken(evidence: Evidence) -> pl.Expr:
    """Whether a look began while a service of the target was broken."""
    at = pl.col("sent") / SECOND * float(evidence.info.get("speed") or 1.0)
    on = [at.is_between(each.start, each.end) for each in spells_of(evidence) if each.on_target]
    return pl.any_horizontal(on) if on else pl.lit(False)


def _answer(evidence: Evidence, looks: pl.DataFrame) -> Finding:
    told = looks.filter(pl.col("seen").is_not_null())
    calm = told.filter(~pl.col("broken"))
    unseen = calm.filter(~pl.col("seen"))
    soon = calm.filter(pl.col("gap") <= AT_ONCE)
    broken = int((told["broken"] & ~told["seen"]).sum())
    k, n = len(unseen), len(calm)
    figures: dict[str, float | int | None] = {
        "k": k, "n": n, "at_once": len(soon), "not_seen_while_broken": broken,
    }  # fmt: skip
    answer = f"{k:,} of {n:,} looks at one's own report did not find it."
    if k:  # a yes that was recorded stays one, whatever lines are missing
        shown = tuple(
            Witness(record, "there: it had been accepted", f"not there {seconds(gap)} later", (op,))
            for record, gap, op in unseen.select("record", "gap", "op").head(MOST).iter_rows()
        )
        return Finding(CHECK, Status.FAIL, ASKS, answer, "", figures, shown, k)
    reason = evidence.ledger_gap
    if not reason and looks["gap"].min() > AT_ONCE:  # type: ignore[operator]  # there are looks
        answer = f"Nobody looked within {seconds(AT_ONCE)} of the yes."
        return Finding(CHECK, Status.NOT_APPLICABLE, ASKS, answer, "", figures)
    if broken:
        reason = reason or f"{broken:,} did not find it while a service was broken."
    if not len(soon):
        reason = reason or "Nobody who looked at once was told anything."
    answer = reason or f"{answer} At this size up to {rate_unseen(n)} could go unseen."
    return Finding(CHECK, Status.UNKNOWN if reason else Status.PASS, ASKS, answer, "", figures)
