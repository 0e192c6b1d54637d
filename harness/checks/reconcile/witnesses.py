"""Witnesses: the names, operations and differing cells of the first offenders of a kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.offences import Reconciled
from harness.record import Witness

MOST = 20
MOST_CELLS = 6
MOST_ATTEMPTS = 200
SHOWS_CELLS = ("altered", "misattributed", "stale")


def witnesses(evidence: Evidence, found: Reconciled, check: str) -> tuple[Witness, ...]:
    """The first offenders of one check in one reader, by order of the history, then of reading."""
    offences = (
        found.offences.filter(pl.col("check") == check)
        .sort("first", "row", "rec", nulls_last=True)
        .head(MOST)
    )
    if not len(offences):
        return ()
    sent = _sent(evidence, offences, check)
    shown = _shown(evidence, offences)
    return tuple(_witness(evidence, check, offence, sent, shown) for offence in offences.to_dicts())


def _sent(evidence: Evidence, offences: pl.DataFrame, check: str) -> list[dict[str, Any]]:
    """Every attempt at a report for the offending records, or under the offending keys."""
    recs, keys = offences["rec"].drop_nulls(), offences["key"].drop_nulls()
    about = pl.col("rec").is_in(recs.implode())
    if len(keys):
        about |= pl.col("key").is_in(keys.implode())
    places = pl.concat(
        attempts.filter(about)["first"] for attempts in (evidence.operations, evidence.sent.repeats)
    )
    columns = ["op", "record", "sent", "done", "outcome"]
    columns += ["values"] if check in SHOWS_CELLS else []
    return (
        _at(evidence.history.select(columns), places.unique().sort())
        .with_columns(
            pl.col("outcome").cast(pl.String).fill_null("unknown"),
            rec=pl.col("record").hash(),
            key=pl.col("op").hash(),
        )
        .to_dicts()
    )


def _shown(evidence: Evidence, offences: pl.DataFrame) -> dict[int, dict[str, Any]]:
    """What the reader said in the offending rows, by row."""
    wanted = offences["row"].drop_nulls().unique().sort()
    rows = _at(evidence.readback.select("key", "record", "values", "number"), wanted)
    return dict(zip(wanted.to_list(), rows.to_dicts(), strict=True))


def _at(table: pl.LazyFrame, places: pl.Series) -> pl.DataFrame:
    """The rows of a table at these places.

    Cells are by far the largest column: a slice decodes those of its neighbourhood alone.
    """
    slices = [table.slice(place, 1) for place in places[:MOST_ATTEMPTS]]
    return pl.concat(slices).collect() if slices else table.limit(0).collect()


def _witness(
    evidence: Evidence,
    check: str,
    offence: Mapping[str, Any],
    sent: Sequence[Mapping[str, Any]],
    shown: Mapping[int, Mapping[str, Any]],
) -> Witness:
    # The key names the very report; without one, every report for the record bears on it.
    by = "key" if offence["key"] is not None else "rec"
    about = [each for each in sent if offence[by] is not None and each[by] == offence[by]]
    row = shown.get(offence["row"]) if offence["row"] is not None else None
    record = (about[0]["record"] if about else None) or (row or {}).get("record") or ""
    expected, found = _words(evidence.fields, check, offence["times"], about, row)
    operations = dict.fromkeys(each["op"] for each in about)
    if row and row["key"]:
        operations.setdefault(row["key"])
    return Witness(record, expected, found, tuple(operations)[:MOST])


def _words(
    fields: Sequence[str],
    check: str,
    times: int,
    about: Sequence[Mapping[str, Any]],
    row: Mapping[str, Any] | None,
) -> tuple[str, str]:
    standing = _standing(about)
    if check == "lost":
        return f"acknowledged{_when(standing)}", "not there" if times == 1 else f"{times} missing"
    if check == "late":
        return "there at the first reading", "there only at the second"
    if check == "duplicate":
        return "once", f"{times + 1} times"
    if check == "phantom":
        return "nothing: nobody sent it", _cells(fields, row, None)
    if check == "resurrected":
        return "nothing: the target refused it", _cells(fields, row, None)
    if check == "misattributed" and row and standing and row["record"] not in (
        None, standing["record"],
    ):  # fmt: skip
        return f"at {standing['record']}", f"at {row['record']}"
    if not standing:
        return "nothing: it was sent for another record", _cells(fields, row, None)
    return _cells(fields, standing, row), _cells(fields, row, standing)


def _standing(about: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The report that should stand: the last acknowledged, else the last that may have arrived."""
    for outcomes in (("ok",), ("unknown",)):
        those = [each for each in about if each["outcome"] in outcomes]
        if those:
            return max(those, key=lambda each: each["sent"] or 0)
    return about[-1] if about else None


def _when(standing: Mapping[str, Any] | None) -> str:
    if standing is None or standing["done"] is None:
        return ""
    return f" {standing['done'] / 1e9:.1f} s after the start"


def _cells(
    fields: Sequence[str], one: Mapping[str, Any] | None, other: Mapping[str, Any] | None
) -> str:
    """The cells of one row, only those that differ if there is another to compare with."""
    if one is None or one["values"] is None:
        return "no values"
    values = one["values"]
    against = other["values"] if other is not None and other["values"] is not None else None
    named = [
        f"{field} {'missing' if value is None else value}"
        for place, (field, value) in enumerate(zip(fields, values, strict=False))
        if (value if against is None else place >= len(against) or value != against[place])
    ]
    if not named:
        return "no values but 0" if against is None else "the same values"
    more = f" and {len(named) - MOST_CELLS} more" if len(named) > MOST_CELLS else ""
    return ", ".join(named[:MOST_CELLS]) + more
