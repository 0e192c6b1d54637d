"""The roster: synthetic people with plausible ages and devices, the same at any size."""

from __future__ import annotations

import re

import numpy as np
import pytest

from simulators.people.cast import Cast
from simulators.people.codes import draw_codes
from simulators.people.roster import Roster, draw_roster


def roster(count: int, *, seed: int = 7, ready: float = 1.0, start: int = 0) -> Roster:
    accounts = np.arange(start, start + count)
    flags = np.arange(count) < ready * count
    return draw_roster(
        seed,
        Cast(),
        "chair",
        accounts=accounts,
        index=accounts + 1000,
        keys=[f"chair-{n:04d}" for n in accounts],
        records=[f"IA-{n:04d}" for n in accounts],
        trained=flags,
        ready=flags,
        codes=draw_codes(seed, start + count)[accounts],
    )


def test_people_are_synthetic() -> None:
    """Every number is 555-0100 to 555-0199 and every address at example.org."""
    for person in roster(500):
        assert re.fullmatch(r"\d{3}-555-01\d\d", person.phone)
        assert person.email.endswith("@example.org")
        assert person.email.isascii()
        assert " " in person.name


def test_addresses_are_unique_though_names_are_not() -> None:
    """Real duplicates of names occur; accounts stay apart."""
    people = list(roster(20_000))
    assert len({person.name for person in people}) < 20_000
    assert len({person.email for person in people}) == 20_000


def test_ages_are_those_of_poll_workers() -> None:
    """42 % are under 61, 31 % from 61 to 70, 27 % older (Pew from EAVS, 2018)."""
    ages = roster(20_000).ages
    assert np.mean(ages < 61) == pytest.approx(0.42, abs=0.015)
    assert np.mean((ages >= 61) & (ages <= 70)) == pytest.approx(0.31, abs=0.015)
    assert ages.min() >= 25
    assert ages.max() <= 85


def test_whoever_the_app_works_for_carries_a_smartphone() -> None:
    """The others carry what people of their age carry."""
    half = roster(20_000, ready=0.5)
    assert set(half.devices[half.ready].tolist()) == {0, 1}
    old = ~half.ready & (half.ages >= 65)
    assert np.mean(half.devices[old] <= 1) == pytest.approx(0.61, abs=0.03)
    assert np.mean(half.devices[half.ready] == 0) == pytest.approx(0.59 / 0.99, abs=0.02)


def test_an_account_is_the_same_person_whoever_else_is_drawn() -> None:
    """A part of the roster has the same people as the whole."""
    whole, part = list(roster(300)), list(roster(100, start=200))
    assert [person.name for person in whole[200:]] == [person.name for person in part]
    assert whole[200:] == part


def test_the_seed_decides_the_people() -> None:
    """Same seed, same people; another seed, others."""
    assert list(roster(50)) == list(roster(50))
    assert list(roster(50)) != list(roster(50, seed=8))


def test_the_table_says_what_the_people_say() -> None:
    """One row a person, with the same values as the person has."""
    people = roster(40, ready=0.5)
    rows = people.table().to_dicts()
    for person, row in zip(people, rows, strict=True):
        assert row["who"] == person.index
        assert row["codes"] == list(person.codes)
        for name in ("role", "key", "record", "name", "email", "phone", "age", "device"):
            assert row[name] == getattr(person, name)
        assert row["network"] == person.network
        assert row["language"] == person.language
        assert (row["trained"], row["app_ready"]) == (person.trained, person.app_ready)


def test_an_empty_roster_has_an_empty_table_of_the_same_columns() -> None:
    """A night without operators still has a people table."""
    assert roster(0).table().schema == roster(3).table().schema


def test_patience_stays_within_half_and_double() -> None:
    """Nobody looks at a spinner for longer than twice the cast's median."""
    patience = roster(5000).patience
    assert np.median(patience) == pytest.approx(10.0, rel=0.05)
    assert patience.min() >= 5.0
    assert patience.max() <= 20.0
