"""From an invitation to an app that works: who gets how far."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from simulators.people.onboarding import STEPS, Onboarded, Onboarding, onboard

COUNT = 1765
SEEDS = st.integers(0, 2**32)
REACHES = st.floats(0, 1)


def onboarded(seed: int, reach: float, onboarding: Onboarding | None = None) -> Onboarded:
    """A state of chairs, three quarters of them with a smartphone."""
    smartphones = np.arange(COUNT) % 4 > 0
    return onboard(seed, onboarding or Onboarding(), smartphones=smartphones, reach=reach)


def columns(who: Onboarded) -> list[list[bool]]:
    return [getattr(who, step).tolist() for step in STEPS]


@given(seed=SEEDS, reach=REACHES)
def test_the_seed_decides(seed: int, reach: float) -> None:
    """Same seed, same people; and another seed, others."""
    assert columns(onboarded(seed, reach)) == columns(onboarded(seed, reach))
    assert columns(onboarded(seed, reach)) != columns(onboarded(seed + 1, reach))


@given(seed=SEEDS, reach=REACHES)
def test_nobody_skips_a_step(seed: int, reach: float) -> None:
    """Whoever is ready has signed in, and whoever has signed in has the app and a smartphone."""
    who = onboarded(seed, reach)
    assert who.invited.all()
    assert who.trained.sum() == round(reach * COUNT)
    assert not who.has_app[::4].any()
    for earlier, later in (("has_app", "signed_in"), ("signed_in", "practised")):
        assert (getattr(who, earlier) | ~getattr(who, later)).all()
    assert (who.signed_in | ~who.ready).all()


@given(seed=SEEDS, one=REACHES, other=REACHES)
def test_training_harms_nobody(seed: int, one: float, other: float) -> None:
    """Whoever gets somewhere at one reach gets there at every larger one."""
    less, more = sorted((one, other))
    before, after = onboarded(seed, less), onboarded(seed, more)
    for step in STEPS:
        assert (getattr(after, step) | ~getattr(before, step)).all(), step


def test_with_nobody_trained_the_shares_are_the_product_of_the_steps() -> None:
    """Three quarters, two steps of a half, and a half: a known answer."""
    steps = Onboarding(
        install_steps=2, install_step=0.5, signs_in=0.5, practises=1.0, kept=1.0, unpractised=0.0
    )
    shares = [onboarded(seed, 0.0, steps).share("ready") for seed in range(40)]
    # 3/4 x 1/4 x 1/2; the standard error of the mean is 0.0011.
    assert np.mean(shares) == pytest.approx(3 / 32, abs=0.0044)


def test_who_has_never_tried_it_may_still_get_through() -> None:
    """And who has tried it may have forgotten."""
    never = Onboarding(install_step=1, signs_in=1, practises=0, unpractised=1, kept=0)
    assert onboarded(3, 0.0, never).share("ready") == onboarded(3, 0.0, never).share("signed_in")
    forgot = Onboarding(install_step=1, signs_in=1, practises=1, unpractised=1, kept=0)
    assert onboarded(3, 0.0, forgot).share("ready") == 0.0


def test_a_reach_that_is_no_share_is_refused() -> None:
    """Also in a scenario's steps."""
    with pytest.raises(ValueError, match=r"reach=1\.5, but a share"):
        onboarded(1, 1.5)
    with pytest.raises(ValidationError, match="kept"):
        TypeAdapter(Onboarding).validate_python({"kept": 2})
