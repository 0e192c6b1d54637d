"""Reading back: what the target says it holds, as one table.

Every reader of the description becomes rows of :data:`harness.record.READBACK`. The reader is
never the person who wrote, and after the drill it waits until nothing changes any more.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
import polars as pl

from harness.record import READBACK, values_hash
from harness.target.adapter import Adapter
from harness.target.blocking import Driver
from harness.target.errors import ReadBackError, TargetError
from harness.target.json_path import MISSING
from harness.target.model import Reader
from harness.target.reading import HttpReading, file_rows, sql_rows
from harness.target.rows import Find, Row, compile_cells, compile_place, field
from harness.target.target import Target

ROUNDS = ("baseline", "settled", "again")
_RAW = 4096  # characters of a row kept as evidence


@dataclass(frozen=True)
class Clock:
    """Wall time, and a way to let it pass; tests hand in their own."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def read_back(
    target: Target,
    round: str,  # noqa: A002 - the column's name
    fields: Sequence[str] = (),
    *,
    only: Iterable[str] | None = None,
    clock: Clock | None = None,
) -> pl.DataFrame:
    """Everything the target says it holds, by every reader.

    Args:
        round: ``baseline`` (before), ``settled`` (waits until nothing changes) or ``again``.
        fields: Names of a report's cells, in the order of ``values``.
        only: Names of readers, if not all.

    Returns:
        Rows with the schema :data:`harness.record.READBACK`.

    Raises:
        ReadBackError: If a reader cannot read everything: nothing can be said of it then.
    """
    if round not in ROUNDS:
        raise ValueError(f"round={round!r}, but it is one of {', '.join(ROUNDS)}.")
    names = list(target.readers) if only is None else list(only)
    with Driver(target) as driver:
        frames = [
            _Reading(target, name, tuple(fields or target.run.fields), driver).frame(
                round, clock or Clock()
            )
            for name in names
        ]
    return pl.concat(frames) if frames else pl.DataFrame(schema=READBACK)


class _Reading:
    """One reader at work."""

    def __init__(self, target: Target, name: str, fields: tuple[str, ...], driver: Driver) -> None:
        self.target, self.name, self.driver = target, name, driver
        self.reader: Reader = target.readers[name]
        self.mapping = Mapping(target, name, self.reader, fields)
        self._http = None
        if self.reader.request is not None:
            self._http = HttpReading(target, name, self.reader)

    def rows(self) -> list[Row]:
        """Every row, now."""
        if isinstance(self.target, Adapter):
            found = self.target.read(self.name)
            if found is not None:
                return list(found)
        if self._http is not None:
            return self.driver.drive(self._http.rows())
        if self.reader.sql is not None:
            return sql_rows(self.target, self.name, self.reader)
        return file_rows(self.target, self.name, self.reader)

    def settled_rows(self, clock: Clock) -> list[Row]:
        """Every row, once nothing has changed for as long as the description says."""
        settle = self.reader.settle
        deadline = clock.now() + settle.max_s
        digest = self._digest(self.rows())
        while True:
            clock.sleep(settle.quiet_s)
            again = self.rows()
            now = self._digest(again)
            if now == digest:
                return again
            if clock.now() >= deadline:
                raise ReadBackError(
                    f"read_back.{self.name}: still changing after {settle.max_s:g} s (settle.max_s)"
                )
            digest = now

    def _digest(self, rows: list[Row]) -> int:
        """Of what the rows say in our terms: a page may also tell when it was made."""
        found = [replace(each, raw="") for each in self.mapping.records(rows)]
        if all(each == _NOTHING for each in found):  # only the page itself can tell, then
            return hash(orjson.dumps(rows, default=str, option=orjson.OPT_NON_STR_KEYS))
        return hash(orjson.dumps(found))

    def frame(self, round: str, clock: Clock) -> pl.DataFrame:  # noqa: A002 - the column's name
        """The rows as a table."""
        rows = self.settled_rows(clock) if round == "settled" else self.rows()
        found = self.mapping.records(rows)
        table = pl.DataFrame(
            {
                "key": [each.key for each in found],
                "record": [each.record for each in found],
                "values": [each.values for each in found],
                "number": [each.number for each in found],
                "derived": [each.derived for each in found],
                "stored_id": [each.stored_id for each in found],
                "raw": [each.raw for each in found],
            },
            schema={
                name: READBACK[name]
                for name in ("key", "record", "values", "number", "derived", "stored_id", "raw")
            },
        )
        return table.with_columns(
            source=pl.lit(self.name, dtype=READBACK["source"]),
            mode=pl.lit(self.reader.mode, dtype=READBACK["mode"]),
            round=pl.lit(round, dtype=READBACK["round"]),
            values_hash=values_hash(pl.col("values")),
        ).select(list(READBACK))


