"""The plan: the same for the same seed, however many workers make it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from simulators.line_model import Group
from simulators.model import AppModel, Cut, Outage
from simulators.night import Hours, Night
from simulators.people.cast import Cast, Staffing
from simulators.phones.hotline import Call
from simulators.plan import Plan, hash_of
from simulators.traffic import Arrivals, Traffic
from simulators.virtual import Played, play
from simulators.world.spec import WorldSpec


def night(seed: int = 7, scale: float = 0.05, cast: Cast | None = None, **world: Any) -> Night:
    return Night(
        "a-night", WorldSpec(**world), cast or Cast(), Traffic(), Hours(), seed=seed, scale=scale
    )


@pytest.fixture(scope="module")
def plan() -> Plan:
    """A twentieth of a night."""
    return Plan(night())


def test_the_seed_decides_the_plan() -> None:
    """Same night, same hash; another seed, size, name or cast, another."""
    same = Plan(night()).hash
    assert same == Plan(night()).hash
    assert re.fullmatch(r"[0-9a-f]{64}", same)
    others = [
        night(seed=8),
        night(scale=0.06),
        replace(night(), name="another"),
        night(cast=Cast(ready=0.5)),
    ]
    assert len({same, *(Plan(other).hash for other in others)}) == 5


@pytest.mark.parametrize("shards", [1, 2, 4])
def test_workers_make_the_same_plan_together(plan: Plan, shards: int) -> None:
    """The union of the shards, in order of index, has the hash of the whole."""
    parts = [list(Plan(night()).participants(shard, shards)) for shard in range(shards)]
    for shard, part in enumerate(parts):
        assert all(each.index % shards == shard for each in part)
    everybody = sorted((each for part in parts for each in part), key=lambda each: each.index)
    assert [each.index for each in everybody] == list(range(plan.count))
    assert hash_of(everybody) == plan.hash


def test_participants_come_in_order_of_arrival(plan: Plan) -> None:
    """A worker can make them one by one, as their time comes."""
    arrivals = [each.arrives for each in plan.participants()]
    assert arrivals == sorted(arrivals)
    assert arrivals[0] >= 0
    assert arrivals[-1] < plan.night.end


def test_every_driven_record_has_one_chair(plan: Plan) -> None:
    """One chair a record, with a first report under the record's key."""
    chairs = [each for each in plan.participants() if each.person.role == "chair"]
    assert sorted(each.person.record for each in chairs) == sorted(plan.records)
    assert len(plan.records) == 88
    for each in chairs:
        assert each.first is not None
        assert (each.first.record, each.first.version) == (each.person.record, 1)
        assert each.person.index == each.index
        assert len(each.first.values) == len(plan.world.fields)


def test_roles_are_named(plan: Plan) -> None:
    """Chairs, help callers and the public; operators are numbered after everybody."""
    roles = Counter(each.person.role for each in plan.participants())
    assert set(roles) == {"chair", "help_caller", "public"}
    for each in plan.participants():
        assert plan.role(each.index) == each.person.role
    assert plan.role(plan.count) == "operator"


def test_operation_keys_are_unique_and_plain(plan: Plan) -> None:
    """Letters, digits and dashes, and no two reports alike."""
    keys = [each.first.operation for each in plan.participants() if each.first]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[A-Za-z0-9-]+", key) for key in keys)
    other = [each.first.operation for each in Plan(night(seed=8)).participants() if each.first]
    assert not set(keys) & set(other)


@pytest.mark.parametrize("seed", range(12))
def test_every_seed_reaches_every_trigger(seed: int) -> None:
    """Forty sites are enough for a wrong code, a double tap, a wrong key and a correction."""
    cast = Cast()
    plan = Plan(
        night(seed, 1.0, cast, precincts=36, satellites=4, counties=4, county_delegates=240)
    )
    errands = [plan.errand(row) for row in range(len(plan.records))]
    assert len(errands) == 40
    assert {each.slip for each in errands} == {"", "swapped", "mistyped"}
    assert any(each.double_tap for each in errands)
    assert any(not each.uses_app and not each.struggles for each in errands)
    assert any(each.corrects and each.first.values != each.worksheet for each in errands)
    wrong = [each for each in errands if each.wrong_record]
    assert wrong
    for each in wrong:
        assert each.wrong_record in plan.records
        assert each.wrong_record != each.person.record


