"""Retry storms: does a fault make people, or their apps, hammer the target?

Attempts per person and minute in the ten minutes before each inject, while it lasts, and in the
ten minutes after it. A storm after the fault is what keeps a mended app down. Where a provider
fails, the same is asked of the app itself: how often it asks its provider in a minute.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.evidence import Evidence
from harness.checks.spells import Doings, Spell, doings_of, spells_of
from harness.record import Finding, RunFolder, Status

CHECK = "retry_storm"
AROUND = 600.0  # drill seconds before and after that are looked at
FEWEST = 20  # attempts in each of the stretches, for a rate to mean something
OF_PROVIDERS = "provider."


def check(run: RunFolder) -> Iterable[Finding]:
    """Does a fault make people hammer the target?"""
    evidence = evidence_of(run)
    spells = spells_of(evidence)
    doings = doings_of(evidence) if spells else None
    for spell in spells:
        assert doings is not None
        if spell.kind.startswith(OF_PROVIDERS):
            yield _ask_app(spell, _requests_of(evidence), evidence)
        else:
            yield _ask(spell, doings)
    if not spells:
        asks = "Does a fault make people hammer the app?"
        yield Finding(CHECK, Status.NOT_APPLICABLE, asks, "No fault was injected.")


def _ask(spell: Spell, doings: Doings) -> Finding:
    asks = f"How often did people try around {spell.title}?"
    stretches = _stretches(spell, doings)
    figures: dict[str, float | int | None] = {}
    for name, tried in stretches.items():
        figures |= {f"{name}_attempts": len(tried), f"{name}_each": _each_minute(tried)}
    if len(stretches["before"]) < FEWEST or len(stretches["after"]) < FEWEST:
        answer = "Too few people tried just before or after it to say."
        return Finding(CHECK, Status.UNKNOWN, asks, answer, spell.name, figures)
    before, during, after = (figures[f"{name}_each"] or 0.0 for name in stretches)
    figures["times"] = max(during, after) / before if before else None
    answer = (
        f"Tries a minute by each person who tried: {before:.2g} before, {during:.2g} during, "
        f"{after:.2g} after."
    )
    return Finding(CHECK, Status.PASS, asks, answer, spell.name, figures)


def _ask_app(spell: Spell, requests: Doings, evidence: Evidence) -> Finding:
    asks = f"How often did the app ask its provider around {spell.title}?"
    figures: dict[str, float | int | None] = {}
    # Ten minutes, but where the drill has fewer before the fault or after it.
    ends = float(evidence.info.get("ends_drill") or spell.end + AROUND)
    lengths = (spell.start, spell.end - spell.start, ends - spell.end)
    for (name, asked), length in zip(_stretches(spell, requests).items(), lengths, strict=True):
        length = max(length if name == "during" else min(length, AROUND), 1.0)
        figures |= {f"{name}_requests": len(asked), f"{name}_a_minute": len(asked) * 60.0 / length}
    before, during, after = (
        float(figures[f"{name}_a_minute"] or 0.0) for name in ("before", "during", "after")
    )
    if not figures["before_requests"]:
        answer = "The app asked its provider nothing just before it, so what is usual is not known."
        return Finding(CHECK, Status.UNKNOWN, asks, answer, spell.name, figures)
    figures["times"] = max(during, after) / before
    answer = f"A minute: {before:.3g} times before, {during:.3g} during, {after:.3g} after."
    return Finding(CHECK, Status.PASS, asks, answer, spell.name, figures)


def _stretches(spell: Spell, doings: Doings) -> dict[str, pl.DataFrame]:
    return {
        "before": doings.between(spell.start - AROUND, spell.start),
        "during": doings.between(spell.start, spell.end),
        "after": doings.between(spell.end, spell.end + AROUND),
    }


def _requests_of(evidence: Evidence) -> Doings:
    """What the app asked of its provider, in drill time."""
    speed = float(evidence.info.get("speed") or 1.0)
    asked = evidence.webhooks.filter(pl.col("purpose").cast(pl.String) == "rest")
    return Doings(asked.select(at=pl.col("sent") / 1e9 * speed).sort("at").collect())


def _each_minute(tried: pl.DataFrame) -> float | None:
    """Mean tries per person in the minutes in which they try at all; None where nobody tries."""
    if tried.is_empty():
        return None
    minutes = tried.group_by((pl.col("at") / 60.0).floor().alias("minute"), "who").len()
    return float(minutes["len"].mean() or 0.0)  # type: ignore[arg-type]
