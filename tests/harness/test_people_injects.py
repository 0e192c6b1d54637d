"""People go wrong: the plan changes, both clocks play it, and the record says whom it touched."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from harness.document import parse_document
from harness.injects.people import people_changes
from harness.injects.schedule import Schedule
from harness.scenario import Scenario, packaged, plan_for
from harness.simulate import simulate
from simulators.campaign_plan import CampaignPlan
from simulators.plan import Plan

NIGHT, DAY, CAMPAIGN = "iowa-caucus-night", "houdini-election-day", "narwhal-game-day"
LEFT = {"name": "they leave", "kind": "people.walk_out", "begins": "20:00", "ends": "21:30",
        "share": 0.6}  # fmt: skip
NEVER = {"name": "late comers", "kind": "people.untrained", "begins": "17:30", "ends": "18:45",
         "share": 0.5}  # fmt: skip
AWAY = {"name": "nobody answers", "kind": "people.unreachable", "begins": "20:00",
        "ends": "21:00", "owner": "on-call"}  # fmt: skip
DOWN = {"name": "down", "kind": "process.restart", "begins": "20:10", "ends": "20:20",
        "runbook": {"step": "Start it.", "owner": "on-call"}}  # fmt: skip


@cache
def source(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(packaged()[name].read_text())
    return data


def scenario(*injects: dict[str, Any], name: str = NIGHT) -> Scenario:
    """A packaged one with these injects alone."""
    data = source(name) | {"injects": list(injects)}
    return parse_document(yaml.safe_dump(data), f"{name}.yaml").validate(Scenario)


def planned(*injects: dict[str, Any], seed: int = 3, cast: str = "as-it-was") -> Plan:
    plan = plan_for(scenario(*injects).night(cast, seed=seed, scale=0.2))
    assert isinstance(plan, Plan)
    return plan


def holds(run: pl.LazyFrame, start: float, end: float) -> float:
    """Mean hold of the calls that were dialled in a stretch and answered, in minutes."""
    within = pl.col("dialled_drill").is_between(start, end)
    held = pl.col("answered_drill") - pl.col("dialled_drill")
    return float(run.filter(within).select(held.mean() / 60).collect().item())


def test_who_walks_out_is_missed_in_hold_times(tmp_path: Path) -> None:
    """The same callers hold longer while six in ten are away, and the record counts who left."""
    without = simulate(scenario(), out=tmp_path / "a", cast="as-it-was", seed=3, scale=0.2)
    with_it = simulate(scenario(LEFT), out=tmp_path / "b", cast="as-it-was", seed=3, scale=0.2)
    start, end = 9000.0, 14_400.0  # from 20:00 to 21:30
    assert holds(with_it.calls, start, end) > 1.3 * holds(without.calls, start, end)
    before = with_it.calls.filter(pl.col("ended_drill") < start).collect()
    assert before.equals(without.calls.filter(pl.col("ended_drill") < start).collect())
    (row,) = with_it.injects.collect().to_dicts()
    assert (row["kind"], row["touched"], row["undone"]) == ("people.walk_out", 6, True)
    assert (row["started_drill"], row["ended_drill"]) == (start, end)
    assert with_it.info["target"]["not_drilled"] == []


def test_they_come_back(tmp_path: Path) -> None:
    """From the end of the inject on everybody is on duty again."""
    (line,) = planned(LEFT).lines().agents
    assert [(at, len(agents)) for at, agents in line.duty] == [(0, 10), (9000, 4), (14_400, 10)]
    first = planned(LEFT).lines(0, 2).agents[0].duty, planned(LEFT).lines(1, 2).agents[0].duty
    assert sum(len(agents) for at, agents in (*first[0], *first[1]) if at == 9000) == 4


def test_readers_leave_too() -> None:
    """Photos and texts lie unread as long as their readers are away."""
    inboxes = planned(LEFT, cast="rehearsal").lines().inboxes
    assert [[len(agents) for _, agents in each.duty] for each in inboxes] == [[1, 0, 1]] * 2


def test_a_share_of_those_who_come_was_never_trained() -> None:
    """Half of them, drawn by the seed, and nobody who comes at another time."""
    plain, changed = planned(cast="rehearsal"), planned(NEVER, cast="rehearsal")
    come = plain.timetable.arrives[plain.timetable.index] < 4500.0
    assert plain.parts.trained.all()
    never = ~changed.parts.trained
    assert 0 < never.sum() == changed.untrained(0.0, 4500.0) == round(0.5 * come.sum())
    assert not never[~come].any()
    assert changed.hash == planned(NEVER, cast="rehearsal").hash != plain.hash
    assert (planned(NEVER, seed=4, cast="rehearsal").parts.trained != changed.parts.trained).any()


def test_an_owner_can_be_missed_only_by_whoever_attends() -> None:
    """It touches the steps of theirs; without anybody at the keys it is not drilled."""
    night = scenario(AWAY, DOWN)
    models, plan = night.injects_for("rehearsal"), planned()
    (away,), unchanged = people_changes(models, plan, night.clock, attended=True)
    assert (away.touched, away.detail, unchanged) == (1, "on-call could not be reached", [])
    changes, (why,) = people_changes(models, plan, night.clock, attended=False)
    assert changes == []
    assert why == "nobody answers: somebody must attend (--attended) for an owner to be missed"


def test_headquarters_can_be_left_on_an_election_day() -> None:
    """Its agents leave and come back; nobody there is trained with an app, so that is told."""
    day = scenario(LEFT | {"begins": "9:00", "ends": "10:00"}, NEVER, name=DAY)
    plan = plan_for(day.night(day.default_cast.run, seed=1, scale=0.5))
    changes, unchanged = people_changes(
        day.injects_for(day.default_cast.run), plan, day.clock, attended=False
    )
    at = day.clock.seconds("9:00")
    (line,) = plan.lines().agents
    staff = {moment: len(agents) for moment, agents in line.duty}
    assert changes[0].touched == staff[0] - staff[at] > 0
    assert staff[at + 3600] == staff[0]
    assert unchanged == ["late comers: only chairs of a caucus are trained with the app"]


def test_a_walk_out_is_on_the_schedule(tmp_path: Path) -> None:
    """A live drill notes when it began and ended, like any other inject."""
    night = scenario(LEFT)
    changes, _ = people_changes(night.injects, planned(LEFT), night.clock, attended=False)
    schedule = Schedule(changes, speed=1e6, journal=tmp_path / "injects.jsonl")
    with schedule.undone():
        schedule.begin(0.0)
        schedule._thread.join(5)
    (row,) = schedule.table().to_dicts()
    told = "6 people left, and came back"
    assert (row["touched"], row["undone"], row["detail"]) == (6, True, told)
    assert row["ended_drill"] is not None


def test_callers_of_a_campaign_put_their_calls_off() -> None:
    """Nobody of those who left calls while they are away, and no call of theirs is forgotten."""
    day = scenario(name=CAMPAIGN)
    opens, hours = day.clock.seconds, day.clock.hours
    at, back = hours.start + (hours.end - hours.start) * 0.2, hours.start + hours.end * 0.5
    begins, ends = day.clock.time_of_day(at), day.clock.time_of_day(back)
    left = LEFT | {"begins": begins, "ends": ends}
    plans = [
        plan_for(each.night(day.default_cast.run, seed=1, scale=0.002))
        for each in (day, scenario(left, name=CAMPAIGN))
    ]
    before, after = plans
    assert isinstance(before, CampaignPlan)
    assert isinstance(after, CampaignPlan)
    callers = range(len(before.lists["phone_banker"].arrives))
    changed = [
        row for row in callers
        if before.tasks("phone_banker", row) != after.tasks("phone_banker", row)
    ]  # fmt: skip
    gone = after.walks_out(opens(begins))
    assert 0 < len(changed) <= gone < len(callers)
    for row in changed:
        tasks = after.tasks("phone_banker", row)
        assert not any(opens(begins) <= task.at < opens(ends) for task in tasks)
        assert [each.record for each in tasks] == [
            each.record for each in before.tasks("phone_banker", row)
        ]
    assert after.tasks("canvasser", 0) == before.tasks("canvasser", 0)
