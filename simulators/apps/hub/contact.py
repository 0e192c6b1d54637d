"""A contact as it is sent: who it is about, who says so, and four numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulators.apps.serving.refusal import Refusal

FIELDS = ("support", "turnout", "contacts", "volunteer")
LARGEST = (5, 100, 9, 1)
SOURCES = ("file", "field", "web", "phone")
VERSIONS = 10_000
CUT = 16  # bytes of a name, with the defect truncated_names
# What is known of somebody, and the longest that it may be.
KNOWN_BY = {"voter_id": 40, "phone": 40, "line": 20, "email": 200, "name": 200}

RECORD = re.compile(r"(?P<person>(?P<state>[A-Z]{2})-[0-9]{6})\.(?P<source>[a-z]+)", re.ASCII)
PERSON = re.compile(r"[A-Z]{2}-[0-9]{6}", re.ASCII)
OPERATION = re.compile(r"[\x21-\x7e]{1,120}", re.ASCII)

Cells = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Contact:
    """What one source holds of one person.

    Attributes:
        record: Its key, ``OH-000123.field``.
        person: As the record says; the worker may know better.
        operation: The sender's key: the same whenever this very contact is sent again.
        support, turnout, contacts, volunteer: The cells.
        author: Who sent it; empty for a sign-up.
        received: Unix time in wall seconds.
        verified: Whether headquarters has checked it.
        id: Its number in the database, 0 before it is stored.
        copy: 0; more only where repeats are stored again.
    """

    record: str
    source: str
    state: str
    person: str
    version: int
    operation: str
    support: int
    turnout: int
    contacts: int
    volunteer: int
    name: str
    voter_id: str
    phone: str
    line: str
    email: str
    author: str
    received: float
    verified: bool = False
    id: int = 0
    copy: int = 0

    @property
    def cells(self) -> Cells:
        """The four numbers, in the order of :data:`FIELDS`."""
        return self.support, self.turnout, self.contacts, self.volunteer


def read_contact(
    data: Mapping[str, Any], *, record: str, operation: str, author: str, received: float,
    cut_names: bool = False, believe: bool = False,
) -> Contact:  # fmt: skip
    """A contact from the body of a request.

    Args:
        record: From the path, else from the body.
        operation: From the header, else from the body.
        cut_names: The defect ``truncated_names``.
        believe: Take what the sender says of being verified: the defect ``mass_assignment``.

    Raises:
        Refusal: 422, naming every field that is wrong.
    """
    wrong: dict[str, str] = {}
    found = RECORD.fullmatch(record)
    if found is None or found["source"] not in SOURCES:
        wrong["record"] = "record must be a key as OH-000123.field: state, number, source."
    elif data.get("source", found["source"]) != found["source"]:
        wrong["source"] = f"source must be {found['source']}, as the record says."
    if not OPERATION.fullmatch(operation):
        wrong["operation"] = "Send an Idempotency-Key of 1 to 120 printable characters."
    version = data.get("version", 1)
    if not _whole(version, 1, VERSIONS):
        wrong["version"] = f"version must be a whole number from 1 to {VERSIONS}."
    cells = _cells(data.get("cells"), wrong)
    known = _known_by(data.get("person"), wrong)
    if wrong or found is None:
        raise Refusal(422, "invalid", " ".join(wrong.values()), fields=wrong)
    if cut_names:
        known["name"] = known["name"].encode()[:CUT].decode("utf-8", "replace")
    return Contact(
        record, found["source"], found["state"], found["person"], version, operation, *cells,
        name=known["name"], voter_id=known["voter_id"], phone=known["phone"], line=known["line"],
        email=known["email"], author=author, received=received,
        verified=believe and data.get("verified") is True,
    )  # fmt: skip


def _whole(given: object, least: int, most: int) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and least <= given <= most


def _cells(given: object, wrong: dict[str, str]) -> Cells:
    if not isinstance(given, Mapping):
        wrong["cells"] = f"cells must be an object with {', '.join(FIELDS)}."
        return 0, 0, 0, 0
    for name, largest in zip(FIELDS, LARGEST, strict=True):
        if not _whole(given.get(name), 0, largest):
            wrong[name] = f"{name} must be a whole number from 0 to {largest}."
    support, turnout, contacts, volunteer = (given.get(name, 0) for name in FIELDS)
    return support, turnout, contacts, volunteer


def _known_by(given: object, wrong: dict[str, str]) -> dict[str, str]:
    if not isinstance(given, Mapping):
        wrong["person"] = "person must be an object that says who it is: voter_id, phone, email."
        return dict.fromkeys(KNOWN_BY, "")
    found = {}
    for name, longest in KNOWN_BY.items():
        value = given.get(name) or ""
        if not isinstance(value, str) or len(value) > longest or not is_plain(value):
            wrong[name] = f"{name} must be a text of at most {longest} characters, on one line."
            value = ""
        found[name] = value
    return found


def is_plain(text: str) -> bool:
    """Whether a text has no control characters, and none that is half of one."""
    return not any(unicodedata.category(each) in ("Cc", "Cs") for each in text)
