"""Contacts in the database: accepted once, the last of each record counts."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from simulators.apps.hub.contact import Contact
from simulators.apps.hub.defects import Switches
from simulators.apps.hub.schema import contacts, last
from simulators.apps.serving.refusal import Refusal

FILE = "file"
EVER = 2**31 - 1  # no contact has a higher number


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a contact that was sent.

    Attributes:
        contact: As it is stored.
        new: False if it had been accepted before.
        amends: Whether the record was there before.
    """

    contact: Contact
    new: bool
    amends: bool = False


def accept(connection: Connection, sent: Contact, switches: Switches) -> Accepted:
    """Store a contact, once for each operation.

    Raises:
        Refusal: 409 if the operation key was used for another contact before.
        IntegrityError: The other region stores it at this moment: asking again tells.
    """
    given = {"operation": sent.operation, "record": sent.record}
    known = [contact_of(row) for row in connection.execute(_known, given)]
    beside = switches.duplicate_import and sent.source == FILE
    for stored in known:
        if stored.operation != sent.operation:
            continue
        if (stored.record, stored.version, stored.cells) != (sent.record, sent.version, sent.cells):
            message = "This Idempotency-Key was used for another contact. Take a new one."
            raise Refusal(409, "operation_reused", message)
        if not beside:
            return Accepted(stored, new=False)
    sent = replace(sent, copy=len(known) if beside else 0)
    row = {name: getattr(sent, name) for name in _STORED}
    key = connection.execute(_insert, row | {"merged": False, "amends": bool(known)})
    assert key.inserted_primary_key is not None
    return Accepted(replace(sent, id=key.inserted_primary_key[0]), new=True, amends=bool(known))


def current(connection: Connection, record: str, until: int = EVER) -> Contact | None:
    """The contact that counts for a record, None if there is none.

    Args:
        until: Number of the last contact that there is.
    """
    row = connection.execute(_current, {"record": record, "until": until}).first()
    return None if row is None else contact_of(row)


def newest(connection: Connection) -> int:
    """The number of the last contact that was accepted, 0 before any."""
    return int(connection.execute(select(func.max(contacts.c.id))).scalar() or 0)


def numbered(connection: Connection, number: int) -> Contact | None:
    """A contact by its number, None if there is none."""
    row = connection.execute(_numbered, {"number": number}).first()
    return None if row is None else contact_of(row)


def page(connection: Connection, number: int, size: int) -> tuple[list[Contact], int]:
    """One page of the contacts that count, by record, and how many there are in all.

    Args:
        number: From 1.
        size: Contacts a page.
    """
    total = connection.execute(_count).scalar_one()
    rows = connection.execute(_counting.limit(size).offset((number - 1) * size))
    return [contact_of(row) for row in rows], total


def verify(connection: Connection, record: str) -> bool:
    """Note that headquarters has checked a record; returns whether there is one."""
    return bool(connection.execute(_verify, {"which": record}).rowcount)


def contact_of(row: Row[Any]) -> Contact:
    """A contact from its row."""
    found = row._mapping
    return Contact(**{name: found[name] for name in (*_STORED, "id")})


_STORED = tuple(each.name for each in fields(Contact) if each.name != "id")
_insert = insert(contacts)
_counting = (
    select(contacts).where(contacts.c.id.in_(last)).order_by(contacts.c.record, contacts.c.id)
)
_count = select(func.count()).select_from(last.subquery())
_current = (
    select(contacts)
    .where(contacts.c.record == bindparam("record"), contacts.c.id <= bindparam("until"))
    .order_by(contacts.c.id.desc())
    .limit(1)
)
_numbered = select(contacts).where(contacts.c.id == bindparam("number"))
_known = select(contacts).where(
    (contacts.c.operation == bindparam("operation")) | (contacts.c.record == bindparam("record"))
)
_verify = (
    update(contacts)
    .where(contacts.c.id.in_(last.where(contacts.c.record == bindparam("which"))))
    .values(verified=True)
)
