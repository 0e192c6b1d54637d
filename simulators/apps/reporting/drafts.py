"""Drafts: what somebody typed and sent when their session had run out.

A phone call, a queue at the door: who comes back after hours must not type forty numbers again.
A draft is kept for the account that the run-out session proves, shown to that account alone once
it has signed in again, and forgotten when the report is sent or its owner signs out.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from simulators.apps.reporting.schema import drafts

KEPT = 24 * 3600.0  # drill seconds
KEPT_AT_LEAST = 3600.0  # wall seconds: in a fast drill a day is over before anybody is back
LONGEST = 20  # characters of one box


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as it was typed.

    Attributes:
        typed: Texts by the names of the boxes.
        operation, version: As the form had them, so that a report which was accepted before,
            and whose answer was lost, is known again.
        kept: Unix time in wall seconds.
    """

    account: str
    record: str
    typed: dict[str, str]
    operation: str
    version: str
    kept: float


def keep(connection: Connection, draft: Draft, since: float) -> None:
    """Keep a draft in place of the one before; forget everybody's that are older than ``since``."""
    same = (drafts.c.account == draft.account) & (drafts.c.record == draft.record)
    connection.execute(delete(drafts).where(same | (drafts.c.kept < since)))
    connection.execute(insert(drafts), [asdict(draft)])


def find(connection: Connection, account: str, record: str = "") -> Draft | None:
    """The latest draft of an account, of one site or of any."""
    row = connection.execute(
        select(drafts).where(_of(account, record)).order_by(drafts.c.kept.desc()).limit(1)
    ).first()
    return None if row is None else Draft(*row)


def drop(connection: Connection, account: str, record: str = "") -> None:
    """Forget an account's drafts, of one site or of all."""
    connection.execute(delete(drafts).where(_of(account, record)))


def _of(account: str, record: str) -> ColumnElement[bool]:
    mine = drafts.c.account == account
    return mine & (drafts.c.record == record) if record else mine