@pytest.mark.parametrize("seed", range(5))
def test_a_wrong_key_is_a_neighbours_whose_report_is_in(seed: int) -> None:
    """What is written over a report that is in stays wrong until the end."""
    plan = Plan(night(seed, scale=1.0))
    rows = {record: row for row, record in enumerate(plan.records)}
    errands = [plan.errand(row) for row in range(len(rows))]
    wrong = [each for each in errands if each.wrong_record]
    assert len(wrong) == 4  # 0.5 % of those whose report is ready in the later half
    for each in wrong:
        assert plan.timetable.ready[rows[each.wrong_record]] < each.ready


def test_first_reports_err_at_the_channels_rates() -> None:
    """4.2 % of the numbers on the app's form, 0.45 % by voice."""
    plan = Plan(night(scale=1.0, cast=Cast(ready=0.5, trained=1.0)))
    wrong, numbers = Counter[bool](), Counter[bool]()
    for row in range(len(plan.records)):
        errand = plan.errand(row)
        pairs = zip(errand.first.values, errand.worksheet, strict=True)
        wrong[errand.uses_app] += sum(a != b for a, b in pairs)
        numbers[errand.uses_app] += sum(value != 0 for value in errand.worksheet)
    # About 12,000 numbers each: three standard errors.
    assert wrong[True] / numbers[True] == pytest.approx(0.042, abs=0.006)
    assert wrong[False] / numbers[False] == pytest.approx(0.0045, abs=0.002)


def test_sign_ins_trickle() -> None:
    """Played at 120 times the clock, no more than about 40 chairs sign in a second."""
    plan = Plan(night(scale=1.0))
    assert plan.rates["sign_in"] * 120 <= 41
    assert plan.rates["read_results"] * 120 <= 110
    last = max(each.arrives for each in plan.participants() if each.person.role == "chair")
    assert last <= plan.night.hours.start + 300


def test_reports_are_ready_in_time_for_the_phone() -> None:
    """The last report of a rehearsal is ready by 22:10, 50 minutes before the end."""
    for seed in range(5):
        ready = Plan(night(seed, 1.0)).timetable.ready
        assert ready.max() <= 5400 + 190 * 60
    assert ready.min() > 0


def test_satellites_that_met_early_report_early() -> None:
    """About 0.4 of satellites report while chairs still sign in; no precinct does."""
    plan = Plan(night(scale=1.0))
    early = plan.timetable.ready < 5400
    assert early[:1678].sum() == 0
    assert 20 <= early[1678:].sum() <= 50


def agents_at(plan: Plan, shard: int, shards: int) -> list[int]:
    """Numbers of the agents at one worker's line, in the order of its seats."""
    (line,) = plan.lines(shard, shards).agents
    seats = range(len(line.hotline.on_duty))
    taken = [line.operators.take(seat, Call(0, "results", "", 0.0), None) for seat in seats]
    return [person.index - plan.count for person, _, _ in taken]


def test_agents_are_dealt_out_among_workers() -> None:
    """Every agent sits at one line; a worker without one borrows."""
    plan = Plan(night(scale=0.2))
    people = [agents_at(plan, shard, 4) for shard in range(4)]
    assert sorted(agent for part in people for agent in part) == list(range(10))
    alone = Plan(night(scale=0.02))
    assert [agents_at(alone, shard, 2) for shard in range(2)] == [[0], [0]]


def test_a_cast_without_agents_has_no_line() -> None:
    """Zero agents is no hotline and no operators in the roster."""
    plan = Plan(night(cast=Cast(hotline=Staffing(agents=0))))
    assert plan.lines().agents == ()
    assert set(plan.people_table()["role"]) == {"chair"}


