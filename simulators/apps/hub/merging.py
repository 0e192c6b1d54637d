"""Merging: what a person's sources hold becomes one view of the person.

The rule is a function of the contacts that count and of nothing else, so a merge may be done
twice, late, or by another worker, and comes out the same.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, text, update

from simulators.apps.hub.contact import Cells, Contact
from simulators.apps.hub.contacts import contact_of
from simulators.apps.hub.defects import Switches
from simulators.apps.hub.identity import persons_of
from simulators.apps.hub.schema import contacts, people

TRUSTED = ("field", "phone", "web", "file")  # whose word on support counts, most trusted first
NAMES = ("file", "field", "phone", "web")  # whose spelling of a name is shown
AT_ONCE = 100  # contacts in one merge at most
OLD = 5.0  # wall seconds that a copy is worked on, with the defect lost_update

Held = tuple[str, Cells, str]
"""What one source holds: source, cells, name."""


@dataclass(frozen=True, slots=True)
class View:
    """One person, merged."""

    key: str
    state: str
    name: str
    support: int
    turnout: int
    contacts: int
    volunteer: int
    sources: int


def merged(key: str, held: Iterable[Held]) -> View:
    """The view of a person from what is held of them.

    Example:
        >>> merged("OH-000001", [("file", (0, 71, 0, 0), "Ann"), ("phone", (4, 0, 2, 0), "A.")])
        View(key='OH-000001', state='OH', name='Ann', support=4, turnout=71, contacts=2, \
volunteer=0, sources=2)
    """
    by_source: dict[str, Held] = {}
    reached = volunteer = 0
    for each in held:
        source, cells, _ = each
        by_source[source] = each
        reached += cells[2]
        volunteer = max(volunteer, cells[3])
    support = [by_source[each][1][0] for each in TRUSTED if each in by_source]
    return View(
        key,
        key[:2],
        next((by_source[each][2] for each in NAMES if each in by_source), ""),
        next((each for each in support if each), 0),
        by_source["file"][1][1] if "file" in by_source else 0,
        reached,
        volunteer,
        len(by_source),
    )


def holdings(connection: Connection, keys: Sequence[str]) -> dict[str, list[Held]]:
    """What counts of these people, person by person."""
    counts: dict[tuple[str, int], tuple[str, Held]] = {}
    for record, copy, person, source, *cells, name in connection.execute(_of, {"keys": keys}):
        support, turnout, reached, volunteer = cells
        counts[record, copy] = person, (source, (support, turnout, reached, volunteer), name)
    held: dict[str, list[Held]] = defaultdict(list)
    for person, each in counts.values():
        held[person].append(each)
    return held


class Merger:
    """Does merges; made once in each process that does any."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._copies: dict[str, tuple[float, list[Held]]] = {}

    def merge(self, connection: Connection, *, only: Sequence[int] = ()) -> int:
        """Merge contacts that are not merged yet; returns how many there were.

        Args:
            only: Numbers of contacts, where they are known; else any, the oldest first.
        """
        wanted = _waiting.where(contacts.c.id.in_(only)) if only else _waiting
        found = [contact_of(row) for row in connection.execute(wanted)]
        if not found:
            return 0
        persons = persons_of(connection, found, name_only=self._switches.merge_by_name)
        keys = sorted({*persons.values(), *(each.person for each in found)})
        # From here on this worker alone has these people, until its commit: the first statement
        # takes the lock of SQLite, the second those of PostgreSQL, in one order for everybody.
        connection.execute(_begin, [{"key": key, "state": key[:2]} for key in keys])
        connection.execute(_lock, {"keys": keys})
        connection.execute(
            _settle, [{"which": each.id, "whose": persons[each.id]} for each in found]
        )
        held = self._held(connection, keys, found, persons)
        views = [merged(key, held[key]) for key in keys]
        connection.execute(
            _write, [{"which": view.key, **{n: getattr(view, n) for n in _SHOWN}} for view in views]
        )
        return len(found)

    def _held(
        self, connection: Connection, keys: list[str], new: list[Contact], persons: dict[int, str]
    ) -> dict[str, list[Held]]:
        held = holdings(connection, keys)
        if self._switches.lost_update:
            return self._from_copies(held, new, persons)
        return held

    def _from_copies(
        self, held: dict[str, list[Held]], new: list[Contact], persons: dict[int, str]
    ) -> dict[str, list[Held]]:
        """What was held when the copy was made, and of what came since only the last."""
        now, found = time.monotonic(), dict(held)
        for each in new:
            key, brought = persons[each.id], (each.source, each.cells, each.name)
            made, copy = self._copies.get(key, (-OLD, []))
            others = [other for other in copy if other[0] != each.source]
            if now - made < OLD:
                found[key] = [*others, brought]
            else:
                before = [other for other in held[key] if other[0] != each.source]
                self._copies[key] = (now, before)
        return defaultdict(list, found)


_SHOWN = ("name", "support", "turnout", "contacts", "volunteer", "sources")
_waiting = select(contacts).where(~contacts.c.merged).order_by(contacts.c.id).limit(AT_ONCE)
_begin = text(
    "INSERT INTO people (key, state, name, support, turnout, contacts, volunteer, sources) "
    "VALUES (:key, :state, '', 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING"
)
_lock = (
    select(people.c.key)
    .where(people.c.key.in_(bindparam("keys", expanding=True)))
    .order_by(people.c.key)
    .with_for_update()
)
_settle = (
    update(contacts)
    .where(contacts.c.id == bindparam("which"))
    .values(person=bindparam("whose"), merged=True)
)
_of = (
    select(
        contacts.c.record,
        contacts.c.copy,
        contacts.c.person,
        contacts.c.source,
        contacts.c.support,
        contacts.c.turnout,
        contacts.c.contacts,
        contacts.c.volunteer,
        contacts.c.name,
    )
    .where(contacts.c.person.in_(bindparam("keys", expanding=True)))
    .order_by(contacts.c.id)
)
_write = (
    update(people)
    .where(people.c.key == bindparam("which"))
    .values({name: bindparam(name) for name in _SHOWN})
)
