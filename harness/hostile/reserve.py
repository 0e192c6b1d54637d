"""The two accounts that an intruder needs: in everybody's roster, and driven by nobody."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from harness.target.hostile_model import Hostile, Reserved
from simulators.people.draws import stream
from simulators.people.person import Person

NAMES = ("own", "other")


def reserved(model: Hostile, seed: int) -> tuple[Person, Person]:
    """Whose account the intruder has, and whose they are after.

    Their first codes begin with 00, as nobody else's do.
    """
    return _person(model.own, 0, seed), _person(model.other, 1, seed)


def _person(said: Reserved, number: int, seed: int) -> Person:
    draws = stream(seed, "reserved accounts", number)
    made_up = (f"00{9001 + number}", *(str(draws.randrange(100_000, 1_000_000)) for _ in range(2)))
    key = f"intruder-{NAMES[number]}"
    return Person(
        index=-1 - number, role=said.role, key=key, record=said.record,
        name=f"Reserved {NAMES[number].title()}", email=f"{key}@example.org",
        phone=f"515-555-01{98 + number}", codes=said.codes or made_up, fields=dict(said.fields),
    )  # fmt: skip


def with_people(table: pl.DataFrame, people: Sequence[Person]) -> pl.DataFrame:
    """A plan's people table with further people at its end, numbered on."""
    first = int(table["who"].max() or 0) + 1  # type: ignore[arg-type]
    rows = [_row(table.schema, person, first + n) for n, person in enumerate(people)]
    return pl.concat([table, pl.DataFrame(rows, schema=table.schema)]) if rows else table


def with_places(table: pl.DataFrame, people: Sequence[Person]) -> pl.DataFrame:
    """A plan's table of places with one more for each of them: as the first, under its own name."""
    if not people or table.is_empty() or "record" not in table.columns:
        return table
    pattern = table.row(0, named=True)
    rows = [
        pattern | {name: each for name, each in _place(person).items() if name in table.columns}
        for person in people
    ]
    return pl.concat([table, pl.DataFrame(rows, schema=table.schema)])


def _place(person: Person) -> dict[str, str]:
    return {
        "record": person.record, "name": person.name, "county": "Reserved", "kind": "precinct",
        "pool": "",
    }  # fmt: skip


def _row(schema: pl.Schema, person: Person, who: int) -> dict[str, object]:
    row: dict[str, object] = {}
    for name, kind in schema.items():
        if name == "who":
            row[name] = who
        elif name in person.fields:
            row[name] = person.fields[name]
        elif name == "codes":
            row[name] = list(person.codes)
        elif hasattr(person, name):
            row[name] = getattr(person, name)
        else:
            row[name] = 0 if kind.is_numeric() else "" if kind == pl.String else None
    return row
