"""Completeness: of how many records are the reports in, by which channel, and by when.

A site whose every report failed is unreported: that counts here, and against no app's
integrity. Every site that was driven counts, whether or not anybody tried to report it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import polars as pl

from harness.checks.question import evidence_of
from harness.checks.reconcile.bounds import REPORTS_IN, published
from harness.checks.reconcile.evidence import ROW_MODES, Evidence, Reader
from harness.checks.reconcile.register import WRITES, is_preflight
from harness.checks.reconcile.rows import read_rows
from harness.checks.reconcile.witnesses import MOST
from harness.record import PEOPLE, PRECINCTS, REPORTS, Finding, RunFolder, Status, Witness

CHECK = "completeness"
ASKS = "Is everything in that was to be reported?"
REPORTED = {"voter_list": "codes", "campaign": "records"}
SHARES = (50, 90, 98, 100)
Figures = dict[str, float | int | None]


def check(run: RunFolder) -> Iterable[Finding]:
    """Is everything in that was to be reported?"""
    evidence = evidence_of(run)
    driven = _driven(evidence)
    readers = [each for each in evidence.readers if each.mode in (*ROW_MODES, "children")]
    counters = [each for each in evidence.readers if each.mode in ("totals", "count")]
    if not len(driven) or not evidence.readers:
        answer = "Nothing was driven." if evidence.readers else "The target has no reader."
        yield Finding(CHECK, Status.UNKNOWN, ASKS, answer)
    for reader in readers:
        yield _ask(evidence, reader, driven)
    for reader in () if readers else counters:
        yield _count(evidence, reader, driven)


def _driven(evidence: Evidence) -> pl.DataFrame:
    """Records that this drill drives: ``record`` and ``rec``."""
    if _is_of_voters(evidence):
        owed = evidence.table(f"truth/{REPORTS}").select("record").collect().sort("record")
        return owed.with_columns(rec=pl.col("record").hash())
    truth = evidence.table(f"truth/{PRECINCTS}").select("record").unique().collect()
    if len(truth) != evidence.info.get("records", len(truth)):
        people = evidence.table(f"truth/{PEOPLE}").select("record").unique().collect()
        truth = truth.join(people, on="record", how="semi")
    return truth.sort("record").with_columns(rec=pl.col("record").hash())


def _is_of_voters(evidence: Evidence) -> bool:
    """Whether every voter's code is a record of its own, and not every precinct."""
    return (evidence.info.get("world") or {}).get("kind") == "voter_list"


def _in(evidence: Evidence, k: int, n: int) -> str:
    kind = (evidence.info.get("world") or {}).get("kind")
    return f"{k:,} of {n:,} {REPORTED.get(str(kind), 'sites')} are in."


def _ask(evidence: Evidence, reader: Reader, driven: pl.DataFrame) -> Finding:
    silent = evidence.unread(reader.name)
    if silent:
        return Finding(CHECK, Status.UNKNOWN, ASKS, silent, reader.name)
    present = _present(evidence, reader)
    missing = driven.join(present, on="rec", how="anti")
    k, n = len(driven) - len(missing), len(driven)
    figures: Figures = {"k": k, "n": n, **_by_channel(evidence, driven), **_by_when(evidence, n)}
    shown = _witnesses(evidence, missing) if len(missing) else ()
    answer = _in(evidence, k, n)
    return Finding(
        CHECK, _status(evidence, k, n), ASKS, answer, reader.name, figures, shown, len(missing)
    )


def _count(evidence: Evidence, reader: Reader, driven: pl.DataFrame) -> Finding:
    silent = evidence.unread(reader.name)
    numbers = [
        each.number
        for each in ([] if silent else published(evidence, reader))
        if each.name == REPORTS_IN and not each.group
    ]
    if not numbers:
        answer = silent or f"{reader.name} does not say how many reports are in."
        return Finding(CHECK, Status.UNKNOWN, ASKS, answer, reader.name)
    n = len(driven)
    k = min(n, round(numbers[0]))
    figures: Figures = {"k": k, "n": n, **_by_channel(evidence, driven), **_by_when(evidence, n)}
    answer = _in(evidence, k, n)
    return Finding(CHECK, _status(evidence, k, n), ASKS, answer, reader.name, figures)


def _status(evidence: Evidence, k: int, n: int) -> Status:
    if k == n:
        return Status.PASS
    # A drill that was stopped early, or that lost a worker, has not given everybody their turn.
    played = evidence.info.get("state") == "finished" and not evidence.info.get("workers_lost")
    return Status.FAIL if played and evidence.ledger_gap is None else Status.UNKNOWN


def _present(evidence: Evidence, reader: Reader) -> pl.DataFrame:
    """Records that the reader shows a report of, by record, by key or by values."""
    rows = read_rows(evidence, reader, evidence.last_round)
    if rows.recorded:
        there = rows.frame.filter(pl.col("number").is_null() | (pl.col("number") > 0))
        return there.select("rec").drop_nulls().unique()
    by = "key" if rows.keyed else "values"
    sent = evidence.operations.filter("reached").drop_nulls(by)
    return sent.join(rows.frame, on=by, how="semi").select("rec").unique()


def _arrivals(evidence: Evidence) -> pl.DataFrame:
    """The first acknowledged report of each record: ``rec``, ``channel``, ``done``."""
    return (
        evidence.history.filter(
            pl.col("kind").cast(pl.String).is_in(WRITES),
            ~is_preflight(),
            pl.col("outcome").cast(pl.String) == "ok",
        )
        .select(
            "done",
            channel=pl.col("channel").cast(pl.String),
            rec=pl.col("record").hash(),
        )
        .group_by("rec")
        .agg(pl.col("channel").sort_by("done").first(), pl.col("done").min())
        .collect(engine="streaming")
    )


def _by_channel(evidence: Evidence, driven: pl.DataFrame) -> Figures:
    arrivals = _arrivals(evidence).join(driven, on="rec", how="semi")
    counts = arrivals.group_by("channel").len().sort("channel")
    return {f"{channel}_k": count for channel, count in counts.iter_rows()}


def _by_when(evidence: Evidence, n: int) -> Figures:
    """Drill seconds by which shares of all sites had been acknowledged; None if never."""
    speed = float(evidence.info.get("speed") or 1.0)
    done = _arrivals(evidence)["done"].drop_nulls().sort()
    figures: Figures = {}
    for share in SHARES:
        rank = max(1, math.ceil(n * share / 100))
        reached = rank <= len(done)
        figures[f"in_{share}_drill"] = done[rank - 1] / 1e9 * speed if reached else None
    return figures


def _witnesses(evidence: Evidence, missing: pl.DataFrame) -> tuple[Witness, ...]:
    first = missing.head(MOST)
    tries = (
        evidence.history.filter(
            pl.col("kind").cast(pl.String).is_in(WRITES),
            pl.col("record").is_in(first["record"].implode()),
        )
        .select("record", "op", outcome=pl.col("outcome").cast(pl.String).fill_null("unknown"))
        .collect()
    )
    shown = []
    for record in first["record"]:
        mine = tries.filter(pl.col("record") == record)
        outcomes = ", ".join(
            f"{count} {outcome}"
            for outcome, count in mine.group_by("outcome").len().sort("outcome").iter_rows()
        )
        said = f"not in; tries: {outcomes}" if outcomes else "not in; nobody tried"
        operations = tuple(mine["op"].unique(maintain_order=True))
        shown.append(Witness(record, "a report", said, operations))
    return tuple(shown)
