"""Casts: what a scenario may say about its people."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from simulators.people.cast import Cast

ADAPTER = TypeAdapter(Cast)
PESTS = {"share": 0.9, "talk_seconds": 4, "hold_minutes": 20, "calls": 4, "redial_minutes": 5}


def test_an_empty_cast_is_the_rehearsal() -> None:
    """Everyone has the app and is trained unless the scenario says otherwise."""
    cast = ADAPTER.validate_python({})
    assert cast == Cast()
    assert (cast.ready, cast.trained) == (1.0, 1.0)


def test_a_part_of_a_cast_leaves_the_rest_as_it_is() -> None:
    """Naming one number of the hotline keeps the others."""
    cast = ADAPTER.validate_python({"hotline": {"agents": 12}})
    assert cast.hotline.agents == 12
    assert cast.hotline.talk_minutes == Cast().hotline.talk_minutes


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"ready": 1.2}, ("ready",)),
        ({"hotline": {"agents": -1}}, ("hotline", "agents")),
        ({"keying": {"form": -0.1}}, ("keying", "form")),
        ({"persistence": {"tries": 0}}, ("persistence", "tries")),
        ({"readyness": 1.0}, ("readyness",)),
        ({"hotline": {"agent": 5}}, ("hotline", "agent")),
        ({"reports": {"sigma": 0}}, ("reports", "sigma")),
        ({"persistence": {"then_photo": 0.6, "then_text": 0.5}}, ("persistence",)),
        ({"nuisance": {"withheld": 0.5, "silent": PESTS}}, ("nuisance",)),
        ({"hotline": {"shifts": [{"agents": 0}]}}, ("hotline", "shifts", 0, "agents")),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(data: object, place: tuple[str, ...]) -> None:
    """A share above 1, a negative number and an unknown field are named where they stand."""
    with pytest.raises(ValidationError) as caught:
        ADAPTER.validate_python(data)
    assert caught.value.errors()[0]["loc"] == place


def test_every_knob_says_what_it_is() -> None:
    """The schema that editors show describes each field of a cast."""
    schema = ADAPTER.json_schema()
    for model in [schema, *schema["$defs"].values()]:
        for name, field in model["properties"].items():
            assert field.get("description"), f"{model['title']}.{name}"
