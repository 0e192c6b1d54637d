"""The run folder itself: how it is made, read and written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from harness.record.finding import Finding, Status, Witness
from harness.record.tables import (
    BARRIERS,
    CALLS,
    HANDLING,
    HEALTH,
    INJECTS,
    INTRUSIONS,
    LEFT,
    LOOKS,
    READBACK,
    SESSIONS,
    STEPS,
    WEBHOOKS,
)


class RecordError(Exception):
    """A run folder that cannot be made, read or trusted; the message says what to do."""


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
    def health(self) -> pl.LazyFrame:
        """What the target said of its own health meanwhile; columns as :data:`HEALTH`."""
        return self.table("health", HEALTH)

    @property
    def handling(self) -> pl.LazyFrame:
        """How each fault with a runbook was detected and fixed; columns as :data:`HANDLING`."""
        return self.table("handling", HANDLING)

    @property
    def intrusions(self) -> pl.LazyFrame:
        """Every hostile try; columns as :data:`INTRUSIONS`."""
        return self.table("intrusions", INTRUSIONS)

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
