"""A database server that is away: how that is told from other errors, and what is answered.

Whoever writes is told the truth: a certain no while nothing reached the server, and doubt where
the connection was lost during a commit, which may or may not be kept.
"""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from simulators.apps.serving.refusal import Refusal

# SQLSTATE classes of PostgreSQL: no connection; the server is stopping, starting or recovering.
_AWAY = ("08", "57P")
_AGAIN = 1.0  # wall seconds until it is worth trying again


def is_away(error: BaseException) -> bool:
    """Whether an error says that there is no server to talk to, rather than what it thinks.

    SQLite has no server that could be away.
    """
    if not isinstance(error, DBAPIError) or "sqlite" in type(error.orig).__module__:
        return False
    if error.connection_invalidated:
        return True
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    code = getattr(error.orig, "sqlstate", None)
    return code is None or code.startswith(_AWAY)  # a connection that never was has no code


def refused_for(error: BaseException) -> Refusal:
    """A certain no: nothing was read or written."""
    message = "The database is away, and nothing was stored. Please try again in a moment."
    refusal = Refusal(503, "database_away", message, retry_after=_AGAIN)
    refusal.__cause__ = error
    return refusal


def in_doubt() -> Refusal:
    """Nobody knows whether it is stored; asking again with the same key is safe, and tells."""
    message = (
        "The database went away while this was being stored, so it may or may not be there. "
        "Please send it again."
    )
    return Refusal(500, "in_doubt", message, retry_after=_AGAIN)
