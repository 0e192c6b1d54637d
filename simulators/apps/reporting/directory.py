"""Who may sign in, and which sites report: the roster, loaded from files and kept in memory.

A roster is JSON, ``{"people": [...], "precincts": [...]}``, or two CSV files, ``people.csv`` and
``precincts.csv``, with the same names as columns:

- people: ``key``, ``role`` (``chair`` or ``operator``; others are left out), ``name``,
  ``record`` (chairs), ``codes`` (precinct ID, PIN, security code; in CSV with marks between
  them), or the columns ``precinct_id``, ``pin`` and ``security_code``. Operators sign in with
  ``user``, or ``key`` if that is not given, and ``password``, or PIN and security code joined.
- precincts: ``record``, ``name``, ``county``, ``kind``, ``delegates``, ``sde_per_delegate``,
  ``pool``.
"""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from simulators.apps.reporting.codes import CodeRoom
from simulators.apps.reporting.language import say
from simulators.apps.reporting.schema import accounts, precincts
from simulators.apps.reporting.site import Site
from simulators.apps.serving.refusal import Refusal

CODES = ("precinct_id", "pin", "security_code")
ROLES = ("chair", "operator")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in; ``digest`` stands for their secret codes."""

    key: str
    role: str
    name: str
    record: str
    login: str
    salt: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person of a roster that was just read, with their secret codes as given."""

    key: str
    role: str
    name: str
    record: str
    login: str
    secret: tuple[str, ...]


class Directory:
    """The roster in memory, for the lookups of every request."""

    def __init__(self, sites: Iterable[Site] = (), people: Iterable[Account] = ()) -> None:
        self.sites = {site.record: site for site in sites}
        self.by_login = {account.login: account for account in people}
        self.by_key = {account.key: account for account in self.by_login.values()}

    @classmethod
    def load(cls, connection: Connection) -> Directory:
        """Read it from the database."""
        return cls(
            [Site(*row) for row in connection.execute(_all_precincts)],
            [Account(*row) for row in connection.execute(select(accounts))],
        )

    def site(self, record: str) -> Site:
        """One site.

        Raises:
            Refusal: 404 if there is none of that name.
        """
        try:
            return self.sites[record]
        except KeyError:
            said = say("refused.no_such_precinct", record=record)
            raise Refusal(404, "no_such_precinct", said) from None

    def county_of(self, account: Account | None) -> str:
        """The county of a chair's precinct, empty for everybody else."""
        site = self.sites.get(account.record) if account else None
        return site.county if site else ""


def read_roster(data: Mapping[str, Any]) -> tuple[list[Newcomer], list[Site]]:
    """Read a roster's people and precincts.

    Raises:
        Refusal: 422, naming the row that is wrong and what it lacks.
    """
    people = [
        _newcomer(row, index)
        for index, row in enumerate(_rows(data, "people"))
        if row.get("role") in ROLES
    ]
    sites = [_site(row, index) for index, row in enumerate(_rows(data, "precincts"))]
    for name in ("login", "key"):
        seen: set[str] = set()
        for person in people:
            value = getattr(person, name)
            if value in seen:
                raise Refusal(
                    422, "invalid", f"people: two people have the same {name}, {value!r}."
                )
            seen.add(value)
    return people, sites


def read_csv(text: str) -> list[dict[str, str]]:
    """Rows of a CSV file with a header line."""
    return list(csv.DictReader(io.StringIO(text)))


async def enrol(newcomers: Iterable[Newcomer], room: CodeRoom) -> list[Account]:
    """Turn people of a roster into accounts, without their codes."""

    async def account(person: Newcomer) -> Account:
        salt, stored = await room.store(person.secret)
        return Account(
            person.key, person.role, person.name, person.record, person.login, salt, stored
        )

    return await asyncio.gather(*map(account, newcomers))


def save(connection: Connection, people: list[Account], sites: list[Site]) -> Directory:
    """Add or replace people and sites; returns the whole directory as it is then."""
    known = set(connection.execute(select(precincts.c.record)).scalars())
    for site in sites:
        if site.record in known:
            row = precincts.c.record == site.record
            connection.execute(precincts.update().where(row).values(_row(site)))
    if new := [_row(site) for site in sites if site.record not in known]:
        connection.execute(insert(precincts), new)
    for account in people:
        same = (accounts.c.key == account.key) | (accounts.c.login == account.login)
        connection.execute(delete(accounts).where(same))
    if people:
        connection.execute(insert(accounts), [asdict(account) for account in people])
    return Directory.load(connection)


def _row(site: Site) -> dict[str, Any]:
    return asdict(site)


def _rows(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = data.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise Refusal(422, "invalid", f"{name}: must be a list of objects.")
    return rows


def _newcomer(row: Mapping[str, Any], index: int) -> Newcomer:
    place = f"people[{index}]"
    key, role = _text(row, "key", place), _text(row, "role", place)
    name = str(row.get("name") or "")
    codes = _codes(row)
    if role == "operator":
        password = str(row.get("password") or "".join(codes[1:]))
        if not password:
            raise Refusal(422, "invalid", f"{place} ({key}): an operator needs a password.")
        return Newcomer(key, role, name, "", str(row.get("user") or key), (password,))
    if len(codes) != 3 or not all(part.isascii() and part.isdigit() for part in codes):
        raise Refusal(
            422,
            "invalid",
            f"{place} ({key}): a chair needs three codes of digits only: precinct ID, PIN, "
            "security code.",
        )
    return Newcomer(key, role, name, _text(row, "record", place), codes[0], codes[1:])


def _codes(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes of a row: a list, a text with marks between them, or columns of their own."""
    found = row.get("codes")
    if isinstance(found, str):
        found = re.findall(r"\w+", found)
    return tuple(str(each) for each in found or map(row.get, CODES) if each)


def _site(row: Mapping[str, Any], index: int) -> Site:
    place = f"precincts[{index}]"
    record = _text(row, "record", place)
    try:
        return Site(
            record,
            str(row.get("name") or record),
            str(row.get("county") or ""),
            str(row.get("kind") or "precinct"),
            int(row.get("delegates") or 0),
            float(row.get("sde_per_delegate") or 0),
            str(row.get("pool") or ""),
        )
    except ValueError as error:
        raise Refusal(422, "invalid", f"{place} ({record}): {error}.") from error


def _text(row: Mapping[str, Any], name: str, place: str) -> str:
    value = str(row.get(name) or "").strip()
    if not value:
        raise Refusal(422, "invalid", f"{place}: {name} is missing.")
    return value


_all_precincts = select(precincts).order_by(precincts.c.record)
