"""The hours of a scenario: what its file may say about them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from harness.scenario import ClockModel


def test_people_get_time_to_sign_in() -> None:
    """A drill that opens when the meetings begin is refused when its file is read."""
    with pytest.raises(ValidationError, match=r"opens and begins are both 19:00.*open earlier"):
        ClockModel(zone="CT", opens="19:00", doors="19:00", begins="19:00", ends="19:25")


def test_hours_run_on_past_midnight() -> None:
    """A night that ends after midnight is as long as it is."""
    night = ClockModel(zone="CT", opens="23:50", doors="23:55", begins="00:10", ends="01:00")
    assert (night.hours.doors, night.hours.start, night.hours.end) == (300.0, 1200.0, 4200.0)
