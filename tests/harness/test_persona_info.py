"""What run.json says of personas is all that reports need to know of them."""

from __future__ import annotations

import orjson

from harness.run_info import persona_info
from harness.scenario import load_scenario, plan_for
from simulators.people.personas import PERSONAS


def test_run_json_tells_who_is_played_and_what_they_are_made_of() -> None:
    """Everybody of the cast, in the order of the deck, with the record that they report."""
    scenario = load_scenario("iowa-caucus-training")
    plan = plan_for(scenario.night("rehearsal", seed=1, scale=1.0))
    told = orjson.loads(orjson.dumps(persona_info(plan)))
    assert [each["name"] for each in told] == list(PERSONAS)
    assert {chair["record"] for each in told for chair in each["chairs"]} <= set(plan.records)
    assert all(len(each["chairs"]) == 1 for each in told)
    knob = told[0]["knobs"]["key_seconds"]
    assert set(knob) == {"value", "mark", "source"}
    assert knob["mark"] in ("published", "measured", "assumed")


def test_a_night_without_personas_tells_of_none() -> None:
    """Where nobody walks any page, there is nobody to tell of."""
    scenario = load_scenario("iowa-caucus-night")
    assert persona_info(plan_for(scenario.night("rehearsal", seed=1, scale=0.02))) == []
