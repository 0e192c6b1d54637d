"""The run folder: what a drill leaves behind, and how to read and write it.

Imports nothing else of ours, so that checks and reports can work from a folder alone.
Times in tables are nanoseconds of wall time since the drill's start barrier unless a column's
name says ``drill`` (then drill seconds).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl
from numpy.typing import NDArray


def _schema(columns: dict[str, Any]) -> pl.Schema:
    return pl.Schema(columns)


HISTORY = _schema(
    {
        "op": pl.String,  # operation key: the same on every retry
        "attempt": pl.UInt16,
        "kind": pl.Categorical(),  # submit_report, amend_report, sign_in, read_results, ...
        "record": pl.String,  # the record it was about, as typed; empty where there is none
        "version": pl.UInt16,
        "values": pl.List(
            pl.Int32
        ),  # as keyed, in the order of run.json's "fields"; null if none; sign_in: [codes right]
        "values_hash": pl.UInt64,  # hash of values; null if none (see values_hash)
        "who": pl.UInt32,  # index of the participant whose account was used
        "role": pl.Categorical(),
        "home": pl.String,  # the record this participant answers for; empty for operators
        "channel": pl.Categorical(),  # api, hotline, ...
        "intended": pl.Int64,
        "released": pl.Int64,
        "sent": pl.Int64,  # null if nothing was sent
        "done": pl.Int64,  # null if nobody ever knew (the worker died)
        "outcome": pl.Categorical(),  # ok, refused, unknown
        "answer_class": pl.Categorical(),
        "status": pl.Int16,  # HTTP status of the deciding answer, null if none
        "stored_id": pl.String,  # what the target said it stored it under, null if nothing
        "detail": pl.String,
        "worker": pl.UInt16,
    }
)

CALLS = _schema(
    {
        "caller": pl.UInt32,
        "role": pl.Categorical(),
        "line": pl.Categorical(),
        "record": pl.String,
        "dialled_drill": pl.Float64,
        "answered_drill": pl.Float64,
        "ended_drill": pl.Float64,
        "agent": pl.UInt32,
        # served, busy (no trunk), full (no place to wait), barred (this number), abandoned, app
        # (it worked after all), called_back (left the line to be phoned), silent (answered, and
        # nobody spoke), hung_up (a menu, walked to its end), app_hung_up, dropped (by the
        # network), failed (no answer), closed (the drill was over); read and unread: no call, but
        # something left in an inbox
        "cause": pl.Categorical(),
        "id": pl.String,  # c<caller>-<n>; i<sender>-<n> for what was left in an inbox
        "trunk": pl.Categorical(),  # trunk group; empty where it took none
        "digits": pl.UInt32,  # keys pressed
        "sid": pl.String,  # the carrier's name for it
    }
)
LEFT = ("read", "unread")  # causes in the table of calls that are of inboxes

WEBHOOKS = _schema(
    {
        "sent": pl.Int64,  # when the carrier sent the request
        "took": pl.Int64,  # nanoseconds to the answer, or until it gave up
        "purpose": pl.Categorical(),  # voice, menu, action, wait, status, text, forged, rest, ...
        "line": pl.Categorical(),  # the number's name in the target's description
        "sid": pl.String,  # the provider's own name of the call or message
        "status": pl.Int16,  # HTTP status, null if no answer came
        "error": pl.UInt32,  # the provider's error code, 0 if none
        "fallback": pl.Boolean,  # whether the fallback URL was asked
        "token": pl.String,  # idempotency token: the same on every try
        "try": pl.UInt8,  # 1 for the first
        "fault": pl.Categorical(),  # the inject that touched it, empty if none
        "detail": pl.String,
    }
)

INJECTS = _schema(
    {
        "name": pl.String,  # as in the scenario
        "kind": pl.Categorical(),
        "planned_start_drill": pl.Float64,
        "planned_end_drill": pl.Float64,
        "started_drill": pl.Float64,
        "ended_drill": pl.Float64,
        "touched": pl.UInt32,  # operations, answers or processes it changed
        "undone": pl.Boolean,
        "detail": pl.String,
    }
)

SESSIONS = _schema(
    {
        "session": pl.String,  # persona and repeat (slow-typist-1), or a volunteer's random id
        # persona (a simulated person in a real browser), robot (a simulated volunteer of a live
        # drill) or volunteer (somebody real): never two of them in one figure
        "source": pl.Categorical(),
        "persona": pl.String,  # name of the persona; empty for others
        "record": pl.String,  # the record they report; empty if none
        "county": pl.String,
        "language": pl.String,
        "age_band": pl.String,
        "device": pl.String,
        "training": pl.String,  # none, read, session; empty if nobody asked
        "insider": pl.Boolean,  # built or runs the app: told apart, and never counted as evidence
        "first_time": pl.Boolean,
        # Seconds since the drill opened (drill seconds for personas); null if it never came to it.
        "invited": pl.Float64,
        "opened": pl.Float64,
        "signed_in": pl.Float64,
        "practised": pl.Float64,
        "reported": pl.Float64,  # the first report that the target was seen to hold
        "finished": pl.Float64,
        "state": pl.Categorical(),  # personas: passed, struggled, blocked; others: see ``funnel``
        "correct": pl.Boolean,  # the first report said what the card says; null if none came
        "on_time": pl.Boolean,
        "cells_wrong": pl.UInt16,
        "errors": pl.List(pl.String),  # kinds of entry errors, one a wrong cell
        "channel": pl.String,  # how the first report came: web, api, phone; empty if none
        "help_calls": pl.UInt16,
        "recovered": pl.Float64,  # when a report that had been missing came in after a call-back
        "sus": pl.List(pl.Int8),  # ten answers from 1 to 5; null where left out
        "comment": pl.String,
        "drift": pl.Float64,  # keyed time over planned time, less 1; null where nothing was keyed
    }
)

STEPS = _schema(
    {
        "session": pl.String,
        "persona": pl.String,
        "number": pl.UInt16,  # from 1, in the order in which the session came to them
        "operation": pl.String,  # sign_in, submit_report, ...
        "step": pl.String,  # the step's name in the target's web flow
        "began_drill": pl.Float64,
        "ended_drill": pl.Float64,
        "state": pl.Categorical(),  # passed, struggled (help, or another try), blocked
        "tries": pl.UInt16,
        "detail": pl.String,  # what they saw, in a few words
        "screenshot": pl.String,  # path below the run folder, empty if none
        "trace": pl.String,
        "keys": pl.UInt32,
        "planned_seconds": pl.Float64,  # wall seconds that the keys should have taken, and took
        "keyed_seconds": pl.Float64,
    }
)

BARRIERS = _schema(
    {
        "session": pl.String,
        "persona": pl.String,
        "step": pl.String,  # where on the path it was met
        "look": pl.Categorical(),  # which of our looks saw it: axe, keyboard, focus, reflow, ...
        "rule": pl.String,  # the rule broken: axe's own id, or ours
        "standard": pl.String,  # what it breaks, as "WCAG 2.1.1"; empty for advice of our own
        "impact": pl.Categorical(),  # critical, serious, moderate, minor
        "element": pl.String,  # selector of the element, as the page has it: hostile text
        "says": pl.String,  # what is wrong, in plain words
        "screenshot": pl.String,  # with the element outlined; path below the run folder
    }
)

LOOKS = _schema(
    {
        "session": pl.String,
        "persona": pl.String,
        "step": pl.String,
        "look": pl.Categorical(),
        "seen": pl.UInt32,  # elements or places it looked at: 0 proves nothing
        "problem": pl.String,  # why it could not be made; empty if it was
    }
)

READBACK = _schema(
    {
        "source": pl.Categorical(),  # name of the reader in the target's read_back section
        "mode": pl.Categorical(),  # set, keyed, state, count, children, totals
        "round": pl.Categorical(),  # baseline, settled, again
        "key": pl.String,  # our operation key where the target keeps it, else null
        "record": pl.String,  # the record's key, else null
        "values": pl.List(pl.Int32),  # in the order of run.json's "fields"; null cell = missing
        "values_hash": pl.UInt64,  # hash of values; null if any cell is missing
        "number": pl.Float64,  # counts, children and totals: how many; null for rows
        "derived": pl.String,  # JSON: numbers the target works out itself, by name
        "stored_id": pl.String,
        "raw": pl.String,  # the row as the target gave it, for evidence (at most 4 KiB)
    }
)

PRECINCTS = "precincts"  # truth/precincts.parquet: one row a precinct or satellite
VOTERS = "voters"  # truth/voters.parquet: who is on a list; not there where there are no lists
REPORTS = "reports"  # truth/reports.parquet: the worksheet each record must match
PEOPLE = "people"  # truth/people.parquet


class RecordError(Exception):
    """A run folder that cannot be made, read or trusted; the message says what to do."""


class Status(StrEnum):
    """What a check found."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    NOT_DRILLED = "not_drilled"


