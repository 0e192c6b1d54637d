"""Sessions that were ended before their time, kept so that a restart brings none of them back."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from simulators.apps.reporting.schema import signed_out
from simulators.apps.reporting.sessions import Session


def keep(connection: Connection, session: Session, now: float) -> None:
    """Remember that a session was ended, and forget those whose time is over anyway."""
    connection.execute(delete(signed_out).where(signed_out.c.expires < now))
    known = select(signed_out.c.id).where(signed_out.c.id == session.id)
    if connection.execute(known).first() is None:
        connection.execute(insert(signed_out), {"id": session.id, "expires": session.expires})


def everything(connection: Connection) -> list[Session]:
    """All that are remembered."""
    return [
        Session("", "", "", row.expires, row.id) for row in connection.execute(select(signed_out))
    ]
