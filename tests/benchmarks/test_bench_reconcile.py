"""Reconciling ten million operations, from the files of a run folder to findings.

Run with ``pytest tests/benchmarks/test_bench_reconcile.py --benchmark-only``. The folder is made
in a temporary directory (about 1.5 GiB). A process of its own reconciles it, so that its peak
memory is its own; the same process then does a plain Polars ``group_by`` of the same history by
operation, carrying record, hash of values and times. ``extra_info`` notes the ratio of the two. The
peer does less: it reads no read-back, and the files are in memory by the time it starts.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import orjson
import polars as pl
import pytest

from harness.record import HISTORY, READBACK, RunFolder

OPERATIONS = 10_000_000
AT_MOST_SECONDS = 15.0
AT_MOST_BYTES = 4 * 1024**3
CHUNK = 500_000
CELLS = 43
AGAIN = 20  # each twentieth operation is a retry, and another an amendment

MEASURE = """
import resource, sys, time
from pathlib import Path
import orjson
import polars as pl
from harness.checks import altered, duplicate, late, lost, misattributed, phantom, resurrected
from harness.checks import stale, unstable, zero_report
from harness.checks.question import evidence_of
from harness.record import RunFolder

run = RunFolder.open(Path(sys.argv[1]))
began = time.perf_counter()
evidence = evidence_of(run)
asked = (lost, phantom, duplicate, altered, misattributed, stale, resurrected, late, unstable,
         zero_report)
findings = [finding for each in asked for finding in each.check(evidence)]
took, busy = time.perf_counter() - began, time.process_time()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
del evidence
began = time.perf_counter()
there = run.history.group_by("op").agg(
    pl.col("record").first(), pl.col("values_hash").first(), pl.col("sent").min(),
    pl.col("done").max(),
).select(pl.len(), pl.exclude("op", "record").sum(), pl.col("record").max()).collect(
    engine="streaming")
peer, peer_busy = time.perf_counter() - began, time.process_time() - busy
print(orjson.dumps({"took": took, "busy": busy, "peak": peak, "peer": peer,
    "peer_busy": peer_busy, "peer_operations": there["len"][0],
    "findings": {each.check: [each.status, each.offenders] for each in findings}}).decode())
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFolder]:
    """A clean run of ten million operations, but for a hundred reports lost and one altered."""
    run = RunFolder.create(tmp_path_factory.mktemp("reconcile") / "run")
    run.write_info(
        {
            "target": {"operations": ["submit_report"],
                       "readers": [{"name": "s", "mode": "keyed"}]},
            "ledger": {"complete": True}, "fields": [str(i) for i in range(CELLS)],
            "state": "finished", "rounds": ["baseline", "settled", "again"],
        }
    )  # fmt: skip
    parts = run.path / "parts"
    parts.mkdir()
    for start in range(0, OPERATIONS, CHUNK):
        _history(start).write_parquet(parts / f"h{start:09d}.parquet")
        _readback(start).write_parquet(parts / f"r{start:09d}.parquet")
    pl.scan_parquet(parts / "h*.parquet").sink_parquet(run.path / "history.parquet")
    pl.scan_parquet(parts / "r*.parquet").sink_parquet(run.path / "readback.parquet")
    for part in parts.iterdir():
        part.unlink()
    yield run
    for table in run.path.glob("*.parquet"):
        table.unlink()


def _values(start: int, count: int) -> pl.Series:
    """Reports of 43 numbers, drawn from a thousand different ones."""
    pool = np.random.Generator(np.random.PCG64(7)).integers(0, 300, (1000, CELLS), np.int32)
    rows = pool[np.arange(start, start + count) % 1000]
    return pl.Series(rows, dtype=pl.Array(pl.Int32, CELLS)).cast(pl.List(pl.Int32))


def _history(start: int) -> pl.DataFrame:
    """Each twentieth row retries the one before it, and each twentieth amends it."""
    row = pl.int_range(start, start + CHUNK, eager=True)
    retry, amend = row % AGAIN == 1, row % AGAIN == 11
    record = row - (retry | amend).cast(pl.Int64)
    version = amend.cast(pl.Int64) + 1
    sent = row * 1000 + 1
    frame = pl.DataFrame({"row": row, "record": record, "version": version, "sent": sent}).select(
        op=pl.format("d3f9a1c2-IA-{}-{}", "record", "version"),
        attempt=pl.lit(1) + pl.Series(retry).cast(pl.Int64),
        kind=pl.lit("submit_report"), record=pl.format("IA-{}", "record"), version="version",
        values=_values(start, CHUNK), values_hash=pl.col("record") * 2 + pl.col("version"),
        who="record", role=pl.lit("chair"), home=pl.format("IA-{}", "record"),
        channel=pl.lit("api"), intended="sent", released="sent", sent="sent",
        done=pl.col("sent") + 500, outcome=pl.lit("ok"), answer_class=pl.lit("accepted"),
        status=pl.lit(201), stored_id=pl.lit(None), detail=pl.lit(""), worker=pl.lit(0),
    )  # fmt: skip
    return frame.cast(HISTORY)


def _readback(start: int) -> pl.DataFrame:
    """The newest report of each record, read twice; a hundred are missing, and one is altered."""
    row = pl.int_range(start, start + CHUNK, eager=True)
    frame = pl.DataFrame({"record": row.filter((row % AGAIN != 1) & (row % AGAIN != 11))})
    amended = (pl.col("record") % AGAIN == 10).cast(pl.Int64)
    frame = frame.with_columns(version=amended + 1).filter(
        (pl.col("record") % 100_000 != 2), pl.len() > 0
    )
    once = frame.select(
        source=pl.lit("s"), mode=pl.lit("keyed"), round=pl.lit("settled"),
        key=pl.format("d3f9a1c2-IA-{}-{}", "record", "version"),
        record=pl.format("IA-{}", "record"), values=_values(start, len(frame)),
        values_hash=pl.col("record") * 2 + pl.col("version") + (pl.col("record") == 3) * 77,
        number=pl.lit(None), derived=pl.lit(None), stored_id=pl.lit(None), raw=pl.lit("{}"),
    )  # fmt: skip
    twice = pl.concat([once, once.with_columns(round=pl.lit("again"))])
    return twice.cast(READBACK)


def test_bench_reconcile_ten_million(benchmark: object, folder: RunFolder) -> None:
    """Ten million operations are reconciled in under 15 s and 4 GiB, and nothing is missed."""

    def measure() -> dict[str, object]:
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, str(folder.path)],
            capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        return dict(orjson.loads(done.stdout))

    figures = benchmark.pedantic(measure, rounds=1)  # type: ignore[attr-defined]
    benchmark.extra_info |= figures  # type: ignore[attr-defined]
    ratio = figures["took"] / figures["peer"]
    benchmark.extra_info["ratio"] = ratio  # type: ignore[attr-defined]
    sys.stdout.write(f"\n{ratio:.2f} times the peer: {figures}\n")
    assert figures["peer_operations"] == OPERATIONS - OPERATIONS // AGAIN  # a retry is no other
    found = figures["findings"]
    assert found["lost"] == ["fail", 100]
    assert found["altered"] == ["fail", 1]
    assert found["duplicate"] == found["phantom"] == found["stale"] == ["pass", 0]
    assert figures["took"] < AT_MOST_SECONDS, figures
    assert figures["peak"] < AT_MOST_BYTES, figures
