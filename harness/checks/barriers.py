"""Barriers: what on the app's pages shuts people out, one answer for each kind of look.

The same barrier met by ten personas is one: what counts is a rule that an element breaks at a
step. Only critical and serious ones fail; moderate and minor ones are told beside them. A look
that was planned and not made, or that had nothing before it, leaves its question open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.witnesses import MOST
from harness.checks.walks import Walks, silent
from harness.record import Finding, RunFolder, Status, Witness
from harness.words import counted

CHECK = "barriers"
ASKS = "Is nothing on the pages that shuts people out?"
SEES_EVERY_PAGE = ("axe",)
GRAVE = ("critical", "serious")


def check(run: RunFolder) -> Iterable[Finding]:
    """Is nothing on the pages that shuts people out?"""
    evidence = evidence_of(run)
    quiet = silent(evidence, CHECK, ASKS)
    if quiet:
        yield quiet
        return
    walks = Walks(evidence)
    looks = evidence.looks.with_columns(pl.col("look").cast(pl.String)).collect()
    barriers = _distinct(evidence)
    names = {look for each in walks.driven for look in each.looks}
    for name in sorted(names | set(looks["look"]) | set(barriers["look"])):
        mine = looks.filter(pl.col("look") == name)
        yield _ask(walks, name, mine, barriers.filter(pl.col("look") == name))


def _distinct(evidence: Evidence) -> pl.DataFrame:
    """One row a barrier: how grave it was at its worst, and who met it."""
    return (
        evidence.barriers.with_columns(pl.col("look", "impact").cast(pl.String))
        .group_by("look", "rule", "step", "element", maintain_order=True)
        .agg(
            pl.col("standard", "says").first(),
            pl.col("screenshot").filter(pl.col("screenshot") != "").first(),
            grave=pl.col("impact").is_in(GRAVE).any(),
            weight=pl.col("impact").replace_strict(_WEIGHT, default=3).min(),
            personas=pl.col("persona").unique(maintain_order=True),
        )
        .collect()
    )


_WEIGHT = {"critical": 0, "serious": 1, "moderate": 2, "minor": 3}


def _ask(walks: Walks, name: str, looks: pl.DataFrame, barriers: pl.DataFrame) -> Finding:
    grave = barriers.filter("grave").sort("weight", maintain_order=True)
    figures: dict[str, float | int | None] = {
        "barriers": len(grave),
        "lesser": len(barriers) - len(grave),
        "looks": len(looks),
        "seen": int(looks["seen"].sum()),
    }
    places = f"{counted(len(looks), 'look')} at {counted(int(looks['seen'].sum()), 'place')}"
    first = f": {_said(grave.row(0, named=True))}" if len(grave) else "."
    answer = f"{counted(len(grave), 'barrier')} in {places}{first}"
    if figures["lesser"]:
        answer += f" Lesser ones beside: {figures['lesser']:,}."
    reasons = list(_open(walks, name, looks))
    status = Status.FAIL if len(grave) else Status.UNKNOWN if reasons else Status.PASS
    shown = tuple(_witness(row) for row in grave.head(MOST).iter_rows(named=True))
    answer = " ".join([answer, *reasons])
    return Finding(CHECK, status, ASKS, answer, name, figures, shown, len(grave))


def _said(row: dict[str, Any]) -> str:
    """The first and gravest of them in words: an official reads this."""
    says = str(row["says"]).rstrip(".")
    return f"{says} ({row['step']})."


def _witness(row: dict[str, Any]) -> Witness:
    met = ", ".join(map(str, row["personas"]))
    standard = f" ({row['standard']})" if row["standard"] else ""
    seen = f"; seen in {row['screenshot']}" if row["screenshot"] else ""
    found = f"{row['says']} {row['element']}; met by {met}{seen}"
    return Witness("", f"{row['step']}: keeps {row['rule']}{standard}", found)


def _blind(name: str, looks: pl.DataFrame) -> list[str]:
    """For whom a look that was made had nothing before it.

    A page without any box to fill in is nothing strange, and so it is a persona's whole way that
    counts; but every page has something for the automated rules.
    """
    by = ["persona", "step"] if name in SEES_EVERY_PAGE else ["persona"]
    made = looks.filter(pl.col("problem") == "")
    seen = made.group_by(by, maintain_order=True).agg(pl.col("seen").sum())
    return [" at ".join(row[:-1]) for row in seen.filter(pl.col("seen") == 0).iter_rows()]


def _open(walks: Walks, name: str, looks: pl.DataFrame) -> Iterator[str]:
    """Why a look that found nothing still cannot say that there is nothing."""
    if walks.gap:
        yield walks.gap
    undone = looks.filter(pl.col("problem") != "")
    if len(undone):
        first = undone.row(0, named=True)
        one = f"one at {first['step']}: {first['problem']}"
        yield f"{len(undone):,} looks could not be made, {one}."
    blind = _blind(name, looks)
    if blind:
        yield f"{', '.join(blind[:5])}: it saw nothing at all, which proves nothing."
    made = set(looks["persona"])
    planned = [each for each in walks.driven if name in each.looks and each.walks]
    never = [each.title for each in planned if each.name not in made]
    if never:
        yield f"It was never made for {', '.join(never[:5])}."
    if not len(looks) and not never:
        yield "It was never made."
