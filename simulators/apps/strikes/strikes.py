"""Strikes: who has voted and need not be visited. Stored once a voter, whoever reports it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from simulators.apps.strikes.schema import strikes


@dataclass(frozen=True, slots=True)
class Strike:
    """One report that one voter has voted.

    Attributes:
        channel: ``voice``, ``sms`` or ``web``.
        author: The account that sent it.
        sid: The carrier's name of the call or text, empty on the web.
        received: Unix time in wall seconds.
    """

    precinct: str
    code: str
    channel: str
    author: str
    sid: str
    received: float


def accept(connection: Connection, sent: Strike, *, again: bool) -> bool:
    """Store a strike; returns whether it is new.

    Args:
        again: Store one that is known again, as the defect ``code_twice`` does.
    """
    same = (strikes.c.precinct == sent.precinct) & (strikes.c.code == sent.code)
    copies = connection.execute(select(func.count()).select_from(strikes).where(same)).scalar_one()
    if not copies or again:
        connection.execute(insert(strikes), asdict(sent) | {"copy": copies})
    return not copies


def forget(connection: Connection, precinct: str, code: str, sid: str) -> None:
    """Take back what one call brought: the defect ``retry_loses_digits``."""
    same = (strikes.c.precinct == precinct) & (strikes.c.code == code) & (strikes.c.sid == sid)
    connection.execute(strikes.delete().where(same))


def brought(connection: Connection, sid: str) -> int:
    """How many voters one call or text has struck."""
    codes = select(func.count(strikes.c.code.distinct())).where(strikes.c.sid == sid)
    return connection.execute(codes).scalar_one()


def page(connection: Connection, number: int, size: int) -> tuple[list[Row[Any]], int]:
    """One page of all strikes in order of arrival, and how many there are.

    Args:
        number: From 1.
        size: Strikes a page.
    """
    total = connection.execute(select(func.count()).select_from(strikes)).scalar_one()
    wanted = select(strikes).order_by(strikes.c.id).limit(size).offset((number - 1) * size)
    return list(connection.execute(wanted)), total


def struck(connection: Connection, numbers: Collection[str]) -> dict[str, set[str]]:
    """The codes that are struck in each of these precincts."""
    found: dict[str, set[str]] = {number: set() for number in numbers}
    wanted = select(strikes.c.precinct, strikes.c.code).where(strikes.c.precinct.in_(numbers))
    for number, code in connection.execute(wanted):
        found[number].add(code)
    return found


def totals(connection: Connection) -> dict[str, int]:
    """How many are struck in each precinct that has any."""
    counted = select(strikes.c.precinct, func.count()).group_by(strikes.c.precinct)
    return {row[0]: row[1] for row in connection.execute(counted)}
