"""Who is where: the people of each county of a plan, and of each state of a campaign's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulators.night import Hours, Night
from simulators.people.cast import Cast
from simulators.plans import ElectionPlan, plan_of
from simulators.traffic import Arrivals, Traffic
from simulators.world import CampaignSpec, VoterListSpec, WorldSpec
from simulators.world.counties import counties_of

HOURS = Hours(doors=0, start=1800, end=25_200, clock="17:30")
SMALL = WorldSpec(precincts=40, satellites=6, counties=8, county_delegates=200, state_delegates=40)
ANYWHERE = {"public", "help_caller", "nuisance", "office"}


def planned(world: WorldSpec | VoterListSpec | CampaignSpec, scale: float) -> ElectionPlan:
    visits = Traffic(visits=Arrivals(rate=((0, 0.01), (25_200, 0.01))))
    return plan_of(Night("a-night", world, Cast(), visits, HOURS, seed=7, scale=scale))


@pytest.mark.parametrize(
    ("world", "scale"),
    [(SMALL, 0.5), (replace(SMALL, state="NV"), 1.5), (VoterListSpec(voters=5), 0.2),
     (CampaignSpec(), 0.001)],
)  # fmt: skip
def test_everybody_is_in_the_county_of_their_own_precinct(
    world: WorldSpec | VoterListSpec | CampaignSpec, scale: float
) -> None:
    """As the world's own table has it; a campaign's people are in the state of their list."""
    plan = planned(world, scale)
    county: dict[str, str] = {}
    if isinstance(world, CampaignSpec):
        county = dict(zip(world.states, world.states, strict=True))
    else:
        county = dict(plan.precinct_table().select("record", "county").iter_rows())
    found = {index: name for name, people in plan.by_county.items() for index in people}
    for each in plan.participants():
        home = each.person.record
        if each.person.role == "supporter":
            assert each.first is not None
            home = each.first.record[:2]
        nowhere = each.person.role in ANYWHERE
        assert found.pop(each.index, None) == (None if nowhere else county[home])
    assert not found
    assert set(counties_of(world)) <= set(plan.by_county)
    assert all(list(people) == sorted(people) for people in plan.by_county.values())
