"""A campaign's people, as four sources know them: voter file, canvassers, sign-ups, phone banks.

A record is what one source holds of one person; a campaign's hub merges a person's records into
one view. Everything is a pure function of (spec, seed, index), made in blocks of 1,024 people, so
any worker makes any person alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulators.world.campaign_names import (
    OTHER_FAMILY,
    OTHER_GIVEN,
    OTHERS,
    PLAIN_FAMILY,
    PLAIN_GIVEN,
)
from simulators.world.streams import BLOCK, CONTACTS, generator

FIELDS = ("support", "turnout", "contacts", "volunteer")
"""Cells of a record: support 1 to 5, 0 where nobody asked; turnout 0 to 100, the file's score;
how often the source reached the person, 0 to 9; whether they volunteer, 0 or 1."""

SOURCES = ("file", "field", "web", "phone")
TRUSTED = ("field", "phone", "web", "file")
"""Whose word on support counts: somebody who stood at the door, before all others."""

SUPPORT, TURNOUT, CONTACTS_MADE, VOLUNTEER = range(4)
MOST_CONTACTS = 9
DIGITS = 6  # of a person's number within the state

# Of those who were asked, by how they lean, from 1 (strong support) to 5. Assumed.
LEANS = (0.34, 0.18, 0.20, 0.10, 0.18)
# Chance that a source has asked for support. A file knows the party of registration. Assumed.
ASKED = {"file": 0.6, "field": 0.9, "web": 1.0, "phone": 0.8}
# Chance that a source took down what the person leans to, and not its neighbour. Assumed: of
# supporters counted at doors an independent poll confirmed far fewer (SOURCES.md S21).
HEARD = 0.8
# Chance that a source has them down as a volunteer. Assumed.
VOLUNTEERS = {"file": 0.0, "field": 0.06, "web": 0.35, "phone": 0.08}
# Most contacts that a source has had with a person before the day. Assumed.
REACHED = {"file": 0, "field": 3, "web": 1, "phone": 5}


class Merged(NamedTuple):
    """A person's merged view."""

    support: int
    turnout: int
    contacts: int
    volunteer: int
    sources: int


def merge(records: Mapping[str, Sequence[int]]) -> Merged:
    """The merged view of one person, a function of the records held and of nothing else.

    Support is that of the most trusted source that has one, turnout is the file's, contacts add
    up, and whoever is a volunteer for one source is one.

    Args:
        records: Cells by source.

    Example:
        >>> merge({"file": (0, 71, 0, 0), "phone": (4, 0, 2, 0), "web": (1, 0, 1, 1)})
        Merged(support=4, turnout=71, contacts=3, volunteer=1, sources=3)
    """
    said = (records[source][SUPPORT] for source in TRUSTED if source in records)
    file = records.get("file")
    return Merged(
        support=next((support for support in said if support), 0),
        turnout=0 if file is None else file[TURNOUT],
        contacts=sum(cells[CONTACTS_MADE] for cells in records.values()),
        volunteer=max((cells[VOLUNTEER] for cells in records.values()), default=0),
        sources=len(records),
    )


