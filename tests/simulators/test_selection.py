"""Selection: which sites a night drives at a smaller or larger scale."""

from __future__ import annotations

import numpy as np
import pytest

from simulators.selection import driven, scaled
from simulators.world.spec import WorldSpec

DELEGATES = np.array([5] * 1600 + [1] * 5 + [7] * 73 + [0] * 87)
SATELLITE = np.arange(1765) >= 1678


def test_the_whole_world_is_driven_at_scale_one() -> None:
    """Every site, in order."""
    assert driven(DELEGATES, SATELLITE, 1.0).tolist() == list(range(1765))


@pytest.mark.parametrize("scale", [0.01, 0.05, 0.1, 0.37, 0.9])
def test_a_part_is_evenly_spaced_and_has_every_kind(scale: float) -> None:
    """As many as the scale asks for, with satellites and one-delegate precincts among them."""
    sites = driven(DELEGATES, SATELLITE, scale)
    assert len(sites) == pytest.approx(1765 * scale, abs=1)
    assert SATELLITE[sites].sum() == pytest.approx(max(1, 87 * scale), abs=1)
    assert (DELEGATES[sites] == 1).sum() >= 2
    assert len(set(sites.tolist())) == len(sites)
    assert (np.diff(sites) > 0).all()
    gaps = np.diff(sites[~SATELLITE[sites]])
    assert np.median(gaps) == pytest.approx(1 / scale, rel=0.2)


def test_the_smallest_night_has_a_precinct_and_a_satellite() -> None:
    """A scale near nothing still drives something of each kind."""
    sites = driven(DELEGATES, SATELLITE, 1e-9)
    assert SATELLITE[sites].sum() == 1
    assert (~SATELLITE[sites]).sum() >= 1


def test_a_world_without_satellites_or_one_delegate_precincts_is_driven_too() -> None:
    """What a world does not have is not asked for."""
    assert len(driven(np.full(100, 4), np.zeros(100, bool), 0.1)) == 10


def test_a_larger_night_has_a_larger_world() -> None:
    """Twice the scale is twice the precincts, delegates and counties; at 1 or less nothing."""
    spec = WorldSpec()
    assert scaled(spec, 0.3) == spec
    double = scaled(spec, 2.0)
    assert (double.precincts, double.satellites, double.county_delegates) == (3356, 174, 22804)