@dataclass(frozen=True)
class Witness:
    """One offending record, as evidence.

    Attributes:
        record: Key of the record; empty where the offence has none.
        expected: What should be so, in words or figures.
        found: What is so.
        operations: Operation keys that bear on it.
    """

    record: str
    expected: str
    found: str
    operations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """The answer of one check to one question.

    Attributes:
        check: Name of the check (``lost``, ``response_time``); with ``subject`` unique in a run.
        subject: What it was asked of: a read-back source, an operation kind, or empty.
        status: ``pass``, ``fail``, ``unknown``, ``not_applicable`` or ``not_drilled``.
        question: What was asked, in plain words.
        answer: What was found, in one plain sentence.
        figures: Numbers by name. Counts are whole; shares and seconds are floats. A share has
            ``k`` and ``n`` beside it. Order-statistic bounds are named ``p95_upper``.
        witnesses: At most 20 offending records.
        offenders: How many there are in all.
    """

    check: str
    status: Status
    question: str
    answer: str
    subject: str = ""
    figures: dict[str, float | int | None] = field(default_factory=dict)
    witnesses: tuple[Witness, ...] = ()
    offenders: int = 0

    @property
    def name(self) -> str:
        """The check, with its subject where it has one.

        Example:
            >>> Finding("lost", Status.PASS, "?", "none", subject="records").name
            'lost:records'
        """
        return f"{self.check}:{self.subject}" if self.subject else self.check


