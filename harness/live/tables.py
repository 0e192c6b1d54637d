"""Tables of a live drill's database. Events and the audit log are only ever added to."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Integer, MetaData, String, Table, Text

metadata = MetaData()

events = Table(
    "events",
    metadata,
    Column("number", Integer, primary_key=True),  # from 1 without gaps: rows are never deleted
    Column("at", Float, nullable=False),
    Column("what", String, nullable=False),
    Column("volunteer", String, nullable=False, index=True),
    Column("detail", JSON, nullable=False),
)

volunteers = Table(
    "volunteers",
    metadata,
    Column("id", String, primary_key=True),
    Column("token", String, nullable=False, unique=True),
    Column("number", Integer, nullable=False),
    Column("record", String, nullable=False),
    Column("account", String, nullable=False),
    Column("county", String, nullable=False),
    Column("language", String, nullable=False),
    Column("age_band", String, nullable=False),
    Column("device", String, nullable=False),
    Column("training", String, nullable=False),
    Column("insider", Boolean, nullable=False),
    Column("first_time", Boolean, nullable=False),
    Column("source", String, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("password", String, nullable=False),  # scrypt$N$r$p$salt$hash
    Column("made", Float, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String, primary_key=True),  # SHA-256 of the cookie: the file opens no session
    Column("account", String, nullable=False),
    Column("expires", Float, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", JSON, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Float, nullable=False),
    Column("who", String, nullable=False),
    Column("did", String, nullable=False),
    Column("about", Text, nullable=False),
)
