"""A scenario's phones with other numbers of people and lines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import orjson
import pytest

from harness.scenario import ScenarioError, load_scenario
from harness.virtual_app import faults_of, play_night, settings_of
from harness.what_if import PhonesWhatIf, what_if_of
from simulators.behaviours.errand import LINE
from simulators.plan import Plan
from simulators.plans import plan_of
from simulators.sizing.what_if import Goal
from simulators.traffic import Arrivals

IOWA = "iowa-caucus-night"


@pytest.fixture(scope="module")
def iowa() -> PhonesWhatIf:
    """The night as it was, with the room's 85 lines and without them."""
    return what_if_of(load_scenario(IOWA), agents=[50, 100], trunks=[None, 85], seeds=2)


def full_night(agents: int) -> tuple[Plan, list[float]]:
    """Holds of chairs and help callers on the whole virtual night, behaviours and all."""
    scenario = load_scenario(IOWA)
    night = scenario.night("as-it-was", seed=scenario.seed, scale=1.0)
    cast = replace(night.cast, hotline=replace(night.cast.hotline, agents=agents))
    quiet = replace(night.traffic, visits=Arrivals())
    plan = plan_of(replace(night, cast=cast, traffic=quiet))
    assert isinstance(plan, Plan)
    played = play_night(plan, settings_of(plan.night, faults_of(scenario, "as-it-was", {})))
    holds = [
        call.held
        for call in played.calls
        if call.line == LINE and call.answered is not None and plan.role(call.caller) != "nuisance"
    ]
    return plan, holds


@pytest.mark.parametrize("agents", [50, 100])
def test_the_queue_model_agrees_with_the_whole_night(agents: int) -> None:
    """Two ways to play one night, with people and with columns of numbers, give one hold."""
    found = what_if_of(load_scenario(IOWA), agents=[agents], trunks=[None], seeds=1).asked[0]
    _, holds = full_night(agents)
    assert found.wait_median == pytest.approx(np.median(holds), rel=0.08)
    assert found.wait_p90 == pytest.approx(np.quantile(holds, 0.9), rel=0.08)
    assert found.hold_longest == pytest.approx(max(holds), rel=0.08)


def test_fifty_people_keep_callers_waiting_over_an_hour(iowa: PhonesWhatIf) -> None:
    """As on the night of 2020; twice the people would have kept the hold under an hour."""
    fifty, hundred = iowa.asked[:2]
    assert fifty.over_an_hour > 0.5
    assert hundred.over_an_hour < 0.1
    assert hundred.in_by[1] < fifty.in_by[1] - 3600


def test_the_rooms_85_lines_would_have_meant_busy_tones(iowa: PhonesWhatIf) -> None:
    """Lines without people: nobody holds for long, and the results come in no sooner."""
    free, _, limited, _ = iowa.asked
    assert (free.trunks, limited.trunks) == (None, 85)
    assert free.busy == 0
    assert limited.busy > 10_000
    assert limited.hold_longest < 0.1 * free.hold_longest
    assert limited.in_by[0] == pytest.approx(free.in_by[0], rel=0.05)


def test_what_is_needed_meets_the_goal(iowa: PhonesWhatIf) -> None:
    """Nine of ten answered within five minutes, by more people than there were."""
    assert iowa.needed is not None
    assert iowa.goal == Goal(0.9, 300.0)
    assert iowa.needed.answered.within >= 0.9
    assert 100 < iowa.needed.agents <= iowa.needed.trunks
    within = [each.within for each in iowa.curve]
    assert within[0] < 0.2
    assert within[-1] > 0.95


def test_the_demand_is_the_nights_own(iowa: PhonesWhatIf) -> None:
    """Three quarters of the sites phone; the others' results come without a call."""
    chairs = sum(count for kind, count in iowa.callers.items() if kind.startswith("chair"))
    assert chairs + iowa.unphoned == pytest.approx(iowa.results, abs=2)
    assert (iowa.results, iowa.base) == (1765, (50, None))


def test_the_result_is_plain_data(iowa: PhonesWhatIf) -> None:
    """It can be written as JSON and read back."""
    assert orjson.loads(orjson.dumps(iowa.as_info()))["needed"]["agents"] == iowa.needed.agents


def test_the_seed_decides_it() -> None:
    """Same seed, same answer."""
    small = {"agents": [4], "trunks": [6], "seeds": 1, "scale": 0.1}
    first, second, other = (
        what_if_of(load_scenario(IOWA), seed=seed, **small).asked[0] for seed in (5, 5, 6)
    )
    assert first == second
    assert first != other


def test_an_election_days_lines_are_the_apps() -> None:
    """Where the app answers, lines are what can be changed."""
    found = what_if_of(load_scenario("houdini-election-day"), seeds=1, scale=0.5)
    assert found.kind == "lines"
    assert [each.agents for each in found.asked] == [None] * len(found.asked)
    busy = [each.busy for each in found.asked]
    assert busy == sorted(busy, reverse=True)
    with pytest.raises(ScenarioError, match="--trunks"):
        what_if_of(load_scenario("houdini-election-day"), agents=[5], seeds=1, scale=0.5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cast": "as-it-wos"}, "as-it-was"),
        ({"agents": [0]}, "agents=0"),
        ({"trunks": [0]}, "trunks=0"),
        ({"seeds": 0}, "seeds=0"),
    ],
)
def test_what_cannot_be_played_is_refused(settings: dict, message: str) -> None:
    """Mistakes are named before anything is played."""
    with pytest.raises(ScenarioError, match=message):
        what_if_of(load_scenario(IOWA), **settings)
