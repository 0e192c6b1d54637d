"""The seed decides the world and the plan: the same bytes on any number of workers, any Python.

The digests are pinned, so that another interpreter or platform is compared with this one. Change
them only together with what is meant to change.
"""

from __future__ import annotations

import hashlib

import pytest

from simulators.night import Hours, Night, night_from_dict, night_to_dict
from simulators.people.cast import Cast
from simulators.plan import Plan, hash_of
from simulators.stage import Participant
from simulators.traffic import Traffic
from simulators.world import World, WorldSpec

WORKSHEETS = "df0507f9bee1e904b1abbc70c3ab876d4e4f348c12ffeac008b7f7cb45dca87b"
PLAN = "4ace4f72c05f13137f971d6501b06258e23d44621b417e72f0834f4a9c655b04"


def night(seed: int = 2020, scale: float = 0.1) -> Night:
    return Night("pinned", WorldSpec(), Cast(), Traffic(), Hours(), seed, scale)


def worksheets(seed: int = 2020) -> str:
    return hashlib.sha256(World(WorldSpec(), seed).worksheets(0, 1765).tobytes()).hexdigest()


def dealt(plan: Plan, shards: int) -> list[Participant]:
    """The participants of every shard, put together again in their order."""
    parts = [each for shard in range(shards) for each in plan.participants(shard, shards)]
    return sorted(parts, key=lambda each: each.index)


def test_the_worksheets_are_the_same_on_every_interpreter() -> None:
    """All 1,765 of them, byte for byte."""
    assert worksheets() == WORKSHEETS


def test_the_plan_is_the_same_on_every_interpreter() -> None:
    """Participants, arrivals, values as first keyed, operation keys."""
    assert Plan(night()).hash == PLAN


@pytest.mark.parametrize("shards", [1, 2, 4])
def test_any_number_of_workers_plays_the_same_plan(shards: int) -> None:
    """Each worker makes its own share; together they are the plan."""
    sent = night_from_dict(night_to_dict(night()))
    assert hash_of(dealt(Plan(sent), shards)) == PLAN


def test_another_seed_is_another_night() -> None:
    """Nothing of it is fixed."""
    assert worksheets(seed=2021) != WORKSHEETS
    assert Plan(night(seed=2021)).hash != PLAN
