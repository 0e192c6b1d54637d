"""The evidence of one run, prepared once for all checks.

``Evidence`` is a run folder that also keeps what several checks need: every report sent as one
row an operation, who may have had the last word on each record, and what each reader says.
Strings are hashed while a folder is read, so that ten million operations fit in memory; the
strings of offenders alone are looked up again, as witnesses.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from harness.checks.reconcile import register
from harness.record import RunFolder

ROW_MODES = ("set", "keyed", "state")
SHOWN = ("key", "record", "stored_id", "values_hash", "number", "derived")


@dataclass(frozen=True)
class Reader:
    """One of the target's readers, with how it is reconciled."""

    name: str
    mode: str


@dataclass(eq=False)
class Evidence(RunFolder):
    """A run folder with what several checks need, each part made when first asked for."""

    __hash__ = object.__hash__  # what is kept about it elsewhere is kept for this very object

    # -- what was sent ------------------------------------------------------------------------

    @cached_property
    def operations(self) -> pl.DataFrame:
        """One row a report sent, whatever its attempts; see :func:`register.operations`."""
        return register.operations(self.history)

    @cached_property
    def records(self) -> pl.DataFrame:
        """One row a record that anybody sent a report for; see :func:`register.records`."""
        return register.records(self.operations)

    @cached_property
    def judged(self) -> pl.DataFrame:
        """The operations, each with what it would mean to find it; see :func:`register.judge`."""
        return register.judge(self.operations, self.records)

    @cached_property
    def contested(self) -> pl.DataFrame:
        """The same, only of records with several reports."""
        return register.judge(self.operations.filter("several"), self.records)

    @cached_property
    def acknowledged(self) -> int:
        """Reports that the target said yes to."""
        return int(self.operations["acked"].sum())

    @cached_property
    def kinds(self) -> dict[str, dict[str, int]]:
        """Attempts by kind and outcome, preflight left out; a lost answer counts as unknown."""
        table = (
            self.history.filter(~register.is_preflight())
            .group_by(
                pl.col("kind").cast(pl.String),
                pl.col("outcome").cast(pl.String).fill_null("unknown"),
            )
            .len()
            .collect()
        )
        kinds: dict[str, dict[str, int]] = {}
        for kind, outcome, count in table.iter_rows():
            kinds.setdefault(kind, {})[outcome] = count
        return kinds

    # -- what the target says -----------------------------------------------------------------

    @cached_property
    def counts(self) -> dict[tuple[str, str], int]:
        """Rows that were read, by reader and round."""
        said = [pl.col(name).cast(pl.String) for name in ("source", "round")]
        table = self.readback.select(said).group_by("source", "round").len()
        rows = table.collect(engine="streaming").iter_rows()
        return {(source, round_): count for source, round_, count in rows}

    @cached_property
    def readers(self) -> list[Reader]:
        """The target's readers, as its description and the read-back name them."""
        declared = {
            each["name"]: Reader(each["name"], each["mode"])
            for each in (self.target.get("readers") or [])
        }
        found = (
            self.readback.select(pl.col("source", "mode").cast(pl.String))
            .unique()
            .sort("source")
            .collect()
        )
        for source, mode in found.iter_rows():
            declared.setdefault(source, Reader(source, mode))
        return list(declared.values())

    @cached_property
    def rounds(self) -> set[str]:
        """Which rounds of reading there were over all readers.

        An app that holds nothing gives no rows, so ``run.json`` may say it under ``rounds``.
        """
        if "rounds" in self.info:
            return set(self.info["rounds"])
        return {round_ for _, round_ in self.counts}

    @property
    def last_round(self) -> str:
        """The read that is reconciled: the second one after the drill, if there were two."""
        return "again" if "again" in self.rounds else "settled"

    def read(self, reader: str, round_: str) -> pl.LazyFrame:
        """What one reader said in one round, without the rows of preflight probes."""
        return self.placed(reader, round_).drop("at")

    def placed(self, reader: str, round_: str) -> pl.LazyFrame:
        """The same, with ``at``: its place in the whole table."""
        return self.readback.with_row_index("at").filter(
            pl.col("source").cast(pl.String) == reader,
            pl.col("round").cast(pl.String) == round_,
            ~pl.col("key").fill_null("").str.starts_with(register.PREFLIGHT),
        )

    def steady(self, reader: str) -> bool:
        """Whether the reader said the very same when it was read twice after the drill.

        Sums of hashes wrap, and still tell: equal readings, the usual case, need no more.
        """
        if reader not in self._sums:
            hashes = [pl.col(name).hash(seed) for seed, name in enumerate(SHOWN)]
            said = pl.sum_horizontal(hashes)
            self._sums[reader] = [
                self.read(reader, round_)
                .select(said=said)
                .select(pl.len(), pl.col("said").sum())
                .collect(engine="streaming")
                .row(0)
                for round_ in ("settled", "again")
            ]
        first, second = self._sums[reader]
        return bool(first == second)

    @cached_property
    def _sums(self) -> dict[str, list[tuple[int, int]]]:
        return {}

    def unread(self, reader: str) -> str | None:
        """Why a reader's silence says nothing, or None if it was read after the drill."""
        for each in self.info.get("unread") or []:
            if each.get("reader") == reader:
                return f"{reader} could not be read: {each.get('why', 'no reason given')}."
        read = (self.path / "readback.parquet").is_file()
        if not read or ("rounds" in self.info and not self.rounds & {"settled", "again"}):
            return "The target was not read after the drill."
        return None

    # -- what run.json says ---------------------------------------------------------------------

    @property
    def target(self) -> dict[str, Any]:
        """The target's summary."""
        return self.info.get("target") or {}

    @property
    def offered(self) -> list[str]:
        """Operation kinds that the target lists."""
        return [str(each) for each in self.target.get("operations") or ()]

    @property
    def not_drilled(self) -> list[str]:
        """Operation kinds that the target lists and this machine could not drive."""
        return [str(each) for each in self.target.get("not_drilled") or ()]

    @property
    def ledger_gap(self) -> str | None:
        """What the ledger lacks, None if it is complete."""
        ledger = self.info.get("ledger") or {}
        if ledger.get("complete", False):
            return None
        problems = ledger.get("problems") or ["no reason given"]
        return f"The ledger is incomplete: {'; '.join(str(each) for each in problems)}."
