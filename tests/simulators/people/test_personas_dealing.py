"""Whose chair a persona takes, and when they come."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from simulators.people.personas import PERSONAS
from simulators.people.personas.dealing import ERRAND, Personas, appointments, deal_personas


def test_a_cast_names_its_personas_or_has_all_of_them() -> None:
    """None where nothing is said."""
    read = TypeAdapter(Personas).validate_python
    assert read({}).names == ()
    assert read({"who": "all"}).names == tuple(PERSONAS)
    assert read({"who": ["steady", "slow-line"], "repeats": 3}).chairs == 6


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        ({"who": ["slow-typer"]}, "Did you mean 'slow-typist'"),
        ({"who": ["steady", "steady"]}, "stands there twice"),
        ({"who": "everybody"}, "who"),
        ({"who": "all", "repeats": 0}, "greater than or equal to 1"),
        ({"whom": "all"}, "whom"),
    ],
)
def test_a_mistake_is_told(mistake: dict[str, object], said: str) -> None:
    """A name that is not in the deck, and the nearest that is."""
    with pytest.raises(ValidationError, match=said):
        TypeAdapter(Personas).validate_python(mistake)


@given(
    seed=st.integers(0, 2**32),
    among=st.lists(st.booleans(), min_size=60, max_size=90),
    rather=st.lists(st.booleans(), min_size=90, max_size=90),
    repeats=st.integers(1, 2),
)
def test_everybody_gets_a_chair_of_their_own(
    seed: int, among: list[bool], rather: list[bool], repeats: int
) -> None:
    """Among those who may be given away; first those who have no other part to play."""
    may, free = np.array(among), np.array(rather[: len(among)])
    who = Personas(who="all", repeats=repeats)
    if may.sum() < who.chairs:
        with pytest.raises(ValueError, match=f"only {may.sum()} use the app"):
            deal_personas(seed, who, may, free)
        return
    dealt = deal_personas(seed, who, may, free)
    assert dealt == deal_personas(seed, who, may, free)
    names = [persona.name for persona in dealt.values()]
    assert sorted(names) == sorted([*PERSONAS] * repeats)
    assert sorted(names[: len(PERSONAS)]) == sorted(PERSONAS), "once everybody, then again"
    assert all(may[row] for row in dealt)
    taken = sum(not free[row] for row in dealt)
    assert taken == max(0, who.chairs - int((may & free).sum()))


def test_the_seed_decides_who_sits_where() -> None:
    """And in which order they come."""
    everyone = np.ones(200, bool)
    dealt = [deal_personas(seed, Personas(who="all"), everyone, everyone) for seed in range(20)]
    assert len({tuple(each) for each in dealt}) == 20
    assert len({tuple(persona.name for persona in each.values()) for each in dealt}) == 20


@given(
    count=st.integers(1, 60),
    doors=st.floats(0, 5000),
    longer=st.floats(1, 20_000),
)
def test_they_come_one_by_one_and_can_be_done_in_time(
    count: int, doors: float, longer: float
) -> None:
    """From the doors on, and no later than their errand needs where the drill is long enough."""
    end = doors + longer
    come = appointments(range(count), doors=doors, end=end)
    signs_in = [at for at, _ in come.values()]
    assert signs_in == sorted(signs_in)
    for at, ready in come.values():
        assert 0 <= at < ready
        assert at < end
    if longer > ERRAND:
        assert signs_in[0] == doors
        assert signs_in[-1] <= end - ERRAND + 1e-6
        gaps = np.diff(signs_in)
        assert np.allclose(gaps, (longer - ERRAND) / count)
