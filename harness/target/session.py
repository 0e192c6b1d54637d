"""What one person's device holds: who they are, their cookies, what signing in gave them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from harness.target.jar import Jar
from simulators.people.person import Person


class Session:
    """One person at one target; nobody else shares its cookies or captures.

    Attributes:
        facts: Everything that templates call ``person.*``.
        found: Captures of signing in.
        head: Header lines that prove who it is, each with CRLF.
        query: The part of a query that proves who it is, empty for most targets.
        kept: What steps that are asked once captured, by operation key and step.
        signed_in_at: Monotonic wall seconds, None if not signed in, endless if it stays out.
    """

    __slots__ = (
        "codes",
        "facts",
        "found",
        "head",
        "jar",
        "kept",
        "person",
        "query",
        "role",
        "signed_in_at",
    )

    def __init__(self, person: Person, facts: Mapping[str, Any]) -> None:
        self.person = person
        self.role = person.role
        self.facts = facts
        self.codes = person.codes
        self.found: dict[str, Any] = {}
        self.kept: dict[tuple[str, object], dict[str, Any]] = {}
        self.jar = Jar()
        self.head = b""
        self.query = ""
        self.signed_in_at: float | None = None

    def forget(self) -> None:
        """Sign out on this side: cookies, captures and credentials are gone."""
        self.jar.clear()
        self.found = {}
        self.head, self.query, self.signed_in_at = b"", "", None

    def stay_out(self) -> None:
        """Never sign in by itself any more, whatever the app says: it sends what it holds."""
        self.signed_in_at = math.inf

    @property
    def stays_out(self) -> bool:
        """Whether it was told to."""
        return self.signed_in_at == math.inf
