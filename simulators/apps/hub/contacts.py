"""Contacts in the database: accepted once, the last of each record counts."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from simulators.apps.hub.contact import Contact
from simulators.apps.hub.defects import Switches
from simulators.apps.hub.schema import contacts
from simulators.apps.serving.refusal import Refusal

FILE = "file"


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
        IntegrityError: The other region stored it, or one of the same record, at this moment:
            asking again tells.
    """
    beside = switches.duplicate_import and sent.source == FILE
    known = connection.execute(_by_operation, {"operation": sent.operation}).all()
    if known:
        stored = contact_of(known[0])
        if (stored.record, stored.version, stored.cells) != (sent.record, sent.version, sent.cells):
            message = "This Idempotency-Key was used for another contact. Take a new one."
            raise Refusal(409, "operation_reused", message)
        if not beside:
            return Accepted(stored, new=False)
    if beside:
        copies = connection.execute(_copies, {"record": sent.record}).scalar_one()
        return _store(connection, replace(sent, copy=copies), amends=bool(copies))
    retired = connection.execute(_retire, {"which": sent.record}).rowcount
    return _store(connection, sent, amends=bool(retired))


def _store(connection: Connection, sent: Contact, *, amends: bool) -> Accepted:
    row = {name: getattr(sent, name) for name in _STORED}
    row |= {"counts": True, "merged": False, "amends": amends}
    key = connection.execute(_insert, row).inserted_primary_key
    assert key is not None
    return Accepted(replace(sent, id=key[0]), new=True, amends=amends)


def current(connection: Connection, record: str) -> Contact | None:
    """The contact that counts for a record, None if there is none."""
    row = connection.execute(_current, {"record": record}).first()
    return None if row is None else contact_of(row)


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
_counting = select(contacts).where(contacts.c.counts).order_by(contacts.c.record, contacts.c.id)
_count = select(func.count()).select_from(contacts).where(contacts.c.counts)
_current = (
    select(contacts)
    .where(contacts.c.record == bindparam("record"), contacts.c.counts)
    .order_by(contacts.c.id.desc())
    .limit(1)
)
_numbered = select(contacts).where(contacts.c.id == bindparam("number"))
_by_operation = (
    select(contacts).where(contacts.c.operation == bindparam("operation")).order_by(contacts.c.copy)
)
_copies = select(func.count()).select_from(contacts).where(contacts.c.record == bindparam("record"))
_retire = (
    update(contacts)
    .where(contacts.c.record == bindparam("which"), contacts.c.counts)
    .values(counts=False)
)
_verify = (
    update(contacts)
    .where(contacts.c.record == bindparam("which"), contacts.c.counts)
    .values(verified=True)
)
