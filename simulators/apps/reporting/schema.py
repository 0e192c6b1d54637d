"""The tables. Reports are only ever added; which one counts is a flag on each."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

metadata = MetaData()

settings = Table(
    "settings",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
)

precincts = Table(
    "precincts",
    metadata,
    Column("record", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("county", String(100), nullable=False),
    Column("kind", String(20), nullable=False),  # precinct or satellite
    Column("delegates", Integer, nullable=False),  # county delegates it elects
    Column("sde_per_delegate", Float, nullable=False),
    Column("pool", String(40), nullable=False),  # the satellites' pool, else empty
)

accounts = Table(
    "accounts",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("role", String(20), nullable=False),  # chair or operator
    Column("name", String(200), nullable=False),
    Column("record", String(40), nullable=False),  # a chair's precinct, else empty
    Column("login", String(80), nullable=False, unique=True),  # precinct ID, or user name
    Column("salt", LargeBinary(16), nullable=False),
    Column("digest", LargeBinary(64), nullable=False),  # scrypt of PIN and security code
)

reports = Table(
    "reports",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("record", String(40), ForeignKey("precincts.record"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("operation", String(120), nullable=False),
    Column("copy", Integer, nullable=False),  # 0; more only where repeats are stored again
    Column("cells", JSON, nullable=False),  # 43 whole numbers in the order of the form
    Column("author", String(80), nullable=False),
    Column("role", String(20), nullable=False),
    Column("received", Float, nullable=False),  # Unix time, wall seconds
    Column("counts", Boolean, nullable=False),  # whether it is the one that counts
    UniqueConstraint("operation", "copy"),
    Index("reports_by_record", "record", "id"),
)

signed_out = Table(
    "signed_out",
    metadata,
    Column("id", String(40), primary_key=True),  # of a session
    Column("expires", Float, nullable=False),  # Unix time, wall seconds
)

verified = Table(
    "verified",
    metadata,
    Column("report", Integer, ForeignKey("reports.id"), primary_key=True),
    Column("by", String(80), nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("account", String(80), primary_key=True),
    Column("record", String(40), primary_key=True),
    Column("typed", JSON, nullable=False),  # texts by the names of the form's boxes
    Column("operation", String(120), nullable=False),
    Column("version", String(20), nullable=False),
    Column("kept", Float, nullable=False),  # Unix time, wall seconds
)

photos = Table(
    "photos",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("record", String(40), ForeignKey("precincts.record"), nullable=False),
    Column("operation", String(120), nullable=False, unique=True),
    Column("author", String(80), nullable=False),
    Column("kind", String(40), nullable=False),  # image/jpeg, image/png
    Column("sha256", String(64), nullable=False),
    Column("image", LargeBinary, nullable=False),
    Column("received", Float, nullable=False),
)
