"""The first alignment: who comes, whom they stand for, and the pull of the threshold.

Attendance is log-normal with a county effect. Preferences are Dirichlet-multinomial on two
levels, counties and precincts. Then the pull: before the first count a group just short of
the threshold recruits from small ones, which is why groups exactly at the threshold are twice
as common as groups one short. Arrays of groups have shape (groups, sites).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from simulators.data import calibration
from simulators.world.awards import Ints
from simulators.world.places import CATEGORIES, Floats, Places
from simulators.world.preferences import GROUPS, PREFERENCES

Draws = NDArray[np.float32]
_Number = TypeVar("_Number", np.float32, np.float64)

LARGEST_ROOM = 1200.0
"""People at which attendance levels off: fitted to the 99th percentile (592) and the maximum."""

MOST_OF_REGISTERED = 0.8
"""Largest share of a precinct's registered voters who come: assumed; it binds in about 1 of 200,
where the two were drawn too far apart."""

EMPTY_SATELLITES = 4 / 87
"""Share of satellites to which nobody came."""

PULL = 0.50
"""Chance that a group near the threshold recruits. Fitted, with the next two, to the counts of
groups 5 short to 5 above and to viable groups a precinct; 0.6 from 0.65 of the threshold, the
figure in the calibration, gives the latter but twice too many groups exactly at it."""

NEAR = 0.50
"""Share of the threshold from which a group is near it: fitted."""

OVERSHOOT = 3.5
"""Mean of the exponential number of people recruited beyond need: fitted."""

_ROWS = np.array([PREFERENCES.index(name) for name in CATEGORIES[:-1]])
_SMALL = (
    "steyer",
    "uncommitted",
    "gabbard",
    "bloomberg",
    "bennet",
    "other",
    "delaney",
    "patrick",
)
# The most common first: a multinomial draw stops once everyone is placed.
_REST = np.array([PREFERENCES.index(name) for name in _SMALL])
_NEVER_SEEN = 0.00002  # share given to preferences that round to 0.0000 of the state
_RECRUITERS = 3  # no meeting has four groups near the threshold and people left to recruit


@dataclass(frozen=True, slots=True)
class Crowd:
    """What is drawn for a block before the rules apply.

    Attributes:
        attendance: People at each site.
        groups: People in each group, before the pull.
        pull: Uniform numbers that decide the pull.
    """

    attendance: Ints
    groups: Ints
    pull: Draws


def gather(places: Places, start: int, stop: int, rng: np.random.Generator) -> Crowd:
    """Draw attendance and preferences for the sites from ``start`` to ``stop``."""
    means, deviations = places.log_attendance[:, start:stop]
    attendance = _attendance(means, deviations, rng)
    registered = places.registered[start:stop]
    most = np.maximum(1, MOST_OF_REGISTERED * registered).astype(np.int32)
    attendance = np.where(registered > 0, np.minimum(attendance, most), attendance)
    nobody = (places.delegates[start:stop] == 0) & (rng.random(stop - start) < EMPTY_SATELLITES)
    attendance[nobody] = 0
    alphas = places.shares[places.county[start:stop]]
    gammas = rng.standard_gamma(alphas, dtype=np.float32).astype(np.float64)
    shares = gammas / gammas.sum(axis=1, keepdims=True)
    main = rng.multinomial(attendance, shares)
    some = np.flatnonzero(main[:, -1])
    rest = rng.multinomial(main[some, -1], _rest_shares())
    groups = np.zeros((GROUPS, stop - start), dtype=np.int32)
    groups[_ROWS] = main[:, :-1].T
    groups[_REST[:, None], some] = rest.T
    pull = rng.random((GROUPS, stop - start), dtype=np.float32)
    return Crowd(attendance, groups, pull)


def _attendance(means: Floats, deviations: Floats, rng: np.random.Generator) -> Ints:
    people = np.exp(means + deviations * rng.standard_normal(len(means)))
    people /= np.sqrt(1 + (people / LARGEST_ROOM) ** 2)
    return np.maximum(1, np.rint(people)).astype(np.int32)


def _rest_shares() -> Floats:
    state = calibration()["iowa_2020_dem"]["statewide_share_first"]
    shares = np.array([max(_NEVER_SEEN, state[PREFERENCES[row].capitalize()]) for row in _REST])
    rest: Floats = shares / shares.sum()
    return rest


def count_first(crowd: Crowd, needed: Ints) -> Ints:
    """The first alignment, once groups near the threshold have recruited from smaller ones."""
    near = np.ceil(NEAR * needed).astype(np.int32)
    groups = crowd.groups
    small = np.where(groups < near, groups, 0)
    chance = crowd.pull / PULL
    willing = (groups < needed) & (groups >= near) & (chance < 1)
    free = small.sum(axis=0, dtype=np.int32)
    gained = np.zeros_like(groups)
    ranks = np.where(willing, groups * 16 + np.arange(GROUPS, dtype=np.int32)[:, None], -1)
    columns = np.arange(groups.shape[1])
    before = free.copy()
    for _ in range(_RECRUITERS):
        top = ranks.max(axis=0)
        at = np.maximum(top, 0) & 15
        beyond = -OVERSHOOT * np.log(np.maximum(chance[at, columns], 1e-6))
        wanted = needed - (top >> 4) + np.minimum(beyond, needed).astype(np.int32)
        joined = np.where((top >= 0) & (wanted <= free), wanted, 0)
        gained[at, columns] += joined
        free -= joined
        ranks[at, columns] = -1
    first: Ints = groups + gained - taken_from(small, before - free, crowd.pull[0])
    return first


def taken_from(groups: Ints, total: Ints, phase: Draws) -> Ints:
    """Take people out of groups in proportion, in whole numbers, ``total`` in each column.

    Cumulative rounding: each group loses what the running sum gains, so the parts always add
    up and no group loses more than it has.

    Args:
        groups: People, shape (groups, sites).
        total: People to take, at most the column's sum.
        phase: Where the rounding starts, a number in [0, 1) a column.
    """
    # Whole numbers below 2**53 divide exactly enough in floats, and much faster.
    running = running_sums(groups.astype(np.float64))
    whole = np.maximum(running[-1], 1)
    running *= total
    running += np.floor(phase * whole)
    parts: Ints = (running / whole).astype(np.int32)
    parts[1:] -= parts[:-1].copy()
    return parts


def running_sums(rows: NDArray[_Number]) -> NDArray[_Number]:
    """Running sums down the rows, in place; row by row it is ten times as fast as ``cumsum``."""
    for above, row in pairwise(rows):
        row += above
    return rows
