"""Sealing: the ledgers of a run become ``history``, ``calls`` and ``webhooks.parquet``.

Where personas walked the app's pages, their browser's journal becomes ``sessions``, ``steps``,
``barriers`` and ``looks.parquet``; where a live drill was held, its volunteers are sessions, too.
What the target said of its own health becomes ``health.parquet``, and with the keys of whoever
attended ``handling.parquet``. What an intruder tried becomes ``intrusions.parquet``.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import orjson
import polars as pl

from harness.ledger import carrier_log, handling_log, health_log, intrusion_log, live_log, web_log
from harness.ledger.reader import chunks, table, verify
from harness.record import CALLS, HISTORY, REPORTS, SESSIONS, RunFolder, values_hash

_INTENT = (
    "n", "op", "attempt", "kind", "record", "version", "values", "who", "role", "home", "channel",
    "intended", "released",
)  # fmt: skip
_OUTCOME = ("of", "sent", "done", "outcome", "answer_class", "status", "stored_id", "detail")
_CALL = (
    "caller", "role", "line", "record", "agent", "cause", "dialled", "answered", "ended", "id",
    "trunk", "digits", "sid",
)  # fmt: skip


@dataclass(frozen=True)
class Sealed:
    """What sealing found.

    Attributes:
        operations: Rows of history.
        calls: Rows of calls.
        webhooks: Rows of webhooks; 0 where the drill had no phone carrier.
        open_intents: Intents without an outcome: what came of them is unknown.
        problems: What is wrong with the ledgers; empty if they are whole.
        walks: What is wrong with the browser's journal; None where there was no browser.
    """

    operations: int
    calls: int
    open_intents: int
    problems: tuple[str, ...]
    webhooks: int = 0
    walks: tuple[str, ...] | None = None

    @property
    def complete(self) -> bool:
        """Whether every ledger is whole and ends with its trailer."""
        return not self.problems


def seal(folder: RunFolder, *, workers: int | None = None) -> Sealed:
    """Derive the tables of a run from its ledgers, as often as wanted.

    Args:
        workers: How many engines there were: a ledger that is missing altogether is a problem.
    """
    paths = sorted((folder.path / "ledger").glob("engine-*.jsonl"))
    problems = [problem for path in paths for problem in verify(path)]
    if workers is not None and len(paths) != workers:
        problems.append(f"{workers} engines ran, but there are {len(paths)} ledgers of engines")
    read = [_read(path) for path in paths]
    history = pl.concat([HISTORY.to_frame(), *(each[0] for each in read)]).sort("intended")
    calls = pl.concat([CALLS.to_frame(), *(each[1] for each in read)]).sort("dialled_drill")
    folder.write_table("history", history)
    folder.write_table("calls", calls)
    open_intents = int(history["done"].is_null().sum())
    asked = 0
    if (folder.path / "carrier").is_dir():
        log = folder.path / "ledger" / carrier_log.NAME
        problems += carrier_log.problems(log)
        webhooks = carrier_log.webhooks(log, next(filter(None, map(_start_of, paths)), None))
        folder.write_table("webhooks", webhooks)
        asked = len(webhooks)
    if (folder.path / "ledger" / live_log.NAME).is_file():
        problems += _seal_volunteers(folder)
    _seal_health(folder)
    tried = folder.path / "ledger" / intrusion_log.NAME
    if tried.is_file():
        folder.write_table("intrusions", intrusion_log.table(tried))
    walks = _seal_walks(folder, calls) if (folder.path / web_log.FOLDER).is_dir() else None
    return Sealed(len(history), len(calls), open_intents, tuple(problems), asked, walks)


def _seal_health(folder: RunFolder) -> None:
    """Write what the target said of itself, and how faults with a runbook were handled."""
    said = folder.path / "ledger" / health_log.NAME
    if said.is_file():
        folder.write_table("health", health_log.table(said))
    if not (folder.path / "run.json").is_file():  # a ledger by itself
        return
    planned = folder.info.get("injects") or []
    if any(each.get("runbook") for each in planned):
        keys = handling_log.read(folder.path / "ledger" / handling_log.NAME)
        handled = handling_log.table(
            planned,
            folder.injects.collect(),
            folder.health.collect(),
            keys if folder.info.get("attended") else None,
        )
        folder.write_table("handling", handled)


def _seal_volunteers(folder: RunFolder) -> tuple[str, ...]:
    """Write the sessions of a live drill's volunteers; what is wrong with its journal."""
    journal = live_log.read(folder.path / "ledger" / live_log.NAME)
    rows = journal.sessions(folder.table(f"truth/{REPORTS}").collect())
    others = folder.sessions.filter(pl.col("source").cast(pl.String) == "persona").collect()
    folder.write_table("sessions", pl.concat([others.cast(SESSIONS), rows]))
    return journal.problems


def _seal_walks(folder: RunFolder, calls: pl.DataFrame) -> tuple[str, ...]:
    """Write the tables of the browser's journal; what is wrong with it."""
    journal = web_log.Journal.read(folder.path / "ledger" / web_log.NAME)
    # A live drill may have been held beside: its volunteers stay where they are.
    others = folder.sessions.filter(pl.col("source").cast(pl.String) != "persona").collect()
    folder.write_table("sessions", pl.concat([others.cast(SESSIONS), journal.sessions(calls)]))
    folder.write_table("steps", journal.steps)
    folder.write_table("barriers", journal.barriers)
    folder.write_table("looks", journal.looks)
    return tuple(journal.problems)


def _start_of(path: Path) -> float | None:
    """Unix seconds of the start barrier, which is one of the first lines; None if it never came."""
    with path.open("rb") as file:
        for line in islice(file, 3):
            if line.startswith(b'{"k":"start"') and line.endswith(b"\n"):
                return float(orjson.loads(line)["start_at"])
    return None


def _read(path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """History and calls of one worker."""
    intents, outcomes, calls, worker = [], [], [], 0
    for chunk in chunks(path):
        lines = table(chunk)
        header = lines.filter(pl.col("k") == "header")["worker"]
        worker = header[0] or 0 if len(header) else worker
        intents.append(lines.filter(pl.col("k").is_in(["intent", "shed"])).select("k", *_INTENT))
        outcomes.append(lines.filter(pl.col("k") == "outcome").select(_OUTCOME))
        calls.append(lines.filter(pl.col("k") == "call").select(_CALL))
    if not intents:
        return HISTORY.to_frame(), CALLS.to_frame()
    shed = pl.col("k") == "shed"
    history = (
        pl.concat(intents)
        .join(pl.concat(outcomes), left_on="n", right_on="of", how="left", maintain_order="left")
        .with_columns(
            done=pl.when(shed).then("released").otherwise("done"),
            outcome=pl.when(shed).then(pl.lit("refused")).otherwise("outcome").fill_null("unknown"),
            answer_class=pl.when(shed)
            .then(pl.lit("shed"))
            .otherwise("answer_class")
            .fill_null("no_answer"),
            detail=pl.col("detail").fill_null(""),
            values_hash=values_hash(pl.col("values")),
            worker=pl.lit(worker),
        )
    )
    phone = (
        pl.concat(calls)
        .rename({"dialled": "dialled_drill", "answered": "answered_drill", "ended": "ended_drill"})
        .with_columns(pl.col("id", "trunk", "sid").fill_null(""), pl.col("digits").fill_null(0))
    )
    return history.select(HISTORY.names()).cast(HISTORY), phone.select(CALLS.names()).cast(CALLS)
