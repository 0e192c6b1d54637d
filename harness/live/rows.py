"""Rows of a live drill's database: what they are in memory, and how they are read and written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from harness.live import tables
from harness.live.model import Event, Happening, Role, Volunteer

KNOWN = {"age_band": "", "device": "", "training": "", "first_time": True}
"""What is left of a volunteer who had their data deleted, in place of what was known of them."""

_FORGET_ANSWERS = (
    update(tables.events)
    .where(
        tables.events.c.volunteer == bindparam("who"),
        tables.events.c.what == Happening.SURVEYED.value,
    )
    .values(detail={})
)
_FORGET_PERSON = (
    update(tables.volunteers).where(tables.volunteers.c.id == bindparam("who")).values(**KNOWN)
)
_IS_ERASED = select(tables.events.c.number).where(
    tables.events.c.volunteer == bindparam("who"),
    tables.events.c.what == Happening.ERASED.value,
)


@dataclass(frozen=True)
class Account:
    """Somebody who signs in to the drill's own pages.

    Attributes:
        password: As ``harness.live.accounts`` stores it; never the password itself.
    """

    name: str
    role: Role
    password: str
    made: float = 0.0


@dataclass(frozen=True)
class Session:
    """A sign-in that lasts.

    Attributes:
        digest: SHA-256 of what the cookie says.
        expires: In Unix seconds.
    """

    digest: str
    account: str
    expires: float


@dataclass(frozen=True)
class Deed:
    """One line of the audit log: who of the staff did what, and when."""

    at: float
    who: str
    did: str
    about: str = ""
    number: int = 0


@dataclass(frozen=True)
class Setting:
    """Something that the organizer chose: plain JSON."""

    name: str
    value: Any


@dataclass(frozen=True)
class Gone:
    """Something that is no longer kept."""

    session: str = ""
    account: str = ""


def forget(connection: Connection, ids: Iterable[str]) -> None:
    """Delete what volunteers wrote and what is known of them."""
    for each in ids:
        connection.execute(_FORGET_ANSWERS, {"who": each})
        connection.execute(_FORGET_PERSON, {"who": each})


def add_events(connection: Connection, events: Iterable[Event]) -> list[Any]:
    """Insert events; each is numbered by the database, which leaves no gap when it rolls back.

    Answers that were on their way while their volunteer's data was deleted stay empty.
    """
    added: list[Any] = []
    for each in events:
        if each.what is Happening.SURVEYED and _is_erased(connection, each.volunteer):
            each = replace(each, detail={})
        row = {"at": each.at, "what": each.what.value, "volunteer": each.volunteer,
               "detail": each.detail}  # fmt: skip
        key = connection.execute(insert(tables.events), row).inserted_primary_key
        assert key is not None
        added.append(replace(each, number=int(key[0])))
    return added


def _is_erased(connection: Connection, volunteer: str) -> bool:
    return connection.execute(_IS_ERASED, {"who": volunteer}).first() is not None


def add_deed(connection: Connection, deed: Deed) -> Deed:
    """Add a line to the audit log; it is numbered by the database."""
    row = {"at": deed.at, "who": deed.who, "did": deed.did, "about": deed.about}
    key = connection.execute(insert(tables.audit), row).inserted_primary_key
    assert key is not None
    return replace(deed, number=int(key[0]))


def events_after(connection: Connection, after: int) -> list[Event]:
    """Events with a number above ``after``, in their order."""
    table = tables.events
    rows = connection.execute(select(table).where(table.c.number > after).order_by(table.c.number))
    return [_event(row) for row in rows.mappings()]


def _event(row: RowMapping) -> Event:
    what = Happening(row["what"])
    return Event(row["at"], what, row["volunteer"], row["detail"], row["number"])


def everything(connection: Connection) -> list[Any]:
    """All that a drill is made of, people before what happened to them."""
    people = connection.execute(select(tables.volunteers).order_by(tables.volunteers.c.number))
    staff = connection.execute(select(tables.accounts)).mappings()
    kept = connection.execute(select(tables.settings)).mappings()
    return [
        *(Volunteer(**row) for row in people.mappings()),
        *(Account(**{**row, "role": Role(row["role"])}) for row in staff),
        *(Session(**row) for row in connection.execute(select(tables.sessions)).mappings()),
        *(Setting(**row) for row in kept),
        *(
            Deed(**row)
            for row in connection.execute(
                select(tables.audit).order_by(tables.audit.c.number)
            ).mappings()
        ),
        *events_after(connection, 0),
    ]
