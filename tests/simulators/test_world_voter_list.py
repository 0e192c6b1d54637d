"""Tests of the voter lists: known truth, the same for everybody, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulators.world import VoterLists, VoterListSpec

SPEC = VoterListSpec(precincts=40, counties=5)


def test_the_seed_decides_the_lists() -> None:
    """Two workers make the same list of a precinct, each alone; another seed makes another."""
    once, again, other = VoterLists(SPEC, 7), VoterLists(SPEC, 7), VoterLists(SPEC, 8)
    once.voter_table()  # one has made all the others before
    for part in ("codes", "voted"):
        mine = getattr(once.electorate(33), part)
        assert (mine == getattr(again.electorate(33), part)).all()
    assert not np.array_equal(once.electorate(33).codes, other.electorate(33).codes)


def test_more_precincts_change_no_list() -> None:
    """A precinct's list hangs on its own number, whatever the size of the state."""
    small, large = VoterLists(SPEC, 7), VoterLists(SPEC.scaled(2), 7)
    assert (small.electorate(12).codes == large.electorate(12).codes).all()


def test_no_two_voters_of_a_precinct_share_a_code() -> None:
    """A code names one voter, in four digits."""
    table = VoterLists(SPEC, 7).voter_table()
    assert table["record"].is_unique().all()
    assert table["code"].str.contains(r"^\d{4}$").all()
    assert len(table) == VoterLists(SPEC, 7).voters


def test_lists_are_as_long_as_asked_for() -> None:
    """The middle list has about as many voters as the spec says, and none is out of bounds."""
    sizes = VoterLists(VoterListSpec(precincts=2000), 1).sizes
    # The standard error of the median of 2,000 such lists is 1 %.
    assert np.median(sizes) == pytest.approx(380, rel=0.04)
    assert sizes.min() >= 95
    assert sizes.max() <= 4 * 380


def test_people_vote_when_the_curve_says() -> None:
    """An eighth of the voters comes in the first hour, and as many vote as asked for."""
    table = VoterLists(VoterListSpec(), 3).voter_table()
    voted = table.filter(table["voted_at"].is_finite())["voted_at"]
    assert len(voted) / len(table) == pytest.approx(0.6, abs=0.01)
    assert float((voted < 3600).mean()) == pytest.approx(0.125, abs=0.01)  # type: ignore[arg-type]
    assert 0 <= voted.min() <= voted.max() < 13 * 3600  # type: ignore[operator]


def test_what_must_be_reported_is_who_has_voted_by_then() -> None:
    """The truth holds one row a voter who voted, and none of those who come later."""
    lists = VoterLists(SPEC, 7)
    noon, all_day = lists.report_table(until=5 * 3600), lists.report_table()
    assert 0 < len(noon) < len(all_day) < lists.voters
    assert noon["voted_at"].max() <= 5 * 3600  # type: ignore[operator]
    assert all_day["values"].to_list() == [[1]] * len(all_day)
    assert set(all_day["record"]) <= set(lists.voter_table()["record"])


def test_a_mistyped_code_is_looked_up_too() -> None:
    """Templates get the digits as typed, and an app can be asked what it makes of them."""
    lists = VoterLists(SPEC, 7)
    on_it = lists.site(0)
    assert on_it.listed
    assert lists.lookup(on_it.record) == on_it
    listed = set(lists.electorate(0).codes.tolist())
    wrong = next(code for code in range(10_000) if code not in listed)
    site = lists.lookup(lists.record(0, wrong))
    assert (site.precinct, site.code, site.listed) == ("0001", f"{wrong:04d}", False)
    assert site.county == on_it.county


@pytest.mark.parametrize(
    "record", ["WI-0001", "WI-0041-4711", "IA-0001-4711", "WI-0001-471", "WI-0001-47x1", ""]
)
def test_what_is_no_code_is_refused(record: str) -> None:
    """A key of another state, of no precinct, or without four digits names nobody."""
    with pytest.raises(KeyError, match=r"no precinct has|names no code"):
        VoterLists(SPEC, 7).lookup(record)


def test_every_precinct_has_a_county_and_a_name_of_its_own() -> None:
    """No two precincts of a county share a name, and no county is empty."""
    table = VoterLists(SPEC, 7).precinct_table()
    assert table.select("county", "name").is_unique().all()
    assert table["county"].n_unique() == 5
    assert table["record"].to_list()[:2] == ["WI-0001", "WI-0002"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"state": "Wisconsin"}, "two capital letters"),
        ({"precincts": 0}, "four digits"),
        ({"counties": 200}, "every county needs a precinct"),
        ({"voters": 5000}, "codes have four digits"),
        ({"turnout": 1.5}, "a share is 0 to 1"),
        ({"spread": -1.0}, "0 or more"),
        ({"hourly": ()}, "somebody has to vote"),
        ({"hourly": (1.0, -1.0)}, "somebody has to vote"),
    ],
)
def test_a_day_that_cannot_be_is_refused(wrong: dict[str, Any], says: str) -> None:
    """The message names the field, what was found and what is allowed."""
    with pytest.raises(ValueError, match=says):
        VoterListSpec(**wrong)
