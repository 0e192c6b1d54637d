"""Recovery: once a fault is being mended, how soon do people get through again?

Times count from when the drill began to mend it, so that what the app takes to start again is part
of them. The first success is the first attempt begun after that which went well. Back to normal is
the first success after it from which on thirty in a row succeed as often as they did before the
fault, give or take five in a hundred; where that never comes, it fails only if that is more than
chance. What is normal is told by the last quarter of an hour before the fault, but for the time in
which an earlier one was on, whether or not that was over by then. Where another is still on when
this one is being mended, being as before may have to wait for its end: then how soon that came is
not known, and where it never came it need not be this fault's doing. Drill seconds; the figures
that begin with ``wall_`` are seconds of the clock on the wall. Who only means to block a line does
not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl
from scipy.stats import fisher_exact

from harness.checks.question import evidence_of
from harness.checks.spells import Doings, Spell, doings_of, spells_of
from harness.record import Finding, RunFolder, Status
from harness.words import seconds

CHECK = "recovery"
BEFORE = 900.0  # drill seconds that tell what is normal
GIVE = 0.05
FEWEST = 30  # attempts, for a share to mean something
BY_CHANCE = 0.001  # a share that is lower than before no more often than so by chance is lower


def check(run: RunFolder) -> Iterable[Finding]:
    """Once a fault has ended, how soon do people get through again?"""
    evidence = evidence_of(run)
    spells = spells_of(evidence)
    doings = doings_of(evidence) if spells else None
    speed = float(evidence.info.get("speed") or 1.0)
    for spell in spells:
        assert doings is not None
        yield _ask(spell, spells, doings, speed)
    if not spells:
        asks = "Do people get through again after a fault?"
        yield Finding(CHECK, Status.NOT_APPLICABLE, asks, "No fault was injected.")


def normal_before(spell: Spell, spells: Sequence[Spell], doings: Doings) -> pl.DataFrame:
    """Attempts that tell what was normal: shortly before, and not while an earlier fault was on."""
    before = _outside(spells, doings.between(0.0, spell.start))
    shortly = before.filter(pl.col("at") >= spell.start - BEFORE)
    return shortly if len(shortly) >= FEWEST else before.tail(FEWEST)


def _outside(spells: Sequence[Spell], tries: pl.DataFrame) -> pl.DataFrame:
    """Those tries that were begun while none of these faults was on."""
    for each in spells:
        tries = tries.filter(~pl.col("at").is_between(each.start, each.end))
    return tries


def _ask(spell: Spell, spells: Sequence[Spell], doings: Doings, speed: float) -> Finding:
    before = normal_before(spell, spells, doings)
    still = [each for each in spells if each.start < spell.mending < each.mending]
    asks = f"How soon after {spell.title} did people get through again?"
    after = doings.table.filter(pl.col("at") >= spell.end)
    since = doings.table.filter(pl.col("at") >= spell.mending)
    good = since.filter("good")
    first = float(good["at"][0]) - spell.mending if len(good) else None
    figures = _figures(spell, doings, first, speed)
    if len(after) < FEWEST:
        answer = "Hardly anybody tried again after it."
        return Finding(CHECK, Status.UNKNOWN, asks, answer, spell.name, figures)
    if first is None:
        answer = f"Nobody: all {len(after):,} later tries failed."
        return Finding(CHECK, Status.FAIL, asks, answer, spell.name, figures, offenders=len(after))
    if len(before) < FEWEST:
        answer = f"First after {seconds(first)}; too few tried before it, and without another "
        answer += "fault, to know what is normal."
        return Finding(CHECK, Status.UNKNOWN, asks, answer, spell.name, figures)
    normal = _normal(since, spell.mending, float(before["good"].mean() or 0.0))  # type: ignore[arg-type]
    over = [each for each in still if normal is None or each.mending <= spell.mending + normal]
    if over and (normal is not None or not _worse(before, _outside(over, after))):
        answer = f"First after {seconds(first)}; how soon as well as before is not known, since "
        answer += f"{over[0].title} was still on."
        return Finding(CHECK, Status.UNKNOWN, asks, answer, spell.name, figures)
    figures["seconds_to_normal"] = normal
    if normal is None:
        answer = f"First after {seconds(first)}; never again as well as before."
        if not _worse(before, after):
            answer += f" With {len(after):,} tries after it that may be chance."
            return Finding(CHECK, Status.UNKNOWN, asks, answer, spell.name, figures)
        return Finding(CHECK, Status.FAIL, asks, answer, spell.name, figures, offenders=1)
    figures["wall_seconds_to_normal"] = normal / speed
    figures["seconds_to_normal_from_start"] = spell.mending - spell.start + normal
    answer = f"First after {seconds(first)}, as well as before after {seconds(normal)}."
    if lost := figures["failed_meanwhile"]:
        answer += f" {lost:,} {'try' if lost == 1 else 'tries'} failed while it lasted."
    return Finding(CHECK, Status.PASS, asks, answer, spell.name, figures)


def _figures(
    spell: Spell, doings: Doings, first: float | None, speed: float
) -> dict[str, float | int | None]:
    """What is known whether or not it ever was as before."""
    during = doings.between(spell.start, spell.end)
    failed = during.filter(~pl.col("good"))
    unknown = int(failed["unknown"].sum())
    return {
        "seconds_to_first_success": first,
        "seconds_to_normal": None,
        "wall_seconds_to_first_success": None if first is None else first / speed,
        "wall_seconds_to_normal": None,
        "seconds_to_normal_from_start": None,
        "tried_meanwhile": len(during),
        "failed_meanwhile": len(failed),
        "refused_meanwhile": len(failed) - unknown,
        "unknown_meanwhile": unknown,
    }


def _worse(before: pl.DataFrame, after: pl.DataFrame) -> bool:
    """Whether tries fail more often after than before, and that not by chance.

    Fisher's exact test, one-sided: R. A. Fisher, "Statistical Methods for Research Workers",
    1934, section 21.02.
    """
    table = [[int(each["good"].sum()), int((~each["good"]).sum())] for each in (before, after)]
    return float(fisher_exact(table, "greater").pvalue) < BY_CHANCE


def _normal(since: pl.DataFrame, mending: float, share: float) -> float | None:
    """Seconds after ``mending`` from which attempts succeed as before; None if that never comes."""
    ahead = since["good"].cast(pl.Float64).reverse().rolling_mean(FEWEST).reverse()
    normal = since.filter("good", ahead >= share - GIVE)
    return float(normal["at"][0]) - mending if len(normal) else None
