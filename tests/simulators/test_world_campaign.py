"""Tests of a campaign's people: the seed decides them, keys name one each, merging is a rule."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from simulators.world import Campaign, CampaignSpec
from simulators.world.campaign import SOURCES, merge

PEOPLE = "092d3061b422b65a10886f8187d5d31dc222cf466e5ac7198f469afe1bbbca3e"
SPEC = CampaignSpec(people=3000)


def digest(seed: int = 2012) -> str:
    campaign = Campaign(SPEC, seed)
    found = hashlib.sha256()
    for person, source in campaign.holdings():
        record = campaign.record(person, source)
        values = campaign.values(person, source), campaign.values(person, source, amended=True)
        found.update(f"{record} {campaign.name(person)} {values}\n".encode())
    return found.hexdigest()


def test_the_people_are_the_same_on_every_interpreter() -> None:
    """Names, who knows whom, and what each source says of them, byte for byte."""
    assert digest() == PEOPLE
    assert digest(seed=2013) != PEOPLE


def test_people_do_not_hang_on_how_many_there_are() -> None:
    """A block of them is made alone: the first of many are those of few."""
    few, many = Campaign(SPEC, 7), Campaign(CampaignSpec(people=300_000), 7)
    for index in (0, 1023, 1024, 2999):
        assert few.name(index) == many.name(index)
        assert few.values(index, "field") == many.values(index, "field")


def test_a_key_names_one_person_and_back() -> None:
    """States follow each other; numbers begin anew in each."""
    campaign = Campaign(SPEC, 7)
    for index in (0, 333, 334, 1500, 2999):
        assert campaign.index_of(campaign.person(index)) == index
        assert campaign.index_of(campaign.record(index, "web")) == index
    assert campaign.person(0) == "CO-000001"
    assert len({campaign.person(index) for index in range(3000)}) == 3000


@pytest.mark.parametrize(
    "key", ["OH-999999", "OH-000000", "TX-000001", "OH-000001.fax", "OH-1", "OH-00000१"]
)
def test_a_key_that_nobody_has_is_refused(key: str) -> None:
    """The message says how keys look."""
    with pytest.raises(KeyError, match="this world's run from CO-000001 to WI-000333"):
        Campaign(SPEC, 7).lookup(key)


def test_nobody_is_taken_for_another() -> None:
    """Voter IDs, telephones with their line, and addresses are one person's each; names are not."""
    campaign = Campaign(SPEC, 7)
    everybody = [campaign.lookup(campaign.person(index)) for index in range(SPEC.people)]
    assert len({each.voter_id for each in everybody}) == len(everybody)
    assert len({(each.phone, each.line) for each in everybody}) == len(everybody)
    assert len({each.email for each in everybody}) == len(everybody)
    assert all(each.email.endswith("@example.org") for each in everybody)
    assert all(each.phone[:6] == "555-01" and len(each.phone) == 8 for each in everybody)
    assert len({(each.state, each.name) for each in everybody}) < len(everybody)


def test_some_names_take_more_bytes_than_letters() -> None:
    """Whatever cuts by bytes meets one soon, and some are longer than 16 bytes."""
    names = [Campaign(SPEC, 7).name(index) for index in range(200)]
    assert sum(len(name.encode()) > len(name) for name in names) > 50
    assert sum(len(name.encode()) > 16 for name in names) > 20


def test_everybody_is_known_to_somebody() -> None:
    """Shares are those asked for, and whom no source would know, the voter file does."""
    known = Campaign(CampaignSpec(people=20_000), 7).known
    assert known.any(axis=1).all()
    shares = dict(zip(SOURCES, known.mean(axis=0).tolist(), strict=True))
    # Of 20,000, three standard errors are at most 1.1 in 100; the file gets the leftovers besides.
    assert shares["field"] == pytest.approx(0.52, abs=0.011)
    assert shares["phone"] == pytest.approx(0.075, abs=0.006)
    assert 0.9 <= shares["file"] < 0.96


def test_an_amended_contact_says_something_else() -> None:
    """Another support, and one contact more, as far as it can be counted."""
    campaign = Campaign(SPEC, 7)
    for index in range(300):
        before = campaign.values(index, "field")
        after = campaign.values(index, "field", amended=True)
        assert before[0] != after[0]
        assert 1 <= after[0] <= 5
        assert after[2] == min(before[2] + 1, 9)
        assert (before[1], before[3]) == (after[1], after[3])


@pytest.mark.parametrize(
    ("records", "merged"),
    [
        ({}, (0, 0, 0, 0, 0)),
        ({"file": (3, 71, 0, 0)}, (3, 71, 0, 0, 1)),
        ({"file": (3, 71, 0, 0), "field": (1, 0, 2, 1)}, (1, 71, 2, 1, 2)),
        ({"field": (0, 0, 1, 0), "phone": (4, 0, 3, 0), "web": (2, 0, 1, 0)}, (4, 0, 5, 0, 3)),
        ({"web": (2, 99, 1, 1), "file": (5, 0, 0, 0)}, (2, 0, 1, 1, 2)),
    ],
)
def test_merging_follows_the_rule(records: Any, merged: tuple[int, ...]) -> None:
    """The most trusted source that asked has the word; turnout is the file's, contacts add up."""
    assert tuple(merge(records)) == merged
    assert tuple(merge(dict(reversed(records.items())))) == merged


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"states": ("Ohio",)}, "two capital letters"),
        ({"states": ("OH", "OH")}, "each once"),
        ({"people": 3}, "each state has some"),
        ({"field": 1.2}, "a share lies between 0 and 1"),
    ],
)
def test_a_world_that_cannot_be_is_refused(settings: Any, said: str) -> None:
    """When it is asked for, and not while it is drilled."""
    with pytest.raises(ValueError, match=said):
        CampaignSpec(**settings)
