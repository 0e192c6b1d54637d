"""A plan with personas: who plays whom, when, and what bad pages cost the phones."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from simulators.behaviours.protocol import Answer, AnswerClass
from simulators.model import AppModel
from simulators.night import Hours, Night, night_from_dict, night_to_dict
from simulators.people.cast import Cast, Staffing
from simulators.people.personas import PERSONAS
from simulators.people.personas.dealing import Personas
from simulators.phones.hotline import Call
from simulators.plan import Plan, hash_of
from simulators.stage import Operation, Participant, Stage
from simulators.traffic import Traffic
from simulators.virtual import VirtualClock, play
from simulators.world.spec import WorldSpec

WORLD = WorldSpec(precincts=76, satellites=4, counties=4, county_delegates=480)
DECK = Cast(personas=Personas(who="all"))


def night(cast: Cast = DECK, seed: int = 5) -> Night:
    return Night("an-evening", WORLD, cast, Traffic(), Hours(), seed=seed)


@cache
def plan() -> Plan:
    return Plan(night())


def personas_of(plan: Plan) -> list[Participant]:
    return [each for each in plan.participants() if each.person.persona]


def test_each_persona_plays_one_chair_in_a_browser() -> None:
    """As old, as patient and in the language that they are; everybody else uses the API."""
    played = personas_of(plan())
    assert sorted(each.person.persona for each in played) == sorted(PERSONAS)
    for each in played:
        persona = PERSONAS[each.person.persona]
        assert each.channel == "web"
        assert (each.person.role, each.person.language) == ("chair", persona.language)
        assert (each.person.age, each.person.tries) == (persona.age, persona.tries.value)
        assert each.person.patience == persona.patience_seconds.value
        assert each.first is not None
        assert any(each.first.values)
    others = [each for each in plan().participants() if not each.person.persona]
    assert {each.channel for each in others} == {"api"}
    table = plan().people_table()
    rows = table.filter(table["key"].is_in([each.person.key for each in played]))
    assert sorted(rows["age"]) == sorted(each.person.age for each in played)


def test_they_play_among_those_who_use_the_app_and_take_nobody_elses_part() -> None:
    """What every drill must have, a wrong code or a wrong precinct, is still there."""
    errands = [plan().errand(row) for row in range(len(plan().records))]
    assert all(errands[row].uses_app for row in plan().personas)
    without = Plan(night(Cast()))
    before = [without.errand(row) for row in range(len(without.records))]
    for part in ("double_tap", "wrong_record"):
        assert sum(bool(getattr(each, part)) for each in errands) == sum(
            bool(getattr(each, part)) for each in before
        )
    assert plan().expected == without.expected


def test_everybody_else_is_as_without_them() -> None:
    """A persona takes a chair, and moves nobody."""
    taken = set(plan().personas)
    without = Plan(night(Cast()))
    for row in range(len(plan().records)):
        if row not in taken:
            mine, theirs = plan().errand(row), without.errand(row)
            assert (mine.person.key, mine.first, mine.arrives, mine.ready) == (
                theirs.person.key, theirs.first, theirs.arrives, theirs.ready,
            )  # fmt: skip


@pytest.mark.parametrize("shards", [1, 2, 4])
def test_any_number_of_workers_make_the_same_plan(shards: int) -> None:
    """Also from the plain data that is sent to them."""
    sent = night_from_dict(json.loads(json.dumps(night_to_dict(night()))))
    parts = [each for shard in range(shards) for each in Plan(sent).participants(shard, shards)]
    assert hash_of(sorted(parts, key=lambda each: each.index)) == plan().hash


def test_the_hash_knows_who_plays_whom() -> None:
    """Another persona, another plan; and a plan without any is another."""
    some = [("steady",), ("slow-line",), ()]
    hashes = {Plan(night(Cast(personas=Personas(who=who)))).hash for who in some}
    assert len(hashes) == 3
    assert Plan(night(seed=6)).hash != plan().hash


def test_a_night_with_too_few_chairs_says_how_many_it_needs() -> None:
    """And what to do."""
    with pytest.raises(ValueError, match=r"take 300 chairs, but only \d+ use the app.*scale"):
        Plan(night(Cast(personas=Personas(who="all", repeats=20))))


def test_in_virtual_time_they_report_like_everybody() -> None:
    """The model answers a browser's operations as it does the API's; each report is there once."""
    places = {record: plan().world.lookup(record) for record in plan().records}
    played = play(plan(), AppModel(), places=places, seed=1, until=plan().night.end)
    web = [each.operation for each in played.attempts if each.operation.channel == "web"]
    assert {each.actor.persona for each in web} == set(PERSONAS)
    assert {each.kind for each in web} == {"sign_in", "submit_report", "read_report"}
    counts = Counter(each.record for each in played.app.counting())
    for each in personas_of(plan()):
        assert counts[each.person.record] == 1
    assert not any(each.helped for each in web)


class Barred:
    """An app whose pages let nobody send by browser, whoever helps."""

    def __init__(self, opens: Callable[[Operation], bool]) -> None:
        self.operations: list[Operation] = []
        self._opens = opens

    def perform(self, operation: Operation, answered: Callable[[Answer], None]) -> None:
        self.operations.append(operation)
        sort = AnswerClass.ACCEPTED
        if operation.channel == "web" and operation.kind == "submit_report":
            sort = sort if self._opens(operation) else AnswerClass.REFUSED
        detail = "" if sort is AnswerClass.ACCEPTED else "stuck at send"
        answered(Answer(sort.outcome, sort, detail=detail))


def calls_of(opens: Callable[[Operation], bool]) -> tuple[list[Call], Barred]:
    """The calls of personas on an evening when only they and the hotline are there."""
    cast = replace(DECK, hotline=Staffing(agents=3))
    deck = Plan(night(cast))
    clock, app, calls = VirtualClock(), Barred(opens), list[Call]()
    stage = Stage(clock, app, lines=deck.lines(), on_call=calls.append)
    for participant in personas_of(deck):
        stage.enter(participant)
    clock.run(deck.night.end)
    return calls, app


def test_bad_pages_cost_phone_lines() -> None:
    """Pages that can be used cost no call, unclear ones a call each, and closed ones two."""
    fine, _ = calls_of(lambda operation: True)
    unclear, app = calls_of(lambda operation: operation.helped)
    closed, _ = calls_of(lambda operation: False)
    assert [len(fine), len(unclear), len(closed)] == [0, len(PERSONAS), 2 * len(PERSONAS)]
    assert {call.line for call in closed} == {"results"}
    assert all(call.cause == "served" for call in unclear)
    helped = [each for each in app.operations if each.helped]
    assert len(helped) == len(PERSONAS)
    assert all(each.attempt == 2 for each in helped)


def test_a_closed_page_means_a_report_by_phone() -> None:
    """Keyed by whoever answers, on the hotline and from their own account."""
    _, app = calls_of(lambda operation: False)
    keyed = [each for each in app.operations if each.channel == "hotline"]
    reports = [each for each in keyed if each.kind == "submit_report"]
    assert len({each.record for each in reports}) == len(PERSONAS)
    assert {each.actor.role for each in reports} == {"operator"}
