"""Reports: accepting them once, keeping every version, reading them back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from simulators.apps.reporting.defects import Switches
from simulators.apps.reporting.form import Cells
from simulators.apps.reporting.language import say
from simulators.apps.reporting.schema import reports
from simulators.apps.serving.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Report:
    """One version of one precinct's report.

    Attributes:
        operation: The sender's key: the same whenever this very report is sent again.
        cells: In the order of the form.
        author, role: Who sent it.
        received: Unix time in wall seconds.
        id: Its number in the database, 0 before it is stored.
        copy: 0; more only where repeats are stored again.
    """

    record: str
    version: int
    operation: str
    cells: Cells
    author: str
    role: str
    received: float
    id: int = 0
    copy: int = 0


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a report that was sent.

    Attributes:
        report: As it is stored.
        new: False if it had been accepted before.
    """

    report: Report
    new: bool


def accept(connection: Connection, sent: Report, switches: Switches) -> Accepted:
    """Store a report, once for each operation; the latest accepted version counts.

    Raises:
        Refusal: 409 if the operation key was used for another report before.
    """
    if switches.last_cell_dropped:
        sent = replace(sent, cells=_without_last(sent.cells))
    known = connection.execute(_by_operation, {"operation": sent.operation}).all()
    if known:
        stored = _report(known[0])
        if (stored.record, stored.version, stored.cells) != (sent.record, sent.version, sent.cells):
            raise Refusal(409, "operation_reused", say("refused.operation_reused"))
        if not switches.no_idempotency:
            return Accepted(stored, new=False)
    sent = replace(sent, copy=len(known))
    if not sent.copy:
        connection.execute(_retire, {"which": sent.record})
    return _store(connection, sent)


def add(connection: Connection, sent: Report) -> Accepted:
    """Store a report beside those of its precinct, to be counted as well."""
    return _store(connection, replace(sent, copy=len(history(connection, sent.record))))


def put_back(connection: Connection, read: Report) -> Accepted:
    """Write a report back as it was read before, whatever came since: the defect lost_update."""
    connection.execute(_retire, {"which": read.record})
    connection.execute(_count_again, {"number": read.id})
    return Accepted(read, new=True)


def _store(connection: Connection, sent: Report) -> Accepted:
    row = {name: getattr(sent, name) for name in _STORED} | {"counts": True}
    key = connection.execute(_insert, row).inserted_primary_key
    assert key is not None
    return Accepted(replace(sent, id=key[0]), new=True)


def current(connection: Connection, record: str) -> Report | None:
    """The report that counts for a precinct, None if it has none."""
    row = connection.execute(_current, {"record": record}).first()
    return None if row is None else _report(row)


def history(connection: Connection, record: str) -> list[Report]:
    """Every version accepted for a precinct, oldest first."""
    return [_report(row) for row in connection.execute(_history, {"record": record})]


def page(connection: Connection, number: int, size: int) -> tuple[list[Report], int]:
    """One page of the reports that count, by precinct, and how many there are in all.

    Args:
        number: From 1.
        size: Reports a page.
    """
    total = connection.execute(_count).scalar_one()
    rows = connection.execute(_counting.limit(size).offset((number - 1) * size))
    return [_report(row) for row in rows], total


def day(connection: Connection, number: int, size: int, length: float) -> tuple[list[Report], int]:
    """A page of the reports that count of one day, which ends so long after its first report.

    Args:
        length: Wall seconds.
    """
    first = connection.execute(_first).scalar_one()
    before = reports.c.received < (first or 0.0) + length
    total = connection.execute(_count.where(before)).scalar_one()
    rows = connection.execute(_counting.where(before).limit(size).offset((number - 1) * size))
    return [_report(row) for row in rows], total


def everything(connection: Connection) -> Iterator[Report]:
    """Every version of every report, in order of acceptance."""
    for row in connection.execute(select(reports).order_by(reports.c.id)):
        yield _report(row)


def numbered(connection: Connection, number: int) -> Report | None:
    """The report of a number, whether it counts or not; None if there is none."""
    row = connection.execute(_numbered, {"number": number}).first()
    return None if row is None else _report(row)


def _report(row: Row[Any]) -> Report:
    return Report(
        row.record, row.version, row.operation, tuple(row.cells), row.author, row.role,
        row.received, row.id, row.copy,
    )  # fmt: skip


def _without_last(cells: Cells) -> Cells:
    """The cells with the last one that is filled in left at 0."""
    filled = [index for index, cell in enumerate(cells) if cell]
    return tuple(0 if index == max(filled, default=-1) else n for index, n in enumerate(cells))


_STORED = ("record", "version", "operation", "copy", "cells", "author", "role", "received")
_insert = insert(reports)
_retire = (
    update(reports)
    .where(reports.c.record == bindparam("which"), reports.c.counts)
    .values(counts=False)
)
_count_again = update(reports).where(reports.c.id == bindparam("number")).values(counts=True)
_first = select(func.min(reports.c.received))
_by_operation = (
    select(reports).where(reports.c.operation == bindparam("operation")).order_by(reports.c.copy)
)
_numbered = select(reports).where(reports.c.id == bindparam("number"))
_history = select(reports).where(reports.c.record == bindparam("record")).order_by(reports.c.id)
_counting = select(reports).where(reports.c.counts).order_by(reports.c.record, reports.c.id)
_current = (
    select(reports)
    .where(reports.c.record == bindparam("record"), reports.c.counts)
    .order_by(reports.c.id.desc())
    .limit(1)
)
_count = select(func.count()).select_from(reports).where(reports.c.counts)
