"""Settling what agrees at once against looking at every row, on small random nights."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import polars as pl
from build_run import Run, clean_run, record_key, report
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.checks.reconcile import by_record
from harness.checks.reconcile.agreement import open_records
from harness.checks.reconcile.evidence import Evidence
from harness.checks.reconcile.matching import reconciled
from harness.checks.reconcile.offences import Reconciled
from harness.record import RunFolder

Sending = tuple[int, int, int, str]
Row = tuple[tuple[int | None, int | None], str | None]

# What was sent: which record, which of two reports, when, and what came of it.
sent = st.tuples(
    st.integers(0, 3),
    st.integers(0, 1),
    st.integers(0, 20),
    st.sampled_from(["ok", "ok", "ok", "unknown", "refused"]),
)
# What is held: which record (some that nobody sent, or none), and which report, or no cells.
held = st.tuples(st.none() | st.integers(0, 4), st.none() | st.integers(0, 9))
rounds = st.sampled_from([None, None, None, "again", "settled", "baseline"])


def night(path: Path, attempts: list[Sending], rows: list[Row]) -> RunFolder:
    """A run in which just these reports were sent, and just these rows were read."""
    run = clean_run(path)
    run.history = [each for each in run.history if each["values"] is None]
    run.readback = [each for each in run.readback if each["source"] != "store"]
    for index, which, at, outcome in attempts:
        run.submit(
            index, at=at, op=f"k-{index}-{which}", outcome=outcome, values=_cells(index, which)
        )
    _store(run, rows)
    return run.write()


def _store(run: Run, rows: list[Row]) -> None:
    for (record, values), round_ in rows:
        run.stored(
            None if record is None else record_key(record),
            None if values is None else _cells(*divmod(values, 2)),
            round=round_,
        )


def _cells(index: int, which: int) -> tuple[int, ...]:
    return report(index, extra=which)


def every_record(evidence: Evidence, rows: pl.DataFrame) -> pl.Series:
    """Nothing is settled beforehand."""
    return pl.concat([evidence.operations["rec"], rows["rec"].drop_nulls()]).unique()


def found_in(run: RunFolder) -> tuple[int, list[tuple[object, ...]]]:
    evidence = Evidence(run.path)
    reader = next(each for each in evidence.readers if each.name == "store")
    found: Reconciled = reconciled(evidence, reader)
    # Which of two equal rows of a record shows it late is left open.
    offences = found.offences.with_columns(row=pl.when(pl.col("check") != "late").then("row"))
    return found.rows, sorted(offences.rows(), key=str)


@settings(max_examples=80, deadline=None)
@given(st.lists(sent, max_size=8), st.lists(st.tuples(held, rounds), max_size=8))
@example([(0, 0, 1, "ok")], [((0, 0), None), ((0, 0), None)])
@example([(0, 0, 1, "ok")], [((0, 0), None), ((0, 1), None)])
@example([(0, 0, 1, "ok"), (0, 1, 5, "ok")], [((0, 0), None), ((0, 1), None)])
@example([(0, 0, 1, "ok"), (1, 0, 1, "ok")], [((1, 0), None), ((0, 2), None)])
@example([(0, 0, 1, "ok")], [((0, 0), "again")])
def test_what_is_settled_at_once_offends_in_nothing(
    attempts: list[Sending], rows: list[Row]
) -> None:
    """Looking at open records alone finds what looking at every record finds."""
    with TemporaryDirectory() as folder:
        run = night(Path(folder) / "run", attempts, rows)
        fast = found_in(run)
        with patch.object(by_record, "open_records", every_record):
            slow = found_in(run)
    assert fast == slow


def test_records_that_agree_are_settled(tmp_path: Path) -> None:
    """Of a night on which all went right no record is open; of one lost report just that one."""
    run = clean_run(tmp_path / "clean")
    whole = Evidence(run.write().path)
    run.path = tmp_path / "lost"
    run.readback = [each for each in run.readback if each["record"] != record_key(4)]
    lost = Evidence(run.write().path)
    opened = []

    def spy(evidence: Evidence, rows: pl.DataFrame) -> pl.Series:
        opened.append(open_records(evidence, rows))
        return opened[-1]

    with patch.object(by_record, "open_records", spy):
        for evidence in (whole, lost):
            reconciled(evidence, evidence.readers[0])
    assert [len(each) for each in opened] == [0, 1]