@dataclass(frozen=True)
class Record:
    """One row of the target's, in our terms."""

    key: str | None
    record: str | None
    values: list[int | None] | None
    number: float | None
    derived: str | None
    stored_id: str | None
    raw: str
    channel: str | None = None


_NOTHING = Record(None, None, None, None, None, None, "")


class Mapping:
    """Maps a reader's rows to our terms."""

    def __init__(self, target: Target, name: str, reader: Reader, fields: tuple[str, ...]) -> None:
        self.reader, self.name, self.target = reader, name, target
        try:
            self._key = None if reader.key is None else compile_place(reader.key)
            self._record = None if reader.record is None else compile_place(reader.record)
            self._stored = None if reader.stored_id is None else compile_place(reader.stored_id)
            self._channel = None if reader.channel is None else compile_place(reader.channel)
            self._number = None if reader.number is None else compile_place(reader.number)
            self._cells = compile_cells(reader.fields, fields)
            self._keep_if = [(field(path), value) for path, value in reader.keep_if.items()]
            self._derived = {n: compile_place(place) for n, place in reader.derived.items()}
        except ValueError as error:
            problem = target.document.problem(("read_back", name), str(error))
            raise TargetError(problem) from None

    def records(self, rows: list[Row]) -> list[Record]:
        """All rows in our terms; counted ones as one record or one a parent."""
        kept = [row for row in rows if self._keeps(row)]
        mode = self.reader.mode
        if mode == "count" and self._number is None:
            return [Record(None, None, None, float(len(kept)), None, None, "")]
        if mode == "children" and self._number is None:
            counted = Counter((self._text(self._key, r), self._text(self._record, r)) for r in kept)
            return [
                Record(key, record, None, float(count), None, None, "")
                for (key, record), count in counted.items()
            ]
        return [self._one(row) for row in kept]

    def _keeps(self, row: Row) -> bool:
        return all(find(row) == value for find, value in self._keep_if)

    def _one(self, row: Row) -> Record:
        number = None
        if self._number is not None:
            value = self._number(row)
            try:
                number = float(str(value).replace(",", ""))
            except ValueError:
                message = f"read_back.{self.name}: number: found {str(value)[:40]!r}, not a number"
                raise ReadBackError(message) from None
        return Record(
            self._text(self._key, row),
            self._text(self._record, row),
            self._cells(row),
            number,
            self._numbers(row),
            self._text(self._stored, row),
            _raw(row),
            self._text(self._channel, row),
        )

    @staticmethod
    def _text(find: Find | None, row: Row) -> str | None:
        value = MISSING if find is None else find(row)
        return None if value is MISSING or value is None or value == "" else str(value)

    def _numbers(self, row: Row) -> str | None:
        if not self._derived:
            return None
        found: dict[str, Any] = {}
        for name, find in self._derived.items():
            value = find(row)
            if name == "from" and isinstance(value, dict):
                found.update({key: _number(inner) for key, inner in value.items()})
            elif value is not MISSING:
                found[name] = _said(value)
        return orjson.dumps(found).decode()


def _said(value: Any) -> float | str | None:
    """A number where it is one; else the text as it stands, such as a name."""
    if isinstance(value, bool):
        return float(value)
    number = _number(value)
    return value if number is None and isinstance(value, str) else number


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(str(value).strip().replace(",", ""))
    except ValueError:
        return None


def _raw(row: Row) -> str:
    return orjson.dumps(row, default=str, option=orjson.OPT_NON_STR_KEYS).decode()[:_RAW]
