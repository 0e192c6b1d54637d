"""Survived: what the app said yes to before a fault, or while it lasted, is there after it.

Everything that is lost or stale at the end is laid at the door of the first fault of the target
that ended after its yes was heard. A later one can have taken it as well: of that one no more is
said than that what was acknowledged since is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from harness.checks.doubt import doubt
from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.matching import reconciled
from harness.checks.reconcile.offences import Reconciled
from harness.checks.reconcile.witnesses import MOST, witnesses
from harness.checks.spells import Spell, spells_of
from harness.record import Finding, RunFolder, Status, Witness

CHECK = "survived"
TAKEN = ("lost", "stale")


@dataclass(frozen=True)
class Taken:
    """What one reader misses, with ``yes``: the drill second at which the app had said yes."""

    found: Reconciled
    offences: pl.DataFrame


def check(run: RunFolder) -> Iterable[Finding]:
    """Is what was acknowledged before a fault there after it?"""
    evidence = evidence_of(run)
    spells = [each for each in spells_of(evidence) if each.on_target]
    if not spells:
        asks = "Does what was acknowledged outlive a fault?"
        answer = "No service of the target was broken."
        yield Finding(CHECK, Status.NOT_APPLICABLE, asks, answer)
        return
    said_yes = _said_yes(evidence)
    taken = _taken(evidence, said_yes)
    for spell in spells:
        since = max((each.end for each in spells if each.end < spell.end), default=0.0)
        yield _ask(evidence, spell, since, said_yes, taken)


def _said_yes(evidence: Evidence) -> pl.DataFrame:
    """Reports that were acknowledged: ``key``, ``rec``, and ``yes`` in drill seconds."""
    speed = float(evidence.info.get("speed") or 1.0)
    acked = evidence.operations.filter("acked", pl.col("end").is_not_null())
    ends = acked.join(_known_ends(evidence), on="key", how="left")
    return ends.select("key", "rec", yes=pl.coalesce("done", "end") / 1e9 * speed)


def _known_ends(evidence: Evidence) -> pl.DataFrame:
    """When the first yes to each report that was tried again was heard."""
    again = evidence.sent.repeats["key"].unique()
    return (
        evidence.history.filter(pl.col("outcome").cast(pl.String) == "ok")
        .select("done", key=pl.col("op").hash())
        .filter(pl.col("key").is_in(again.implode()))
        .group_by("key")
        .agg(pl.col("done").min())
        .collect()
    )


def _taken(evidence: Evidence, said_yes: pl.DataFrame) -> list[Taken]:
    """What each reader misses that could be missed."""
    by_key = said_yes.group_by("key").agg(key_yes=pl.col("yes").max())
    by_rec = said_yes.group_by("rec").agg(rec_yes=pl.col("yes").max())
    taken = []
    for reader in evidence.readers:
        if reader.mode in ("totals", "count", "children", "merged") or evidence.unread(reader.name):
            continue
        found = reconciled(evidence, reader)
        if "lost" in found.asked:
            offences = (
                found.offences.filter(pl.col("check").is_in(TAKEN))
                .join(by_key, on="key", how="left")
                .join(by_rec, on="rec", how="left")
                .with_columns(yes=pl.coalesce("key_yes", "rec_yes"))
                .drop("key_yes", "rec_yes")
            )
            taken.append(Taken(found, offences))
    return taken


def _ask(
    evidence: Evidence, spell: Spell, since: float, said_yes: pl.DataFrame, taken: Sequence[Taken]
) -> Finding:
    asks = f"Is what was acknowledged before or during {spell.title} there after it?"
    before = int((said_yes["yes"] <= spell.start).sum())
    among = int((said_yes["yes"] <= spell.end).sum())
    shown: list[Witness] = []
    gone = 0
    for each in taken:
        its = each.offences.filter(pl.col("yes") > since, pl.col("yes") <= spell.end)
        gone = max(gone, int(its["times"].sum()))
        part = replace(each.found, offences=its.drop("yes"))
        shown += [witness for name in TAKEN for witness in witnesses(evidence, part, name)]
    figures: dict[str, float | int | None] = {"k": gone, "n": among, "before": before}
    if gone:
        answer = f"{gone:,} of the {among:,} acknowledged by then are lost, or an older one stands."
        return Finding(
            CHECK, Status.FAIL, asks, answer, spell.name, figures, tuple(shown[:MOST]), gone
        )
    if why := _unsure(evidence, before, taken):
        return Finding(CHECK, Status.UNKNOWN, asks, why, spell.name, figures)
    answer = f"All {among:,} that were acknowledged by then are there."
    if any(len(each.offences.filter(pl.col("yes") <= since)) for each in taken):
        later = figures["n"] = int(said_yes["yes"].is_between(since, spell.end, "right").sum())
        answer = f"All {later:,} that were acknowledged since the fault before it are there."
        if not later:
            answer = (
                "Nothing was acknowledged since the fault before it, which took what is missing."
            )
            return Finding(CHECK, Status.UNKNOWN, asks, answer, spell.name, figures)
    return Finding(CHECK, Status.PASS, asks, answer, spell.name, figures)


def _unsure(evidence: Evidence, before: int, taken: Sequence[Taken]) -> str | None:
    """Why nothing missing proves nothing, None if it does."""
    if not before:
        return "Nothing was acknowledged before it."
    if not taken:
        return "No reader of the target shows single records, so none can be missed."
    if any(each.offences["yes"].null_count() for each in taken):
        return "Reports are missing that cannot be told apart, so when they went is not known."
    return doubt(evidence, "lost")
