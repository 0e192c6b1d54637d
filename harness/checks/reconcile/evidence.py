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

from harness.checks.reconcile import register, wire
from harness.record import VOTERS, RunFolder

ROW_MODES = ("set", "keyed", "state")
SHOWN = ("key", "record", "stored_id", "values_hash", "number", "derived")


def said_hash() -> pl.Expr:
    """One hash a row, over everything a reader shows of it.

    It is hashed again at the end: were it a plain sum, two rows that swapped a column would
    still have the same sum.
    """
    parts = [pl.col(name).hash() * (2 * place + 1) for place, name in enumerate(SHOWN)]
    return pl.sum_horizontal(parts).hash()


@dataclass(frozen=True)
class Reader:
    """One of the target's readers, with how it is reconciled."""

    name: str
    mode: str


@dataclass(eq=False)
class Evidence(RunFolder):
    """A run folder with what several checks need, each part made when first asked for."""

    __hash__ = object.__hash__  # what is kept about it elsewhere is kept for this very object

    @cached_property
    def lists_codes(self) -> bool:
        """Whether a record is a code on a list, and the truth has the lists."""
        if not (self.path / "truth" / f"{VOTERS}.parquet").is_file():
            return False
        return "code" in self.table(f"truth/{VOTERS}").collect_schema()

    # -- what was sent ------------------------------------------------------------------------

    @cached_property
    def sent(self) -> register.Sent:
        """Every report sent, and every attempt at those that were attempted again.

        What a phone line made of a report was sent as well: it may be there.
        """
        return wire.with_garbled(register.sent(self.history), self.garbled)

    @cached_property
    def garbled(self) -> pl.DataFrame:
        """Codes that came to the app as others than were keyed; see :func:`wire.garbled`."""
        return wire.garbled(self.history, self.calls, self.webhooks)

    @property
    def operations(self) -> pl.DataFrame:
        """One row a report sent, whatever its attempts; see :class:`register.Sent`."""
        return self.sent.operations

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
            .collect(engine="streaming")
        )
        kinds: dict[str, dict[str, int]] = {}
        for kind, outcome, count in table.iter_rows():
            kinds.setdefault(kind, {})[outcome] = count
        return kinds

    @property
    def nothing_sent(self) -> bool:
        """Whether the run has no record of anything that was sent, as in a live drill."""
        if not (self.path / "history.parquet").is_file():
            return True
        return bool(self.history.select(pl.len()).collect().item() == 0)

    # -- what the target says -----------------------------------------------------------------

    @cached_property
    def _readings(self) -> pl.DataFrame:
        """Every reading that gave rows: how many, and the first and last of its rows."""
        return (
            self.readback.select("source", "mode", "round")
            .with_row_index("at")
            .group_by("source", "mode", "round")
            .agg(pl.len(), first=pl.col("at").min(), last=pl.col("at").max())
            .with_columns(pl.col("source", "mode", "round").cast(pl.String))
            .sort("source", "first")
            .collect(engine="streaming")
        )

    @cached_property
    def counts(self) -> dict[tuple[str, str], int]:
        """Rows that were read, by reader and round."""
        rows = self._readings.group_by("source", "round").agg(pl.col("len").sum()).iter_rows()
        return {(source, round_): count for source, round_, count in rows}

    @cached_property
    def readers(self) -> list[Reader]:
        """The target's readers, as its description and the read-back name them."""
        declared = {
            each["name"]: Reader(each["name"], each["mode"])
            for each in (self.target.get("readers") or [])
        }
        for source, mode in self._readings.select("source", "mode").iter_rows():
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
        """The same, with ``at``: its place in the whole table.

        A reading is usually one stretch of the table, and the rest of it is then not touched.
        """
        mine = self._readings.filter(pl.col("source") == reader, pl.col("round") == round_).select(
            pl.col("len").sum(), pl.col("first").min(), pl.col("last").max()
        )
        count, first, last = mine.row(0)
        start, length = (first, last - first + 1) if count else (0, 0)
        stretch = self.readback.slice(start, length).with_row_index("at", offset=start)
        if length > count:
            stretch = stretch.filter(pl.col("source") == reader, pl.col("round") == round_)
        return stretch.filter(~pl.col("key").fill_null("").str.starts_with(register.PREFLIGHT))

    def steady(self, reader: str) -> bool:
        """Whether the reader said the very same when it was read twice after the drill.

        Sums of hashes wrap, and still tell: equal readings, the usual case, need no more.
        """
        sums = [self._sum(reader, round_) for round_ in ("settled", "again")]
        return sums[0] == sums[1]

    def _sum(self, reader: str, round_: str) -> tuple[int, int]:
        """How many rows a reading gave, and the sum of their hashes."""
        if (reader, round_) not in self.sums:
            said = self.read(reader, round_).select(said=said_hash())
            sums = said.select(pl.len(), pl.col("said").sum()).collect(engine="streaming")
            self.sums[reader, round_] = sums.row(0)
        return self.sums[reader, round_]

    @cached_property
    def sums(self) -> dict[tuple[str, str], tuple[int, int]]:
        """The sums that are known, by reader and round; whoever reads one anyway adds to them."""
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
