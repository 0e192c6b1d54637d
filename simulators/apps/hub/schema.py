"""The tables. Contacts are only ever added; the one of a record with the highest number counts.

Nothing is changed when a contact is corrected, so two regions that correct the same records at
once never wait for each other.

Times are Unix times in wall seconds.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
)

metadata = MetaData()

accounts = Table(
    "accounts",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("role", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("state", String(2), nullable=False),  # empty: headquarters
    Column("digest", LargeBinary(32), nullable=False),  # of user name and password
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("record", String(40), nullable=False),  # OH-000123.field
    Column("source", String(10), nullable=False),
    Column("state", String(2), nullable=False),
    Column("person", String(40), nullable=False),  # as the record says, or as the worker found
    Column("version", Integer, nullable=False),
    Column("operation", String(120), nullable=False),
    Column("copy", Integer, nullable=False),  # 0; more only where one is stored again
    Column("support", Integer, nullable=False),
    Column("turnout", Integer, nullable=False),
    Column("contacts", Integer, nullable=False),
    Column("volunteer", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("voter_id", String(40), nullable=False),  # these four are empty where not given
    Column("phone", String(40), nullable=False),
    Column("line", String(20), nullable=False),
    Column("email", String(200), nullable=False),
    Column("author", String(80), nullable=False),
    Column("received", Float, nullable=False),
    Column("amends", Boolean, nullable=False),  # whether the record was there before
    Column("merged", Boolean, nullable=False),  # whether its person shows it
    Column("verified", Boolean, nullable=False),  # headquarters has checked it
    UniqueConstraint("operation", "copy"),
)
Index("contacts_record", contacts.c.record, contacts.c.copy, contacts.c.id)
Index("contacts_person", contacts.c.person)
Index(
    "contacts_to_merge",
    contacts.c.id,
    sqlite_where=~contacts.c.merged,
    postgresql_where=~contacts.c.merged,
)

last = select(func.max(contacts.c.id)).group_by(contacts.c.record, contacts.c.copy)
"""Numbers of the contacts that count."""

people = Table(
    "people",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("state", String(2), nullable=False),
    Column("name", Text, nullable=False),
    Column("support", Integer, nullable=False),
    Column("turnout", Integer, nullable=False),
    Column("contacts", Integer, nullable=False),
    Column("volunteer", Integer, nullable=False),
    Column("sources", Integer, nullable=False),  # 0 before the first merge
)

identifiers = Table(
    "identifiers",
    metadata,
    Column("value", String(400), primary_key=True),  # kind, and what is known
    Column("person", String(40), nullable=False),
)

signed_out = Table(
    "signed_out",
    metadata,
    Column("mark", String(64), primary_key=True),  # what is left of a token
    Column("until", Float, nullable=False),
)

facts = Table(
    "facts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Float, nullable=False),
)
