"""People as they are shown: the merged view, one at a time or all of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, func, select

from simulators.apps.hub.merging import View, holdings, merged
from simulators.apps.hub.schema import contacts, people


def person(connection: Connection, key: str) -> View | None:
    """One person's view, None if nobody has the key.

    What no worker has come to yet is merged for this look alone, so whoever writes reads what
    they wrote.
    """
    # In this order: what is merged between the two statements is seen by the second.
    if connection.execute(_waits, {"key": key}).scalar_one():
        held = holdings(connection, [key])[key]
        return merged(key, held) if held else None
    row = connection.execute(_one, {"key": key}).first()
    return None if row is None else _view(row)


def page(connection: Connection, number: int, size: int) -> tuple[list[View], int]:
    """One page of all people by key, and how many there are.

    Args:
        number: From 1.
        size: People a page.
    """
    total = connection.execute(_count).scalar_one()
    rows = connection.execute(_shown.limit(size).offset((number - 1) * size))
    return [_view(row) for row in rows], total


def everybody(connection: Connection) -> list[View]:
    """All of them, by key."""
    return [_view(row) for row in connection.execute(_shown)]


def waiting_since(connection: Connection) -> float | None:
    """When the oldest contact came that no worker has merged; None if all are."""
    found: float | None = connection.execute(_oldest).scalar()
    return found


def _view(row: Row[Any]) -> View:
    return View(**row._mapping)


_shown = select(people).where(people.c.sources > 0).order_by(people.c.key)
_count = select(func.count()).select_from(people).where(people.c.sources > 0)
_one = select(people).where(people.c.key == bindparam("key"), people.c.sources > 0)
_waits = select(exists().where(contacts.c.person == bindparam("key"), ~contacts.c.merged))
_oldest = select(func.min(contacts.c.received)).where(~contacts.c.merged)
