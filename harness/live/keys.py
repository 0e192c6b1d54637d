"""The organizer's password: from the environment, or drawn and told once."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from harness.live.orders import PASSWORD


@contextmanager
def organizer_password(database: Path, given: str = "") -> Iterator[str]:
    """The organizer's password in the environment of what is started in the block.

    Args:
        database: Of the drill; where nobody could sign in yet and none is given, one is drawn.
        given: The password that the environment had. It is taken out of it at the start, so that
            no other process is handed it.

    Yields:
        What to tell of it: a drawn one is told once and kept nowhere.
    """
    if not given and _has_accounts(database):
        yield f", with the password of the first start (or set {PASSWORD})"
        return
    os.environ[PASSWORD] = given or secrets.token_urlsafe(12)
    try:
        yield f", with the password {f'in {PASSWORD}' if given else os.environ[PASSWORD]}"
    finally:
        os.environ.pop(PASSWORD, None)


def _has_accounts(database: Path) -> bool:
    """Whether somebody could sign in before."""
    with closing(sqlite3.connect(database)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM accounts").fetchone()
    return bool(count)
