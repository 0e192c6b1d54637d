"""Single numbers that all parts of the app share through the database."""

from __future__ import annotations

from sqlalchemy import Connection, select, text

from simulators.apps.hub.schema import facts

OPENED, BEAT = "opened", "beat"


def first(connection: Connection, name: str, value: float) -> float:
    """A number that is set once: what was set first."""
    connection.execute(_first, {"name": name, "value": value})
    return read(connection, name)


def put(connection: Connection, name: str, value: float) -> None:
    """A number that is set again and again."""
    connection.execute(_put, {"name": name, "value": value})


def read(connection: Connection, name: str) -> float:
    """A number, 0 if it was never set."""
    found = connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar()
    return float(found or 0.0)


_first = text("INSERT INTO facts (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING")
_put = text(
    "INSERT INTO facts (name, value) VALUES (:name, :value) "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
