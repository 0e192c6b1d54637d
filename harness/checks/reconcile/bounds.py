"""What sums may say: bounds from acknowledged and possible reports, and what is published.

A record that was acknowledged counts with the least and the most that any report which may
stand says; one that was not may also count with nothing. Every report that cannot be told
apart from being absent or present widens the bounds, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
import polars as pl

from harness.checks.reconcile.evidence import Evidence, Reader
from harness.checks.reconcile.register import ALLOWED
from harness.record import PRECINCTS

EVERYTHING = ""  # the group of a sum over all records
REPORTS_IN = "reports"  # the name of a published count of records or reports
CountBounds = tuple[tuple[int, int], tuple[int, int]]  # of records, and of reports


@dataclass(frozen=True)
class Shown:
    """One published number, less what it was before the drill.

    Attributes:
        group: A county, a record, or empty for everything.
        name: A field of a report, ``reports``, or a number the target works out itself.
    """

    group: str
    name: str
    number: float


def published(evidence: Evidence, reader: Reader) -> list[Shown]:
    """Every number a reader of sums shows after the drill, less the baseline."""
    before = numbers_in(evidence, reader, "baseline")
    after = numbers_in(evidence, reader, evidence.last_round)
    return [
        Shown(group, name, number - before.get((group, name), 0.0))
        for (group, name), number in after.items()
    ]


def numbers_in(evidence: Evidence, reader: Reader, round_: str) -> dict[tuple[str, str], float]:
    """Every number that a reader of sums shows in one round, by group and name."""
    rows = (
        evidence.read(reader.name, round_)
        .select("key", pl.col("record").fill_null(EVERYTHING), "values", "number", "derived")
        .collect()
    )
    numbers: dict[tuple[str, str], float] = {}
    for key, group, values, number, derived in rows.iter_rows():
        if number is not None:
            name = key or REPORTS_IN
            numbers[group, name] = numbers.get((group, name), 0.0) + number
        for field, cell in zip(evidence.fields, values or (), strict=False):
            if cell is not None:
                numbers[group, field] = numbers.get((group, field), 0.0) + cell
        for name, each in (orjson.loads(derived) if derived else {}).items():
            if each is not None and not isinstance(each, str):
                numbers[group, name] = numbers.get((group, name), 0.0) + float(each)
    return numbers


def standing(evidence: Evidence) -> pl.DataFrame:
    """Reports that may stand: ``rec``, ``first``, ``sure`` (the record was acknowledged)."""
    sure = evidence.records.select("rec", sure="acked")
    return (
        evidence.judged.filter(pl.col("state") == ALLOWED)
        .select("rec", "first")
        .join(sure, on="rec")
    )


def field_bounds(
    evidence: Evidence, groups: Sequence[str]
) -> dict[tuple[str, str], tuple[int, int]]:
    """Least and most that each field may sum to in each of these groups."""
    reports = standing(evidence)
    alone = ~pl.col("rec").is_duplicated() & pl.col("sure")
    bounds: dict[tuple[str, str], tuple[int, int]] = {}
    members = _members(evidence, groups)
    certain = _sums(evidence, reports.filter(alone), members)
    open_ = _open_sums(evidence, reports.filter(~alone), members)
    for group in groups:
        for field in evidence.fields:
            exact = certain.get((group, field), 0)
            low, high = open_.get((group, field), (0, 0))
            bounds[group, field] = (exact + low, exact + high)
    return bounds


def count_bounds(evidence: Evidence, groups: Sequence[str]) -> dict[str, CountBounds]:
    """Least and most that may be counted in each of these groups: of records, and of reports."""
    members = _members(evidence, groups)
    records = _counted(evidence.records, members)
    operations = _counted(evidence.operations, members)
    return {group: (records.get(group, (0, 0)), operations.get(group, (0, 0))) for group in groups}


def _counted(sent: pl.DataFrame, members: pl.DataFrame | None) -> dict[str, tuple[int, int]]:
    """How many were acknowledged, and how many may be there, by group."""
    counts = (
        _grouped(sent.select("rec", "acked", "possible"), members)
        .group_by("group")
        .agg(low=pl.col("acked").sum(), high=(pl.col("acked") | pl.col("possible")).sum())
    )
    return {group: (low, high) for group, low, high in counts.iter_rows()}


def report_values(evidence: Evidence, reports: pl.DataFrame) -> pl.LazyFrame:
    """The values of reports by their first row in the history, one column a field."""
    cells = [
        pl.col("values").list.get(place, null_on_oob=True).cast(pl.Int64).alias(field)
        for place, field in enumerate(evidence.fields)
    ]
    return (
        evidence.history.with_row_index("first")
        .select("first", "values")
        .join(reports.lazy(), on="first")
        .select("rec", "first", *(name for name in ("sure", "group") if name in reports), *cells)
    )


def groups_of(precincts: pl.LazyFrame) -> list[str]:
    """Columns by which sums may be shown: county and record, and whose records they are."""
    return ["county", "record", *({"source"} & set(precincts.collect_schema().names()))]


def _members(evidence: Evidence, groups: Sequence[str]) -> pl.DataFrame | None:
    """Which record belongs to which group; None if the only group is everything."""
    if set(groups) <= {EVERYTHING}:
        return None
    precincts = evidence.table(f"truth/{PRECINCTS}")
    columns = groups_of(precincts)
    known = precincts.select(columns).collect().with_columns(rec=pl.col("record").hash())
    parts = [known.select("rec", group=pl.col(column)) for column in columns]
    if EVERYTHING in groups:
        parts.append(known.select("rec", group=pl.lit(EVERYTHING)))
    return pl.concat(parts).filter(pl.col("group").is_in(list(groups))).unique()


def _sums(
    evidence: Evidence, reports: pl.DataFrame, members: pl.DataFrame | None
) -> dict[tuple[str, str], int]:
    values = report_values(evidence, _grouped(reports, members))
    sums = values.group_by("group").agg(pl.col(evidence.fields).sum()).collect(engine="streaming")
    return {
        (row["group"], field): row[field] for row in sums.to_dicts() for field in evidence.fields
    }


def _open_sums(
    evidence: Evidence, reports: pl.DataFrame, members: pl.DataFrame | None
) -> dict[tuple[str, str], tuple[int, int]]:
    """The same for records of which it is open what stands, or whether anything does."""
    fields = evidence.fields
    per_record = (
        report_values(evidence, _grouped(reports, members))
        .group_by("group", "rec")
        .agg(
            pl.col("sure").first(),
            *(pl.col(field).min().alias(f"low {field}") for field in fields),
            *(pl.col(field).max().alias(f"high {field}") for field in fields),
        )
        .with_columns(
            pl.when("sure").then(pl.col(f"low {field}")).otherwise(0).alias(f"low {field}")
            for field in fields
        )
        .group_by("group")
        .agg(pl.exclude("group", "rec", "sure").sum())
        .collect()
    )
    return {
        (row["group"], field): (row[f"low {field}"], row[f"high {field}"])
        for row in per_record.to_dicts()
        for field in fields
    }


def _grouped(reports: pl.DataFrame, members: pl.DataFrame | None) -> pl.DataFrame:
    if members is None:
        return reports.with_columns(group=pl.lit(EVERYTHING))
    return reports.join(members, on="rec")
