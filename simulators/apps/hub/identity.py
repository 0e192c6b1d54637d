"""Who is whom: four sources know the same person by different things.

A voter ID is believed; a telephone with its line, and an e-mail address, only together with the
name, since households share them. Names are compared as text, not as bytes, without regard to
case and to how accents are put together.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, select, text

from simulators.apps.hub.contact import Contact
from simulators.apps.hub.schema import identifiers


def known_by(contact: Contact, *, name_only: bool = False) -> list[str]:
    """What a person is known by, the most trusted first.

    Args:
        name_only: The defect ``merge_by_name``.
    """
    if name_only:
        return [f"name {contact.state} {_short(contact.name)}"]
    found, name = [], _as_compared(contact.name)
    if contact.voter_id:
        found.append(f"voter {contact.voter_id.upper()}")
    if contact.phone and contact.line:
        number = "".join(filter(str.isdigit, contact.phone))
        found.append(f"phone {contact.state} {number} {contact.line} {name}")
    if contact.email:
        found.append(f"email {contact.email.casefold()} {name}")
    return found


def persons_of(
    connection: Connection, wanted: Iterable[Contact], *, name_only: bool = False
) -> dict[int, str]:
    """The person of each contact, by the contact's number; who is new is remembered.

    Whoever is known by nothing yet is the person that the record is named after.
    """
    found: dict[int, str] = {}
    given = [(contact, known_by(contact, name_only=name_only)) for contact in wanted]
    known = look_up(connection, {value for _, values in given for value in values})
    new: dict[str, str] = {}
    for contact, values in given:
        persons = [known[value] for value in values if value in known]
        person = persons[0] if persons else contact.person
        found[contact.id] = person
        for value in values:
            if value not in known:
                known[value] = new[value] = person
    remember(connection, new)
    return found


def look_up(connection: Connection, values: Collection[str]) -> dict[str, str]:
    """Persons by what they are known by; what nobody is known by is left out."""
    if not values:
        return {}
    wanted = select(identifiers).where(identifiers.c.value.in_(values))
    return {row.value: row.person for row in connection.execute(wanted)}


def remember(connection: Connection, new: Mapping[str, str]) -> None:
    """Note what people are known by; who said so first is believed."""
    if new:
        rows = [{"value": value, "person": person} for value, person in sorted(new.items())]
        connection.execute(_remember, rows)


def _as_compared(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _short(name: str) -> str:
    """Last name and first letter, without accents."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    words = "".join(each for each in plain if not unicodedata.combining(each)).split()
    return f"{words[-1]} {words[0][:1]}" if words else ""


_remember = text(
    "INSERT INTO identifiers (value, person) VALUES (:value, :person) ON CONFLICT DO NOTHING"
)
