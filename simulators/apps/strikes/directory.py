"""Precincts with their voters' codes, and who may strike: loaded from files, kept in memory.

Three CSV files, or JSON with the same names and columns:

- people: ``key``, ``role`` (``poll_watcher`` or ``operator``; others are left out), ``name``,
  ``record`` (a watcher's precinct, ``WI-0012``), and their codes: precinct number and PIN of four
  digits each in the columns ``precinct_id`` and ``pin``, or both in ``codes``. Operators sign in
  with ``user``, or ``key`` if that is not given, and ``password``, or their codes after the first
  joined.
- voters: ``precinct`` (its number, ``0012``) and ``code``: one row a voter.
- precincts: ``record``, ``name``, ``county``; ``codes`` where there is no file of voters. A
  precinct's number is the digits at the end of its record.
"""

from __future__ import annotations

import hmac
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from sys import intern
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.roster import codes_of, rows_of, text_of
from simulators.apps.serving.secret import digest
from simulators.apps.strikes.schema import accounts, precincts

ROLES = {"poll_watcher": "watcher", "watcher": "watcher", "operator": "operator"}
FOUR = re.compile(r"[0-9]{4}", re.ASCII)
_CODES = ("precinct_id", "pin", "security_code")
_NUMBER = re.compile(r"[0-9]+$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Precinct:
    """A precinct and the codes of the voters on its list.

    Attributes:
        number: As keyed on a phone, ``0012``.
        record: Its key, ``WI-0012``.
    """

    number: str
    record: str
    name: str
    county: str
    codes: frozenset[str]

    def voter(self, code: str) -> str:
        """The key of one voter, ``WI-0012-4711``."""
        return f"{self.record}-{code}"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may strike; ``digest`` stands for their secret."""

    key: str
    role: str
    name: str
    login: str
    digest: bytes


@dataclass(frozen=True)
class Roster:
    """A roster that was just read."""

    people: list[Account]
    precincts: list[Precinct]


class Directory:
    """The roster in memory, for the look-ups of every request. It is made anew, never changed."""

    def __init__(
        self, secret: str, places: Iterable[Precinct] = (), people: Iterable[Account] = ()
    ) -> None:
        self._secret = secret
        self.precincts = {each.number: each for each in places}
        self.people = {each.key: each for each in people}
        self._by_login: dict[str, list[Account]] = defaultdict(list)
        for account in self.people.values():
            self._by_login[account.login].append(account)

    @classmethod
    def load(cls, connection: Connection, secret: str) -> Directory:
        """Read it from the database."""
        return cls(
            secret,
            [
                _stored(row)
                for row in connection.execute(select(precincts).order_by(precincts.c.number))
            ],
            [Account(*row) for row in connection.execute(select(accounts))],
        )

    def who(self, role: str, login: str, proof: str) -> Account | None:
        """Whose precinct number and PIN, or user name and password, these are."""
        given = digest(self._secret, login, proof)
        found = None
        for account in self._by_login.get(login, ()):
            if account.role == role and hmac.compare_digest(account.digest, given):
                found = account
        return found

    def precinct(self, number: str) -> Precinct:
        """One precinct.

        Raises:
            Refusal: 404 if there is none of that number.
        """
        try:
            return self.precincts[number]
        except KeyError:
            message = f"There is no precinct {number!r} on our lists."
            raise Refusal(404, "no_such_precinct", message) from None


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
    places = {
        each.number: each
        for each in (
            _precinct(row, f"precincts[{at}]") for at, row in enumerate(rows_of(data, "precincts"))
        )
    }
    for number, codes in _voters(rows_of(data, "voters")).items():
        if number not in places:
            message = f"voters: precinct {number!r} is not among the precincts."
            raise Refusal(422, "invalid", message)
        places[number] = replace(places[number], codes=places[number].codes | codes)
    return Roster(people, list(places.values()))


def save(connection: Connection, roster: Roster, secret: str) -> Directory:
    """Add or replace people and precincts; returns the whole directory as it is then."""
    numbers = set(connection.execute(select(precincts.c.number)).scalars())
    new = []
    for each in roster.precincts:
        row = asdict(each) | {"codes": " ".join(sorted(each.codes))}
        if each.number in numbers:
            same = precincts.c.number == each.number
            connection.execute(precincts.update().where(same).values(row))
        else:
            new.append(row)
    if new:
        connection.execute(insert(precincts), new)
    for account in roster.people:
        connection.execute(delete(accounts).where(accounts.c.key == account.key))
    if roster.people:
        connection.execute(insert(accounts), [asdict(each) for each in roster.people])
    return Directory.load(connection, secret)


def _stored(row: Row[Any]) -> Precinct:
    codes = frozenset(map(intern, row.codes.split()))
    return Precinct(row.number, row.record, row.name, row.county, codes)


def _account(row: Mapping[str, Any], place: str, secret: str) -> Account:
    key, role = text_of(row, "key", place), ROLES[text_of(row, "role", place)]
    name, codes = str(row.get("name") or ""), codes_of(row, _CODES)
    if role == "operator":
        login = str(row.get("user") or key)
        proof = str(row.get("password") or "".join(codes[1:]))
        if not proof:
            raise Refusal(422, "invalid", f"{place} ({key}): an operator needs a password.")
    else:
        if len(codes) < 2 or not all(map(FOUR.fullmatch, codes[:2])):
            message = f"{place} ({key}): a watcher needs precinct number and PIN, 4 digits each."
            raise Refusal(422, "invalid", message)
        login, proof = codes[:2]
    return Account(key, role, name, login, digest(secret, login, proof))


def _precinct(row: Mapping[str, Any], place: str) -> Precinct:
    record = text_of(row, "record", place)
    digits = _NUMBER.search(record)
    number = str(row.get("precinct") or (digits.group() if digits else ""))
    if not FOUR.fullmatch(number):
        message = f"{place} ({record}): a record must end in the precinct's number of 4 digits."
        raise Refusal(422, "invalid", message)
    codes = frozenset(map(intern, re.findall(r"\w+", str(row.get("codes") or ""))))
    _require_four(codes, place)
    name, county = str(row.get("name") or record), str(row.get("county") or "")
    return Precinct(number, record, name, county, codes)


def _voters(rows: list[Mapping[str, Any]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for at, row in enumerate(rows):
        place = f"voters[{at}]"
        code = text_of(row, "code", place)
        _require_four({code}, place)
        found[text_of(row, "precinct", place)].add(intern(code))
    return found


def _require_four(codes: Iterable[str], place: str) -> None:
    for code in codes:
        if not FOUR.fullmatch(code):
            raise Refusal(422, "invalid", f"{place}: a voter's code has 4 digits, not {code!r}.")
