"""The game day: what its plan offers is what was published, and a clean hub is GO."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.objective import ObjectiveResult
from harness.record import RunFolder
from harness.scenario import Scenario, load_scenario, plan_for
from harness.simulate import simulate
from harness.verdict import Verdict, judge
from simulators.hub_model import DEFECTS

CAUGHT_BY = {
    "memory_queue": ("lost", "survived"),
    "queue_drops_when_full": ("lost",),
    "totals_cached": ("mis_totalled",),
    "truncated_names": ("names",),
    "merge_by_name": ("merged",),
    "lost_update": ("merged",),
    "duplicate_import": ("duplicate",),
    "late_contacts": ("mis_totalled",),
    "no_reconnect": ("recovery",),
    "forgetful_cache": ("mis_totalled",),
}


@pytest.fixture(scope="module")
def narwhal() -> Scenario:
    return load_scenario("narwhal-game-day")


def played(
    scenario: Scenario, folder: Path, *, seed: int, scale: float = 0.001, defect: str = ""
) -> Verdict:
    """A rehearsal in virtual time, judged."""
    defects = [defect] if defect else []
    run: RunFolder = simulate(
        scenario, out=folder, cast="rehearsal", seed=seed, scale=scale, defects=defects
    )
    return judge(run)


def unmet(verdict: Verdict) -> list[ObjectiveResult]:
    return [each for each in verdict.results if each.state.value in ("fail", "unknown")]


def test_the_whole_nation_offers_ten_thousand_requests_a_second(narwhal: Scenario) -> None:
    """At scale 1 and the true speed, of all kinds together; first tries only."""
    plan = plan_for(narwhal.night("as-it-was", seed=narwhal.seed, scale=1.0))
    assert 9_500 <= sum(plan.rates.values()) <= 10_500
    # 25 million calls and doors in four days, a busiest hour of 2.6 times the mean: 376 a second.
    doors, calls = (plan.lists[role] for role in ("canvasser", "phone_banker"))
    hours = narwhal.clock.hours
    a_second = (len(doors.people) + len(calls.people)) / (hours.end - hours.start)
    assert a_second == pytest.approx(376, rel=0.1)
    assert len(calls) == pytest.approx(7000, rel=0.01)


def test_a_laptop_is_offered_what_it_can_bear(narwhal: Scenario) -> None:
    """The scenario's own scale and speed come to 150 to 300 requests in a second."""
    plan = plan_for(narwhal.night("rehearsal", seed=narwhal.seed, scale=narwhal.scale))
    assert 140 <= narwhal.speed * sum(plan.rates.values()) <= 300
    assert narwhal.clock.hours.end / narwhal.speed <= 250


def test_five_losses_come_one_by_one_each_with_its_runbook(narwhal: Scenario) -> None:
    """As published: databases, replicas, a region, the cache, packets; none while another is on."""
    injects = narwhal.injects_for("rehearsal")
    assert [each.kind for each in injects] == [
        "service.kill", "service.rebuild", "service.kill", "service.kill", "network.loss",
    ]  # fmt: skip
    assert all(each.runbook is not None and each.runbook.step for each in injects)
    ended = 0.0
    for each in injects:
        assert narwhal.clock.seconds(each.begins) - ended >= 45.0
        ended = narwhal.clock.seconds(each.ends)
    assert narwhal.clock.hours.end - ended >= 60.0


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_clean_hub_is_go(narwhal: Scenario, tmp_path: Path, seed: int) -> None:
    """No check fires in a rehearsal against a sound hub, whatever the seed."""
    verdict = played(narwhal, tmp_path / "run", seed=seed)
    assert unmet(verdict) == []
    assert verdict.word == "GO"


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_of_the_model_is_caught_by_the_check_meant_for_it(
    narwhal: Scenario, tmp_path: Path, defect: str
) -> None:
    """NO-GO, with the record and what stands there."""
    verdict = played(narwhal, tmp_path / "run", seed=3, scale=0.002, defect=defect)
    assert verdict.word == "NO-GO"
    failed = {each.objective.check for each in unmet(verdict)}
    assert failed.issuperset(CAUGHT_BY[defect])


def test_the_practice_hub_has_the_defects_of_the_model() -> None:
    """By the same names, so that proofs in virtual time speak of the same app."""
    from simulators.apps.hub.defects import DEFECTS as OF_THE_APP

    assert {each.name for each in OF_THE_APP}.issuperset(DEFECTS)


def test_a_scenario_has_a_scale_of_its_own() -> None:
    """It is the whole night where a scenario says nothing."""
    assert load_scenario("narwhal-game-day").scale < 0.1
    assert load_scenario("iowa-caucus-night").scale == 1.0
