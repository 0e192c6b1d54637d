"""Limits of providers are read with care."""

from __future__ import annotations

import pytest

from simulators.providers.carrier.profile import PROFILES, ProfileError, read_profile


def test_without_a_name_the_limits_are_twilios() -> None:
    """One outbound call a second, 15 s for a webhook, 4000 characters of TwiML."""
    profile = read_profile({})
    assert profile == PROFILES["twilio"]
    assert (profile.outbound_per_second, profile.webhook_seconds) == (1.0, 15.0)
    assert profile.twiml_characters == 4000


def test_a_limit_of_ones_own_replaces_the_named_one() -> None:
    """A campaign's own contract with its provider is one line of settings."""
    profile = read_profile({"name": "bandwidth", "calls_at_once": 250})
    assert profile.calls_at_once == 250
    assert profile.over_rate == "refused"


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"name": "nobody"}, "choose one of twilio"),
        ({"calls_at_onec": 5}, "is not a limit of a profile; limits are"),
        ({"calls_at_once": "5"}, "must be a number above zero"),
        ({"calls_at_once": True}, "must be a number above zero"),
        ({"webhook_seconds": None}, "must be a number above zero"),
        ({"outbound_per_second": 0}, "must be a number above zero"),
        ({"over_rate": "dropped"}, "'queued' or 'refused'"),
    ],
)
def test_a_limit_that_cannot_be_is_refused(settings: dict[str, object], complaint: str) -> None:
    """What was given and what is allowed are both named."""
    with pytest.raises(ProfileError, match=complaint):
        read_profile(settings)
