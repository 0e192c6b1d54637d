"""Reports that the back office has held against the signed worksheet."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from simulators.apps.reporting.schema import verified


def mark(connection: Connection, report: int, by: str) -> int:
    """Say that a report is as its worksheet; returns its number."""
    known = select(verified.c.report).where(verified.c.report == report)
    if connection.execute(known).first() is None:
        connection.execute(insert(verified), {"report": report, "by": by})
    return report


def everything(connection: Connection) -> set[int]:
    """The numbers of all of them."""
    return set(connection.execute(select(verified.c.report)).scalars())
