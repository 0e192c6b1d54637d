"""The night as data: what decides a plan survives a trip through JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError

from simulators.night import Hours, Night, night_from_dict, night_to_dict
from simulators.people.cast import Cast, Staffing
from simulators.traffic import CAUCUS_2008, CAUCUS_2016, Arrivals, Traffic
from simulators.world.spec import WorldSpec

NIGHT = Night("a-night", WorldSpec(), Cast(), Traffic(), Hours(), seed=7)


@pytest.mark.parametrize(
    "night",
    [
        NIGHT,
        replace(NIGHT, scale=0.05, seed=2**64 - 1),
        replace(
            NIGHT,
            cast=Cast(
                ready=0.3,
                reports=CAUCUS_2016,
                end=30600.0,
                help_calls=Arrivals(rate=((0, 1.0), (60, 2.5))),
                hotline=Staffing(agents=3, trunks=5),
            ),
            traffic=Traffic(visits=Arrivals(trace="visits.csv")),
            world=WorldSpec(precincts=100, counties=3, county_delegates=500, deck=True),
        ),
    ],
)
def test_a_night_survives_json(night: Night) -> None:
    """Written, sent to another process and read again, a night is the same night."""
    assert night_from_dict(json.loads(json.dumps(night_to_dict(night)))) == night


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"scale": 0}, "scale"),
        ({"sclae": 1}, "sclae"),
        ({"hours": {"start": 100, "doors": 200}}, "hours"),
        ({"hours": {"clock": "25:00"}}, "hours.clock"),
    ],
)
def test_a_night_that_cannot_be_is_refused_with_its_place(
    change: dict[str, object], place: str
) -> None:
    """Unknown names and impossible values are named where they stand."""
    with pytest.raises(ValidationError) as caught:
        night_from_dict({**night_to_dict(NIGHT), **change})
    assert ".".join(map(str, caught.value.errors()[0]["loc"])) == place


def test_a_cast_may_bring_its_own_curve_calls_and_end() -> None:
    """What the cast says goes before what the traffic and the hours say."""
    assert (NIGHT.end, NIGHT.reports, NIGHT.help_calls) == (
        19800.0,
        CAUCUS_2008,
        Traffic().help_calls,
    )
    own = Arrivals(rate=((0, 1.0), (60, 1.0)))
    cast = Cast(reports=CAUCUS_2016, end=9000.0, help_calls=own, nuisance_calls=own)
    night = replace(NIGHT, cast=cast)
    assert (night.end, night.reports, night.help_calls) == (9000.0, CAUCUS_2016, own)
    assert night.nuisance_calls == own
