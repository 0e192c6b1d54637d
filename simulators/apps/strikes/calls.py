"""Calls in progress: what the app knows of each, kept in the database under its CallSid."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, bindparam, insert, select, update

from simulators.apps.strikes.schema import calls


@dataclass(frozen=True, slots=True)
class Call:
    """One call to the menu.

    Attributes:
        key: What it is known by: the carrier's CallSid.
        precinct: The precinct's number as keyed, empty before.
        watcher: Whose PIN was right, empty before.
        silences: Prompts in a row that nobody answered.
        wrong: Wrong precinct numbers and PINs of this call.
        began, ended: Unix time in wall seconds.
    """

    key: str
    caller: str
    line: str
    precinct: str = ""
    watcher: str = ""
    silences: int = 0
    wrong: int = 0
    began: float = 0.0
    ended: float | None = None


def find(connection: Connection, key: str) -> Call | None:
    """A call, None if the app knows none of that name."""
    row = connection.execute(_by_key, {"key": key}).first()
    return None if row is None else Call(*row)


def begin(connection: Connection, call: Call) -> Call:
    """Know a call from now on; one that is known stays as it is."""
    known = find(connection, call.key)
    if known is None:
        connection.execute(_insert, asdict(call))
    return known or call


def keep(connection: Connection, call: Call) -> None:
    """Store what has changed in a call."""
    row = asdict(call)
    connection.execute(_update, row | {"which": row.pop("key")})


_by_key = select(calls).where(calls.c.key == bindparam("key"))
_insert = insert(calls)
_update = (
    update(calls)
    .where(calls.c.key == bindparam("which"))
    .values({each.name: bindparam(each.name) for each in calls.c if each.name != "key"})
)