_HASH_ROWS = 65_536  # rows hashed at a time: 43 cells of 8 bytes each are 22 MiB


def values_hash(values: pl.Expr) -> pl.Expr:
    """Hash a list column row by row, the same in every run, process and version of Polars.

    A multilinear hash modulo 2**64 over the cells, their number and fixed odd-looking keys, mixed
    at the end: D. Lemire and O. Kaser, "Strongly universal string hashing is fast", Computer
    Journal 57 (2014), 1624-1638; keys and mixing are SplitMix64's: G. L. Steele, D. Lea and
    C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. Cells of any
    integer type hash alike. Null if the list is null or any cell is missing.
    """
    return values.map_batches(_hash_lists, return_dtype=pl.UInt64)


def _hash_lists(column: pl.Series) -> pl.Series:
    parts = [
        _hash_block(column.slice(start, _HASH_ROWS))
        for start in range(0, max(len(column), 1), _HASH_ROWS)
    ]
    return pl.concat(parts).alias(column.name)


def _hash_block(column: pl.Series) -> pl.Series:
    """Hashes of a block: rows of one length at a time, as a matrix times the keys."""
    if not len(column) or column.null_count() == len(column):
        return pl.Series([None] * len(column), dtype=pl.UInt64)
    lengths = column.list.len()
    whole = lengths.is_not_null() & (lengths == lengths.max()).fill_null(False)
    if whole.all():
        return pl.Series(_hash_rows(column, int(lengths[0]))).set(_holed(column), None)
    hashes = np.zeros(len(column), dtype=np.uint64)
    for length in lengths.drop_nulls().unique():
        rows = (lengths == length).fill_null(False)
        hashes[rows.to_numpy()] = _hash_rows(column.filter(rows), int(length))
    return pl.Series(hashes).set(_holed(column) | column.is_null(), None)


