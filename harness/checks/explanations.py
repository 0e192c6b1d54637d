"""Which single record would explain totals that do not add up.

A record left out, counted twice, or counted in another county. Realistic counts often leave
several candidates; a test deck has rows that are unique in their county, so one is left.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from harness.checks.reconcile.bounds import EVERYTHING, Shown, report_values, standing
from harness.checks.reconcile.evidence import Evidence
from harness.record import PRECINCTS, Witness

MOST_RECORDS = 200_000  # each is held as a row of numbers
Bounds = dict[tuple[str, str], tuple[int, int]]
Numbers = NDArray[np.int64]


def explanations(
    evidence: Evidence, shown: Sequence[Shown], wrong: Sequence[Shown], bounds: Bounds
) -> tuple[list[Witness], str]:
    """Every single record that explains the difference, and a sentence about them."""
    groups = sorted({each.group for each in wrong if each.name in evidence.fields})
    if not groups or len(evidence.records) > MOST_RECORDS:
        return [], ""
    table = _contributions(evidence)
    found: list[Witness] = []
    gaps = {group: _gap(evidence, group, shown, bounds) for group in groups}
    for group in groups:
        fields, low, high = gaps[group]
        members = table if group == EVERYTHING else table.filter(_in(group))
        rows = members.select(fields).to_numpy().astype(np.int64)
        for sign, words in ((-1, "leaving it out"), (1, "counting it twice")):
            fits = np.all((low <= sign * rows) & (sign * rows <= high), axis=1) & rows.any(axis=1)
            where = f" in {group}" if group else ""
            found += _named(members, fits, f"{words}{where} explains the difference")
    if len(groups) == 2:
        found += _moves(table, groups, gaps)
    return found, _said(evidence, found)


def _gap(
    evidence: Evidence, group: str, shown: Sequence[Shown], bounds: Bounds
) -> tuple[list[str], Numbers, Numbers]:
    """Fields published for a group, and from how little to how much each is too high."""
    numbers = {each.name: each.number for each in shown if each.group == group}
    fields = [field for field in evidence.fields if field in numbers]
    low = np.array([numbers[field] - bounds[group, field][1] for field in fields])
    high = np.array([numbers[field] - bounds[group, field][0] for field in fields])
    return fields, low.astype(np.int64), high.astype(np.int64)


def _moves(
    table: pl.DataFrame,
    groups: Sequence[str],
    gaps: dict[str, tuple[list[str], Numbers, Numbers]],
) -> list[Witness]:
    """Records whose numbers are missing in one of two groups and too many in the other."""
    found: list[Witness] = []
    for home, other in (tuple(groups), tuple(reversed(groups))):
        members = table.filter(_in(home))
        fits = np.ones(len(members), dtype=bool)
        for group, sign in ((home, -1), (other, 1)):
            fields, low, high = gaps[group]
            rows = sign * members.select(fields).to_numpy().astype(np.int64)
            fits &= np.all((low <= rows) & (rows <= high), axis=1)
        found += _named(members, fits, f"counting it in {other} explains the difference")
    return found


def _contributions(evidence: Evidence) -> pl.DataFrame:
    """What each record contributes: one report a record that may stand, with its county."""
    one = standing(evidence).group_by("rec").agg(pl.col("first").max(), pl.col("sure").first())
    values = report_values(evidence, one).collect()
    names = (
        evidence.table(f"truth/{PRECINCTS}")
        .select("record", "county", rec=pl.col("record").hash())
        .collect()
    )
    return values.join(names, on="rec").sort("record")


def _in(group: str) -> pl.Expr:
    return (pl.col("county") == group) | (pl.col("record") == group)


def _named(members: pl.DataFrame, fits: NDArray[np.bool_], words: str) -> list[Witness]:
    return [
        Witness(record, "counted once, in its own place", words)
        for record in members["record"].filter(pl.Series(fits, dtype=pl.Boolean))
    ]


def _said(evidence: Evidence, found: Sequence[Witness]) -> str:
    if not found:
        if any(each.mode not in ("totals", "count") for each in evidence.readers):
            return ""  # the reports themselves can be read, and say more
        return "No single report left out, doubled or moved explains the difference."
    records = len({each.record for each in found})
    if records == 1:
        return f"{found[0].record}: {found[0].found}."
    deck = (evidence.info.get("world") or {}).get("deck")
    hint = "" if deck else " A test deck (--deck) tells them apart."
    return f"{records:,} reports would each explain the difference.{hint}"
