"""Tests of the plan of a campaign's day: the seed decides it, and every record is on one list."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from simulators.behaviours.campaigner import Task
from simulators.campaign_plan import CampaignPlan
from simulators.night import Hours, Night, night_from_dict, night_to_dict
from simulators.people.campaigning import Campaigning
from simulators.people.cast import Cast
from simulators.people.personas.dealing import Personas
from simulators.plans import plan_of
from simulators.traffic import Arrivals, Traffic
from simulators.world import CampaignSpec, WorldSpec

HOURS = Hours(doors=0, start=30, end=480, clock="10:00")
PLAN = "ca3ee7e5fb67e66f4c43eb13135dac9da2435c45b7c21e3e2480dd15b93f9a2c"
VISITS = Arrivals(rate=((0, 1000), (480, 1000)))


def night(seed: int = 2012, scale: float = 0.004, campaigning: Campaigning | None = None) -> Night:
    cast = Cast(campaigning=campaigning or Campaigning())
    return Night("pinned", CampaignSpec(), cast, Traffic(visits=VISITS), HOURS, seed, scale)


def everything(plan: CampaignPlan) -> list[Task]:
    """What everybody with a list has to do."""
    return [
        task
        for role, lists in plan.lists.items()
        for row in range(len(lists))
        for task in plan.tasks(role, row)
    ]


def test_the_kind_of_world_decides_the_plan() -> None:
    """A campaign's day has canvassers; a caucus is refused, and so are personas."""
    assert isinstance(plan_of(night()), CampaignPlan)
    with pytest.raises(ValueError, match="it must be campaign"):
        CampaignPlan(replace(night(), world=WorldSpec()))
    with pytest.raises(ValueError, match="leave personas out of the cast"):
        CampaignPlan(replace(night(), cast=Cast(personas=Personas(who=("steady",)))))


def test_a_night_survives_json() -> None:
    """The order of an engine carries the whole of it."""
    assert night_from_dict(night_to_dict(night())) == night()


def test_the_plan_is_the_same_on_every_interpreter() -> None:
    """Arrivals, lists, looks, and every contact as it is sent."""
    assert CampaignPlan(night()).hash == PLAN
    assert CampaignPlan(night(seed=2013)).hash != PLAN


@pytest.mark.parametrize("shards", [2, 3])
def test_any_number_of_workers_plays_the_same_day(shards: int) -> None:
    """Together their participants are the plan's, each once and as it was."""
    plan = CampaignPlan(night())
    whole = [(each.index, each.arrives, each.person, each.first) for each in plan.participants()]
    parts = [
        (each.index, each.arrives, each.person, each.first)
        for shard in range(shards)
        for each in CampaignPlan(night()).participants(shard, shards)
    ]
    assert sorted(parts, key=lambda each: each[0]) == whole


@pytest.mark.parametrize("scale", [0.0001, 0.0007, 0.004, 2.0 / 300])
def test_every_record_is_on_one_list(scale: float) -> None:
    """What is to be written first, over all lists, is what all sources hold; at any size."""
    plan = CampaignPlan(night(scale=scale, campaigning=Campaigning(resent=0)))
    first = [task.record for task in everything(plan) if task.report and task.report.version == 1]
    assert sorted(first) == sorted(plan.records)
    truth = plan.report_table()
    assert truth["record"].to_list() == plan.records
    assert plan.expected["submit_report"] == len(plan.records)


def test_lists_keep_to_the_hours_and_the_state() -> None:
    """Nobody means to begin after the window, before they have come, or across a border."""
    plan = CampaignPlan(night())
    for role, lists in plan.lists.items():
        for row in range(len(lists)):
            state = plan.world.spec.states[int(lists.states[row])]
            for task in plan.tasks(role, row):
                assert lists.arrives[row] <= task.at <= 460.0
                assert task.record.startswith(state)


def test_a_batch_is_loaded_again_as_it_was() -> None:
    """The same rows with the same keys, after the last of them."""
    plan = CampaignPlan(night(campaigning=Campaigning(resent=1.0)))
    tasks = plan.tasks("clerk", 0)
    half = len(tasks) // 2
    assert tasks[:half] == tasks[half:]
    assert len({task.report.operation for task in tasks if task.report}) == half


def test_two_sources_correct_the_same_person_at_once() -> None:
    """Door and phone at the same moment, each their own record."""
    plan = CampaignPlan(night(campaigning=Campaigning(together=1.0, corrects=0, contested=0)))
    amended = {task.record: task.at for task in everything(plan) if task.amends}
    people = Counter(record.partition(".")[0] for record in amended)
    assert set(people.values()) == {2}
    assert len(people) > 20
    for person in people:
        assert amended[f"{person}.field"] == amended[f"{person}.phone"]


def test_two_canvassers_correct_the_same_record_at_once() -> None:
    """Each with a key and values of their own, at the same moment."""
    plan = CampaignPlan(night(campaigning=Campaigning(together=0, corrects=0, contested=0.2)))
    amended = [task for task in everything(plan) if task.amends and task.report]
    by_record: dict[str, list[Task]] = {}
    for task in amended:
        by_record.setdefault(task.record, []).append(task)
    assert len(by_record) > 50
    for tasks in by_record.values():
        one, other = tasks
        assert one.at == other.at
        assert one.report
        assert other.report
        assert one.report.operation != other.report.operation
        assert one.report.values != other.report.values
        assert {one.own, other.own} == {True, False}


def test_organizers_look_at_what_was_just_written() -> None:
    """Seconds after it was due, in their own state."""
    plan = CampaignPlan(night())
    due = {
        plan.world.record(person, lists.source): at
        for lists in plan.lists.values()
        for person, at in zip(lists.people.tolist(), lists.due.tolist(), strict=True)
    }
    looks = plan.tasks("organizer", 0)
    assert len(looks) > 40
    for look in looks:
        assert look.report is None
        assert look.record.startswith("CO-")
        assert 1.0 <= look.at - due[look.record] <= 40.001


def test_accounts_are_one_a_member_and_no_two_alike() -> None:
    """Their state stands where others have their precinct; supporters have none."""
    plan = CampaignPlan(night())
    people = plan.people_table()
    assert people["key"].n_unique() == len(people) == plan.expected["sign_in"]
    assert set(people["role"]) == {"canvasser", "phone_banker", "clerk", "organizer"}
    assert set(people["record"]) == set(plan.world.spec.states)
    roles = Counter(plan.role(index) for index in range(plan.count))
    assert roles["supporter"] == int(plan.world.known[:, 2].sum())
    whom = {each.index: each.person.key for each in plan.participants()}
    assert {whom[who] for who in people["who"]} == set(people["key"])


def test_the_voter_file_has_whom_the_file_knows() -> None:
    """With what an app recognises people by."""
    plan = CampaignPlan(night())
    file = plan.voter_table()
    assert len(file) == int(plan.world.known[:, 0].sum())
    assert file.columns == ["person", "state", "voter_id", "phone", "line", "email", "name"]


def test_rates_are_those_of_the_lists() -> None:
    """What is offered in the busiest minute, first tries only."""
    plan = CampaignPlan(night())
    due = np.concatenate([lists.due for lists in plan.lists.values()])
    busiest = np.bincount((due // 60).astype(int)).max() / 60
    assert plan.rates["submit_report"] == pytest.approx(busiest, rel=0.15)
    assert plan.rates["read_results"] == pytest.approx(1000 * 0.004 * 1.8, rel=0.2)
