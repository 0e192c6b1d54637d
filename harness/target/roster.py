"""People as a target knows them: attributes of the synthetic person, roster columns, patterns."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path
from typing import Any

from harness.document import Document
from harness.target.access import no_operation
from harness.target.errors import TargetError
from harness.target.model import People
from harness.target.scope import Scope
from harness.target.session import Session
from harness.target.template import Leaf, Templates
from simulators.people.person import Person

ATTRIBUTES = tuple(each.name for each in dataclasses.fields(Person))


def read_roster(name: str, folder: Path, document: Document) -> dict[str, dict[str, str]]:
    """The rows of a roster by their ``key``.

    Raises:
        TargetError: If it cannot be read or has no column ``key``.
    """
    try:
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if "key" not in (reader.fieldnames or ()):
                raise TargetError(
                    f"{name}:1: a roster needs a column key; found {reader.fieldnames or 'nothing'}"
                )
            return {row["key"]: row for row in reader}
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "not text in UTF-8"
        message = f"{name}: cannot be read: {said}"
        raise TargetError(document.problem(("person", "roster"), message)) from None


class Cast:
    """Makes the facts that templates call ``person.*``.

    Args:
        people: The description's ``person`` section.
        folder: Where its roster is.
    """

    def __init__(self, people: People, folder: Path, document: Document) -> None:
        self.people = people
        self.rows: dict[str, dict[str, str]] = {}
        if people.roster is not None:
            self.rows = read_roster(people.roster, folder, document)
        self._patterns: list[tuple[str, Leaf]] = []
        self._of_role: dict[str, list[tuple[str, Leaf]]] = {}

    def known(self) -> frozenset[str]:
        """Every name that may follow ``person.``."""
        columns = next(iter(self.rows.values()), {})
        names = {*ATTRIBUTES, "account", *columns, *self.people.fields}
        for role in self.people.roles.values():
            names |= set(role.fields)
        return frozenset(names)

    def compile(self, templates: Templates) -> None:
        """Compile the patterns.

        Raises:
            TargetError: If one of them is wrong.
        """
        nothing: frozenset[str] = frozenset()
        self._patterns = [
            (name, templates.text(text, ("person", "fields", name), nothing))
            for name, text in self.people.fields.items()
        ]
        for role, its in self.people.roles.items():
            at = ("person", "roles", role, "fields")
            self._of_role[role] = [
                (name, templates.text(text, (*at, name), nothing))
                for name, text in its.fields.items()
            ]

    def account(self, person: Person) -> str:
        """The key of the account a person uses: their own, or the role's shared one."""
        role = self.people.roles.get(person.role)
        return person.role if role is not None and role.account == "shared" else person.key

    def session(self, person: Person) -> Session:
        """A new session and its facts: patterns may build on attributes, columns, each other."""
        facts: dict[str, Any] = {name: getattr(person, name) for name in ATTRIBUTES}
        facts["codes"] = list(person.codes)
        facts["account"] = self.account(person)
        facts.update(person.fields)
        facts.update(self.rows.get(facts["account"], {}))
        session = Session(person, facts)
        scope = Scope(no_operation(person), session, {})
        for name, leaf in (*self._patterns, *self._of_role.get(person.role, ())):
            facts[name] = leaf.get(scope)
        return session