def test_the_roster_has_everybody_with_an_account(plan: Plan) -> None:
    """Chairs and operators, each with a key, a place in the plan and a code of their own."""
    table = plan.people_table()
    assert Counter(table["role"]) == {"chair": 88, "operator": 3}
    assert table["key"].n_unique() == table["who"].n_unique() == len(table)
    assert len({codes[0] for codes in table["codes"]}) == len(table)
    by_key = {row["key"]: row for row in table.iter_rows(named=True)}
    for each in plan.participants():
        if each.person.role == "chair":
            assert by_key[each.person.key]["who"] == each.index
            assert by_key[each.person.key]["codes"] == list(each.person.codes)


def test_a_chair_is_the_same_person_at_any_scale() -> None:
    """A smaller rehearsal has the same people with the same codes for the same sites."""
    small, large = Plan(night(scale=0.05)), Plan(night(scale=1.0))
    whole = {each.record: each for each in large.chairs}
    for each in small.chairs:
        other = whole[each.record]
        assert (each.name, each.codes, each.age) == (other.name, other.codes, other.age)


def test_a_larger_night_has_more_of_everything() -> None:
    """Twice the scale is twice the sites, the visits and the agents."""
    plan = Plan(night(scale=2.0))
    assert len(plan.records) == 3530
    assert len(plan.desk) == 100
    visits = [role for role in plan.timetable.roles if role == 3]
    expected = 2 * plan.night.traffic.visits.expected
    assert len(visits) == pytest.approx(expected, abs=4 * expected**0.5)


def test_behaviours_start_afresh(plan: Plan) -> None:
    """Made twice, a behaviour does the same thing twice."""
    for each in list(plan.participants())[:20]:
        assert next(each.behave()) == next(each.behave())


def rehearse(
    seed: int, scale: float, model: AppModel, cast: Cast | None = None
) -> tuple[Plan, Played]:
    plan = Plan(night(seed, scale, cast))
    places = {
        record: plan.world.site(int(site))
        for record, site in zip(plan.records, plan.sites, strict=True)
    }
    return plan, play(plan, model, places=places, seed=seed, until=plan.night.end)


@pytest.mark.parametrize("seed", range(20))
def test_every_site_is_in_though_the_app_restarts_and_answers_are_cut(seed: int) -> None:
    """Down for 40 drill minutes at any time, half of some answers lost: every site is in."""
    down = 5400 + 450.0 * seed  # from 19:00 to 21:20
    faults = (
        Outage("restart", down, down + 2400),
        Cut("cut answers", 0, 19800, Group(0.5), every=2),
    )
    plan, played = rehearse(seed, 0.05, AppModel(faults=faults))
    assert set(played.app.first) == set(plan.records)


def test_a_dead_app_moves_everybody_to_the_phones_and_to_an_end() -> None:
    """With an app that never comes back nobody waits for ever: each tries, phones, and is done."""
    cast = Cast(hotline=Staffing(tries=3))
    model = AppModel(faults=(Outage("dead", 0, 1e9),))
    plan, played = rehearse(3, 0.05, model, replace(cast, end=200_000.0))
    assert played.unfinished == 0
    assert not played.app.first
    assert {call.record for call in played.calls if call.record} == set(plan.records)


def test_visits_of_a_trace_are_visits(tmp_path: object) -> None:
    """A recorded trace of visits is played visit for visit."""
    from pathlib import Path

    path = Path(str(tmp_path)) / "visits.csv"
    path.write_text("drill_second\n100\n200\n999999\n")
    traffic = Traffic(visits=Arrivals(trace=str(path)), help_calls=Arrivals())
    plan = Plan(replace(night(scale=1.0), traffic=traffic))
    public = [each for each in plan.participants() if each.person.role == "public"]
    # The third comes after the end of the drill.
    assert [each.arrives for each in public] == [100.0, 200.0]
