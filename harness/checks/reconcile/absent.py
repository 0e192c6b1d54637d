"""Published totals that are missing: groups and fields that had to be shown and are not.

A reader that shows one county shows all of which something was acknowledged, and one that
shows a candidate shows the others too: leaving one out is no smaller lie than a wrong sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.checks.reconcile.bounds import (
    EVERYTHING,
    REPORTS_IN,
    CountBounds,
    Shown,
    groups_of,
)
from harness.checks.reconcile.evidence import Evidence, Reader
from harness.record import PRECINCTS

Bounds = dict[tuple[str, str], tuple[int, int]]


@dataclass(frozen=True)
class Absent:
    """A number that had to be shown.

    Attributes:
        group: A county, a record, or empty for everything.
        name: A field, ``reports``, or empty if nothing at all is shown of the group.
        low: The least it may be; 0 if nothing is shown.
    """

    group: str
    name: str
    low: int


def declares_fields(evidence: Evidence, reader: Reader) -> bool:
    """Whether the target's description says where this reader's fields are.

    Runs recorded before descriptions told that say nothing, which counts as no.
    """
    return reader.mode == "totals" and any(
        each.get("name") == reader.name and each.get("fields")
        for each in evidence.target.get("readers") or []
    )


def kinds_of_groups(evidence: Evidence, shown: Iterable[Shown]) -> list[frozenset[str]]:
    """All groups that must be shown, one set for each kind of which any is shown.

    Kinds are everything, the counties, the records and their sources; a reader that shows
    nothing is taken to owe the sums over everything.
    """
    groups = {each.group for each in shown} or {EVERYTHING}
    precincts = evidence.table(f"truth/{PRECINCTS}")
    sites = precincts.select(groups_of(precincts)).collect()
    kinds = [frozenset({EVERYTHING})]
    for column in sites.columns:
        kinds.append(frozenset(sites[column].drop_nulls().unique()) - {EVERYTHING})
    return [kind for kind in kinds if kind & groups]


def absent(
    evidence: Evidence,
    kinds: Sequence[frozenset[str]],
    shown: Sequence[Shown],
    bounds: Bounds,
    counts: dict[str, CountBounds],
    *,
    declared: bool,
) -> list[Absent]:
    """Every number that is not shown although it cannot be 0."""
    there = {(each.group, each.name) for each in shown}
    named = {each.group for each in shown}
    found: list[Absent] = []
    for kind in kinds:
        names = {each.name for each in shown if each.group in kind}
        owed = _owed(evidence.fields, names, declared=declared)
        for group in sorted(kind):
            lows = {name: bounds[group, name][0] for name in owed}
            if REPORTS_IN in names:
                lows[REPORTS_IN] = min(low for low, _ in counts[group])
            missing = [
                Absent(group, name, low)
                for name, low in lows.items()
                if low > 0 and (group, name) not in there
            ]
            nothing = bool(missing) and group not in named
            found += [Absent(group, "", 0)] if nothing else missing
    return found


def _owed(fields: Sequence[str], names: set[str], *, declared: bool) -> list[str]:
    """Fields a reader owes: all that are described, or all of a family it shows any of.

    A family is what a preference's counts have in common: first, final, delegates.
    """
    families = {_family(name) for name in names}
    return [field for field in fields if declared or _family(field) in families]


def _family(field: str) -> str:
    return field.partition("_")[0]