def _holed(column: pl.Series) -> pl.Series:
    """Which lists miss a cell."""
    inner = column.explode()
    if inner.null_count() == 0:
        return pl.repeat(False, len(column), dtype=pl.Boolean, eager=True)
    return column.list.eval(pl.element().is_null()).list.any().fill_null(False)


def _hash_rows(column: pl.Series, length: int) -> NDArray[np.uint64]:
    """Hashes of lists that all have ``length`` cells; missing cells count as 0."""
    start = _mixed(np.full(len(column), length, dtype=np.uint64))
    if length:
        cells = column.explode().fill_null(0).cast(pl.Int64).to_numpy().view(np.uint64)
        start += cells.reshape(-1, length) @ _keys(length)
    return _mixed(start)


@cache
def _keys(count: int) -> NDArray[np.uint64]:
    step = np.uint64(0x9E3779B97F4A7C15)
    return _mixed(np.arange(1, count + 1, dtype=np.uint64) * step)


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finalizer: every bit of the input bears on every bit of the output."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def _of_an_inbox() -> pl.Expr:
    return pl.col("cause").cast(pl.String).is_in(LEFT).fill_null(False)


@dataclass
class RunFolder:
    """One run's folder. Nothing in it is ever written over but what is derived from the ledger."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> RunFolder:
        """Make a new, empty run folder.

        Raises:
            RecordError: If it exists and is not empty, or cannot be written.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
            if any(path.iterdir()):
                raise RecordError(
                    f"{path}: the folder is not empty, and a run is never written over. "
                    "Name another with --out."
                )
            for name in ("truth", "ledger", "evidence"):
                (path / name).mkdir()
        except OSError as error:
            raise RecordError(f"{path}: cannot make the run folder: {error.strerror}.") from error
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Open an existing run folder.

        Raises:
            RecordError: If there is no readable run in it.
        """
        if not (path / "run.json").is_file():
            raise RecordError(f"{path}: not a run folder: it has no run.json.")
        return cls(path)

    # -- run.json ---------------------------------------------------------------------------

    def write_info(self, info: dict[str, Any]) -> None:
        """Write ``run.json``: scenario, target (secrets redacted), seed, plan, versions, state."""
        _write_atomically(self.path / "run.json", orjson.dumps(info, option=orjson.OPT_INDENT_2))

    @cached_property
    def info(self) -> dict[str, Any]:
        """What ``run.json`` says."""
        try:
            info = orjson.loads((self.path / "run.json").read_bytes())
        except (OSError, orjson.JSONDecodeError) as error:
            raise RecordError(
                f"{self.path / 'run.json'}: not readable as JSON: {error}."
            ) from error
        if not isinstance(info, dict):
            raise RecordError(f"{self.path / 'run.json'}: not a JSON object.")
        return info

    @property
    def fields(self) -> list[str]:
        """Names of the cells of a report, in the order of every ``values`` column."""
        return list(self.info["fields"])

    # -- tables -----------------------------------------------------------------------------

    def write_table(self, name: str, table: pl.DataFrame) -> None:
        """Write ``name``.parquet (``truth/reports`` goes below ``truth``), whole or not at all."""
        path = self.path / f"{name}.parquet"
        partial = path.with_suffix(".partial")
        table.write_parquet(partial)
        partial.replace(path)

    def table(self, name: str, schema: pl.Schema | None = None) -> pl.LazyFrame:
        """Scan one table; an empty one of ``schema`` if the run has none.

        Raises:
            RecordError: If it is missing and no schema says what an empty one looks like, or if
                it cannot be read.
        """
        path = self.path / f"{name}.parquet"
        if not path.is_file():
            if schema is None:
                raise RecordError(f"{path}: missing. Seal the run with `drillhall recheck`.")
            return pl.LazyFrame(schema=schema)
        try:
            scan = pl.scan_parquet(path)
            scan.collect_schema()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise RecordError(f"{path}: not readable as Parquet: {error}") from error
        return scan

    @property
    def history(self) -> pl.LazyFrame:
        """Every attempt at an operation; columns as :data:`HISTORY`."""
        return self.table("history")

    @property
    def calls(self) -> pl.LazyFrame:
        """Every phone call; columns as :data:`CALLS`."""
        return self.table("calls", CALLS).filter(~_of_an_inbox())

    @property
    def left(self) -> pl.LazyFrame:
        """What was left in inboxes; columns as :data:`CALLS`, ``answered`` when it was opened."""
        return self.table("calls", CALLS).filter(_of_an_inbox())

    @property
    def webhooks(self) -> pl.LazyFrame:
        """Every request between the phone carrier and the app; columns as :data:`WEBHOOKS`."""
        return self.table("webhooks", WEBHOOKS)

    @property
    def injects(self) -> pl.LazyFrame:
        """Every planned fault; columns as :data:`INJECTS`."""
        return self.table("injects", INJECTS)

    @property
    def sessions(self) -> pl.LazyFrame:
        """Every training session, of personas or of a live drill; columns as :data:`SESSIONS`."""
        return self.table("sessions", SESSIONS)

    @property
    def steps(self) -> pl.LazyFrame:
        """Every step that a persona came to; columns as :data:`STEPS`."""
        return self.table("steps", STEPS)

    @property
    def barriers(self) -> pl.LazyFrame:
        """Everything that shuts somebody out, as looks at pages saw it; see :data:`BARRIERS`."""
        return self.table("barriers", BARRIERS)

    @property
    def looks(self) -> pl.LazyFrame:
        """Every look at a page, also those that saw nothing wrong; columns as :data:`LOOKS`."""
        return self.table("looks", LOOKS)

    @property
    def readback(self) -> pl.LazyFrame:
        """What the target says; columns as :data:`READBACK`."""
        return self.table("readback", READBACK)

    # -- findings ---------------------------------------------------------------------------

    def write_findings(self, findings: Iterable[Finding]) -> None:
        """Write ``findings.json``."""
        rows = [asdict(finding) for finding in findings]
        _write_atomically(
            self.path / "findings.json", orjson.dumps(rows, option=orjson.OPT_INDENT_2)
        )

    @property
    def findings(self) -> list[Finding]:
        """What the checks found, as last judged."""
        path = self.path / "findings.json"
        try:
            return [_finding(row) for row in orjson.loads(path.read_bytes())]
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise RecordError(
                f"{path}: not readable as findings: {error}. Judge again: `drillhall recheck`."
            ) from error


def _finding(row: dict[str, Any]) -> Finding:
    witnesses = tuple(
        Witness(**{**each, "operations": tuple(each["operations"])}) for each in row["witnesses"]
    )
    return Finding(**{**row, "status": Status(row["status"]), "witnesses": witnesses})


def default_path(scenario: str, seed: int, now: datetime | None = None) -> Path:
    """Where a run goes if nobody says: ``runs/<scenario>-<utc>-<seed>``.

    Example:
        >>> default_path("houdini", 7, datetime(2026, 11, 3, 19, 0, tzinfo=UTC)).as_posix()
        'runs/houdini-20261103T190000Z-7'
    """
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    return Path("runs") / f"{scenario}-{stamp}-{seed}"


def _write_atomically(path: Path, data: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(data)
    partial.replace(path)