@dataclass(frozen=True)
class CampaignSpec:
    """A campaign's people, before the seed.

    Attributes:
        kind: What is held; ``campaign``.
        name: What to call it.
        states: Tenants, two capital letters each; people are dealt out to them evenly.
        people: Everybody whom some source knows.
        file, field, web, phone: Share of them whom each source knows. Whom none would know, the
            voter file does.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    kind: Literal["campaign"] = "campaign"
    name: str = "A presidential campaign in nine states"
    states: tuple[str, ...] = ("CO", "FL", "IA", "NC", "NH", "NV", "OH", "VA", "WI")
    people: int = 300_000
    file: float = 0.9
    field: float = 0.52
    web: float = 0.075
    phone: float = 0.075

    def __post_init__(self) -> None:
        for state in self.states:
            if not (len(state) == 2 and state.isascii() and state.isupper()):
                raise ValueError(f"states: {state!r}, but a state is two capital letters, like OH.")
        if not self.states or len(set(self.states)) < len(self.states):
            raise ValueError(f"states={list(self.states)}, but there is at least one, each once.")
        most = (10**DIGITS - 1) * len(self.states)
        if not len(self.states) <= self.people <= most:
            raise ValueError(
                f"people={self.people}, but each state has some, and their numbers have six "
                f"digits: {len(self.states)} to {most}."
            )
        for source in SOURCES:
            share = getattr(self, source)
            if not 0 <= share <= 1:
                raise ValueError(f"{source}={share!r}, but a share lies between 0 and 1.")

    def scaled(self, factor: float) -> CampaignSpec:
        """The same campaign with more or fewer people, and no more states than people.

        Example:
            >>> CampaignSpec(people=300_000).scaled(0.01).people
            3000
        """
        people = max(1, round(self.people * factor))
        return replace(self, people=people, states=self.states[:people])


@dataclass(frozen=True, slots=True)
class Contact:
    """One record, as templates see it.

    Attributes:
        record: Its key: person and source, ``OH-000123.field``.
        person: The person's key: state and number.
        voter_id: Their number in the state's voter file; no two are alike.
        phone: A number that nobody has, 555-0100 to 555-0199; with ``line`` no two are alike.
        name: As every source has it.
        county: The state once more: what is counted together.
    """

    record: str
    person: str
    source: str
    state: str
    voter_id: str
    phone: str
    line: str
    email: str
    name: str
    county: str


class _Block(NamedTuple):
    """1,024 people: ``known`` (n, sources), cells and ``amended`` (n, sources, cells), names."""

    known: NDArray[np.bool_]
    cells: NDArray[np.int32]
    amended: NDArray[np.int32]
    names: list[str]


class Campaign:
    """The people of a campaign, and what each source knows of them.

    Args:
        spec: What kind of campaign.
        seed: Which one of its kind, from 0 to 2**64 - 1.

    Example:
        >>> campaign = Campaign(CampaignSpec(people=900), seed=1)
        >>> campaign.person(0), campaign.record(899, "web")
        ('CO-000001', 'WI-000100.web')
    """

    fields = FIELDS

    def __init__(self, spec: CampaignSpec, seed: int) -> None:
        self.spec = spec
        self.seed = seed
        self._made = cache(self._make)
        count = len(spec.states)
        self.starts = [-(-each * spec.people // count) for each in range(count + 1)]

    # -- people -----------------------------------------------------------------------------

    def _make(self, block: int) -> _Block:
        rng, spec = generator(self.seed, CONTACTS, block), self.spec
        known = rng.random((BLOCK, len(SOURCES))) < [getattr(spec, each) for each in SOURCES]
        known[~known.any(axis=1), SOURCES.index("file")] = True
        cells = np.zeros((BLOCK, len(SOURCES), len(FIELDS)), dtype=np.int32)
        leans = 1 + np.minimum(np.searchsorted(np.cumsum(LEANS), rng.random(BLOCK), "right"), 4)
        shape = (BLOCK, len(SOURCES))
        heard = leans[:, None] + np.where(rng.random(shape) < HEARD, 0, rng.choice([-1, 1], shape))
        asked = rng.random(shape) < [ASKED[each] for each in SOURCES]
        cells[:, :, SUPPORT] = np.where(asked, np.clip(heard, 1, 5), 0)
        cells[:, SOURCES.index("file"), TURNOUT] = rng.integers(0, 101, BLOCK)
        cells[:, :, CONTACTS_MADE] = rng.integers(0, [REACHED[each] + 1 for each in SOURCES], shape)
        volunteers = rng.random(shape) < [VOLUNTEERS[each] for each in SOURCES]
        cells[:, :, VOLUNTEER] = volunteers
        amended = _amended(cells, rng)
        for array in (known, cells, amended):
            array.flags.writeable = False
        return _Block(known, cells, amended, _names(rng))

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Whom each source knows, shape (people, sources)."""
        blocks = range(-(-self.spec.people // BLOCK))
        return np.concatenate([self._made(each).known for each in blocks])[: self.spec.people]

    def name(self, index: int) -> str:
        """What a person is called."""
        return self._made(index // BLOCK).names[index % BLOCK]

    def values(self, index: int, source: str, *, amended: bool = False) -> tuple[int, ...]:
        """What a source has to say of a person, at first or once it is amended."""
        block = self._made(index // BLOCK)
        cells = block.amended if amended else block.cells
        return tuple(cells[index % BLOCK, SOURCES.index(source)].tolist())

    # -- keys -------------------------------------------------------------------------------

    def state_of(self, index: int) -> int:
        """Position of a person's state."""
        return int(np.searchsorted(self.starts, index, "right")) - 1

    def person(self, index: int) -> str:
        """Key of a person."""
        state = self.state_of(index)
        return f"{self.spec.states[state]}-{index - self.starts[state] + 1:0{DIGITS}d}"

    def record(self, index: int, source: str) -> str:
        """Key of what a source holds of a person, whether it holds it or not."""
        return f"{self.person(index)}.{source}"

    def index_of(self, key: str) -> int:
        """Position of a person, by their key or by that of a record.

        Raises:
            KeyError: Nobody has it.
        """
        person, _, source = key.partition(".")
        state, _, number = person.partition("-")
        good = state in self.spec.states and len(number) == DIGITS
        if good and number.isascii() and number.isdigit() and source in ("", *SOURCES):
            at = self.spec.states.index(state)
            index = self.starts[at] + int(number) - 1
            if self.starts[at] <= index < self.starts[at + 1]:
                return index
        raise KeyError(
            f"nobody has the key {key!r}; this world's run from {self.person(0)} to "
            f"{self.person(self.spec.people - 1)}, and a record's ends in one of "
            f".{', .'.join(SOURCES)}."
        )

    def lookup(self, record: str) -> Contact:
        """What templates may know of a record.

        Raises:
            KeyError: There is no such person.
        """
        index = self.index_of(record)
        person, _, source = record.partition(".")
        state = person[:2]
        return Contact(
            record, person, source, state,
            voter_id=f"{state}{10_000_000 + int(person[3:])}",
            phone=f"555-01{index % 100:02d}",
            line=f"{index // 100:05d}",
            email=f"{person.lower()}@example.org",
            name=self.name(index),
            county=state,
        )  # fmt: skip

    # -- tables -----------------------------------------------------------------------------

    def holdings(self) -> list[tuple[int, str]]:
        """Every record that a source has, as person and source: person after person."""
        people, sources = np.nonzero(self.known)
        return [(person, SOURCES[source]) for person, source in zip(
            people.tolist(), sources.tolist(), strict=True)]  # fmt: skip

    def record_table(self) -> pl.DataFrame:
        """One row a record, as ``truth/precincts.parquet`` keeps it."""
        rows = self.holdings()
        persons = [self.person(index) for index, _ in rows]
        return pl.DataFrame(
            {
                "record": [f"{person}.{source}" for person, (_, source) in zip(
                    persons, rows, strict=True)],
                "name": [self.name(index) for index, _ in rows],
                "county": [person[:2] for person in persons],
                "kind": "contact",
                "person": persons,
                "source": [source for _, source in rows],
            }
        )  # fmt: skip


def _amended(cells: NDArray[np.int32], rng: np.random.Generator) -> NDArray[np.int32]:
    """What a source says once it has asked again: one contact more, and another support."""
    amended = cells.copy()
    step = rng.integers(1, 5, cells.shape[:2])  # 1 to 4 on from 1 to 5 is always another
    amended[:, :, SUPPORT] = (np.maximum(cells[:, :, SUPPORT], 1) - 1 + step) % 5 + 1
    amended[:, :, CONTACTS_MADE] = np.minimum(cells[:, :, CONTACTS_MADE] + 1, MOST_CONTACTS)
    return amended


def _names(rng: np.random.Generator) -> list[str]:
    """1,024 names, given and family."""
    parts = []
    for plain, other in ((PLAIN_GIVEN, OTHER_GIVEN), (PLAIN_FAMILY, OTHER_FAMILY)):
        rare, a, b = rng.random(BLOCK) < OTHERS, *rng.random((2, BLOCK))
        parts.append(
            [
                other[int(second * len(other))] if odd else plain[int(first * len(plain))]
                for odd, first, second in zip(rare.tolist(), a.tolist(), b.tolist(), strict=True)
            ]
        )
    return [f"{given} {family}" for given, family in zip(*parts, strict=True)]
