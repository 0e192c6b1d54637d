"""Who may sign in, and the voter file that people are known from: loaded from two CSV files.

- people: ``key``, ``role`` (canvasser, phone_banker, clerk or organizer; others are left out),
  ``name``, ``state`` (or a ``record`` that begins with it; neither: headquarters, which has every
  state), and a ``password``, or codes that are it when joined.
- voters: ``person`` (``OH-000123``), ``voter_id``, ``phone``, ``line``, ``email``, ``name``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from simulators.apps.hub.contact import KNOWN_BY, PERSON, Contact, is_plain
from simulators.apps.hub.identity import known_by, remember
from simulators.apps.hub.schema import accounts, identifiers
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.roster import codes_of, rows_of, text_of
from simulators.apps.serving.secret import digest

ROLES = {"canvasser": "field", "phone_banker": "phone", "clerk": "file", "organizer": ""}
"""Which source's contacts each role brings."""

_STATE = re.compile(r"[A-Z]{2}(?![A-Za-z])", re.ASCII)
_CODES = ("precinct_id", "pin", "security_code")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in; ``digest`` stands for their password."""

    key: str
    role: str
    name: str
    state: str
    digest: bytes


@dataclass(frozen=True)
class Roster:
    """A roster that was just read: accounts, and the persons that identifiers stand for."""

    people: list[Account]
    known: dict[str, str]


def read_roster(data: Mapping[str, Any], secret: str) -> Roster:
    """Read a roster.

    Raises:
        Refusal: 422, naming the row that is wrong and what it lacks.
    """
    people = [
        _account(row, f"people[{at}]", secret)
        for at, row in enumerate(rows_of(data, "people"))
        if row.get("role") in ROLES
    ]
    known: dict[str, str] = {}
    for at, row in enumerate(rows_of(data, "voters")):
        voter = _voter(row, f"voters[{at}]")
        for value in known_by(voter):
            known.setdefault(value, voter.person)
    return Roster(people, known)


def save(connection: Connection, roster: Roster) -> None:
    """Add or replace accounts, and add what people are known by."""
    if roster.people:
        connection.execute(_forget, [{"which": each.key} for each in roster.people])
        connection.execute(insert(accounts), [asdict(each) for each in roster.people])
    remember(connection, roster.known)


def count(connection: Connection) -> dict[str, int]:
    """How many accounts there are, in all and of each role, and things people are known by."""
    by_role = select(accounts.c.role, func.count()).group_by(accounts.c.role)
    found = {row[0]: row[1] for row in connection.execute(by_role)}
    known = connection.execute(select(func.count()).select_from(identifiers)).scalar_one()
    return {"people": sum(found.values()), "identifiers": known, **found}


def account(connection: Connection, user: str) -> Account | None:
    """The account of a user name, None if there is none."""
    row = connection.execute(_account_of, {"user": user}).first()
    return None if row is None else Account(**row._mapping)


def _account(row: Mapping[str, Any], place: str, secret: str) -> Account:
    key = text_of(row, "key", place)
    more = sorted(name for name in row if str(name).startswith("code_"))
    password = str(row.get("password") or "".join(codes_of(row, (*_CODES, *more))))
    if not password:
        raise Refusal(422, "invalid", f"{place} ({key}): needs a password, or codes.")
    given = str(row.get("state") or row.get("record") or "")
    state = _STATE.match(given)
    if given and state is None:
        message = f"{place} ({key}): {given!r} begins with no state; give two capital letters."
        raise Refusal(422, "invalid", message)
    return Account(
        key,
        str(row["role"]),
        str(row.get("name") or ""),
        state.group() if state else "",
        digest(secret, key, password),
    )


def _voter(row: Mapping[str, Any], place: str) -> Contact:
    person = text_of(row, "person", place)
    if not PERSON.fullmatch(person):
        message = f"{place}: person must be a key as OH-000123, not {person!r}."
        raise Refusal(422, "invalid", message)
    known = {name: str(row.get(name) or "") for name in KNOWN_BY}
    for name, longest in KNOWN_BY.items():
        if len(known[name]) > longest or not is_plain(known[name]):
            message = f"{place}: {name} must be a text of at most {longest} characters."
            raise Refusal(422, "invalid", message)
    return Contact(
        f"{person}.file", "file", person[:2], person, 1, "", 0, 0, 0, 0,
        name=known["name"], voter_id=known["voter_id"], phone=known["phone"], line=known["line"],
        email=known["email"], author="", received=0.0,
    )  # fmt: skip


_forget = delete(accounts).where(accounts.c.key == bindparam("which"))
_account_of = select(accounts).where(accounts.c.key == bindparam("user"))
