"""Where the caucuses are held: counties, delegates and what a county shares.

This is what no block of precincts can know alone. It is a pure function of (spec, seed) and
every worker works it out for itself. Sources of all figures: ``simulators.data``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from simulators.data import calibration
from simulators.world.rules import SATELLITE
from simulators.world.spec import WorldSpec
from simulators.world.streams import PLACES, generator

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

CATEGORIES = ("buttigieg", "sanders", "biden", "warren", "klobuchar", "yang", "rest")
"""Categories of the fitted Dirichlet; ``rest`` is the eight small preferences together."""

_QUANTILES = ("p0", "p1", "p5", "p10", "p25", "p50", "p75", "p90", "p95", "p99", "p100")
_LOG_PER_DELEGATE = 2.373  # mean of log(attendance / delegates)
_COUNTY_SD = 0.81  # over precincts; 0.679 over counties: large counties are busier
_PRECINCT_SD = 0.347
_BUSY_IF_LARGE = 0.85  # rank correlation of a county's size and its attendance: fitted
_LEAN = np.array([-0.14, 0.23, -0.26, 0.28, -0.17, 0.24, -0.38])
"""Log share of each category a standard deviation of county effect: fitted to state shares."""
_COUNTY_CONCENTRATION = 150.0  # what the lean leaves of the 66.9 between counties: fitted
_SATELLITE_MEDIAN, _SATELLITE_SD = 20.0, 1.34  # 2020: median 20, mean 49, 95th percentile 159
_REGISTERED_WITH_DELEGATES = 0.8  # copula correlation: assumed


@dataclass(frozen=True)
class Places:
    """One row a site, precincts first; one row a county, then one a satellite pool.

    Attributes:
        county: County of each site; satellites count on after the counties, one a pool.
        place: Position of each site within its county or pool.
        delegates: County-convention delegates each site elects; 0 at satellites.
        log_attendance: Mean and deviation of log attendance, shape (2, sites).
        registered: Registered voters, 0 at satellites.
        counties: Number of real counties.
        sizes: Sites in each county and pool.
        shares: Alpha of each category in each county and pool, shape (counties + pools, 7).
        state_delegates: Whole state delegates of each county.
        pools: Name of each satellite pool.
        pool_sde: State delegate equivalents each pool is worth.
    """

    county: Ints
    place: Ints
    delegates: Ints
    log_attendance: Floats
    registered: Ints
    counties: int
    sizes: Ints
    shares: NDArray[np.float32]
    state_delegates: Ints
    pools: tuple[str, ...]
    pool_sde: Floats


def lay_out(spec: WorldSpec, seed: int) -> Places:
    """Lay out the state: a pure function of the spec and the seed."""
    rng = generator(seed, PLACES, 0)
    pools = pools_of(spec)
    county_sizes = _county_sizes(spec)
    pool_sizes = _apportion(spec.satellites, np.array([pool["sites"] for pool in pools.values()]))
    sizes = np.concatenate([county_sizes, pool_sizes]).astype(np.int32)
    delegates = _delegates(spec, rng)
    effects = _county_effects(county_sizes, rng)
    county = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    starts = np.cumsum(sizes) - sizes
    return Places(
        county=county,
        place=(np.arange(spec.sites) - starts[county]).astype(np.int32),
        delegates=np.concatenate([delegates, np.full(spec.satellites, SATELLITE)]).astype(np.int32),
        log_attendance=_log_attendance(spec, county, delegates, effects, pools),
        registered=np.concatenate([_registered(delegates, rng), np.zeros(spec.satellites)]).astype(
            np.int32
        ),
        counties=spec.counties,
        sizes=sizes,
        shares=_shares(effects, len(pools), rng),
        state_delegates=_state_delegates(spec, county[: spec.precincts], delegates, effects),
        pools=tuple(pools),
        pool_sde=np.array([pool["sde"] for pool in pools.values()]) * spec.satellites / 87,
    )


def pools_of(spec: WorldSpec) -> dict[str, dict[str, float]]:
    """The pools of a world's satellites by name; none if it has no satellites."""
    pools: dict[str, dict[str, float]] = calibration()["iowa_2020_satellites"]["pools"]
    return (
        {
            name.replace("_", " ").capitalize() if "_" in name else name: pool
            for name, pool in pools.items()
        }
        if spec.satellites
        else {}
    )


def _county_sizes(spec: WorldSpec) -> Ints:
    """Precincts of each county, largest first, on the quantiles of Iowa's 99 counties."""
    wanted = _at_quantiles("precincts_per_county", np.linspace(1, 0, spec.counties))
    return 1 + _apportion(spec.precincts - spec.counties, wanted - 1 + 1e-9)


def _delegates(spec: WorldSpec, rng: np.random.Generator) -> Ints:
    """Delegates of each precinct: the published histogram, scaled, in an order of its own."""
    counts = calibration()["iowa_2020_dem"]["county_delegates_per_precinct"]["histogram"]
    values = np.array([int(value) for value in counts])
    tops = np.cumsum(list(counts.values())) / sum(counts.values())
    ranks = (np.arange(spec.precincts) + 0.5) / spec.precincts
    wanted = values[np.searchsorted(tops, ranks)].astype(float)
    if wanted.sum() != spec.county_delegates:
        wanted = 1 + _apportion(spec.county_delegates - spec.precincts, wanted - 1 + 1e-9)
    return rng.permutation(wanted).astype(np.int32)


def _county_effects(sizes: Ints, rng: np.random.Generator) -> Floats:
    """Log attendance per delegate of each county, around the state's.

    The effects are normal over precincts whatever the seed: counties are put in a drawn order
    in which large ones tend to come last, and each takes the middle of its stretch.
    """
    count = len(sizes)
    by_size = ndtri((np.argsort(np.argsort(sizes, kind="stable")) + 0.5) / count)
    noise = rng.standard_normal(count) * np.sqrt(1 - _BUSY_IF_LARGE**2)
    order = np.argsort(_BUSY_IF_LARGE * by_size + noise)
    tops = np.cumsum(sizes[order])
    effects = np.empty(count)
    effects[order] = _COUNTY_SD * ndtri((tops - sizes[order] / 2) / tops[-1])
    return effects


def _log_attendance(
    spec: WorldSpec,
    county: Ints,
    delegates: Ints,
    effects: Floats,
    pools: dict[str, dict[str, float]],
) -> Floats:
    means = np.empty(spec.sites)
    deviations = np.full(spec.sites, _PRECINCT_SD)
    here = county[: spec.precincts]
    means[: spec.precincts] = _LOG_PER_DELEGATE + np.log(delegates) + effects[here]
    if pools:
        people = np.array([pool["final"] / pool["sites"] for pool in pools.values()])
        overall = sum(pool["final"] for pool in pools.values()) / 87
        medians = _SATELLITE_MEDIAN * people / overall
        means[spec.precincts :] = np.log(medians)[county[spec.precincts :] - spec.counties]
        deviations[spec.precincts :] = _SATELLITE_SD
    return np.stack([means, deviations])


def _registered(delegates: Ints, rng: np.random.Generator) -> Floats:
    """Registered voters of each precinct: Weibull, larger where more delegates are elected."""
    fit = calibration()["pennsylvania_2024_general"]["registered_per_precinct"]["weibull"]
    count = len(delegates)
    order = np.argsort(delegates + rng.random(count))
    scores = np.empty(count)
    scores[order] = ndtri((np.arange(count) + 0.5) / count)
    rho = _REGISTERED_WITH_DELEGATES
    mixed = rho * scores + np.sqrt(1 - rho**2) * rng.standard_normal(count)
    ranks = (np.argsort(np.argsort(mixed)) + 0.5) / count
    registered: Floats = np.ceil(fit["scale"] * (-np.log1p(-ranks)) ** (1 / fit["shape"]))
    return registered


def _shares(effects: Floats, pools: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Dirichlet parameters within each county and pool: the upper of the two levels.

    Preferences lean with how busy a county is, so that the state's shares come out although
    counties are alike in the mean; what the lean does not explain is Dirichlet.
    """
    fit = calibration()["iowa_2020_dem"]["dirichlet_multinomial_first"]
    names = [name.lower() for name in fit["categories"]]
    between = np.array([fit["alpha_between_counties"][names.index(name)] for name in CATEGORIES])
    busy = np.concatenate([effects / _COUNTY_SD, np.full(pools, _COUNTY_SD)])
    means = between / between.sum() * np.exp(_LEAN * busy[:, None])
    means /= means.sum(axis=1, keepdims=True)
    gammas = rng.standard_gamma(means * _COUNTY_CONCENTRATION)
    within: float = fit["concentration_within_county"]
    shares: Floats = within * gammas / gammas.sum(axis=1, keepdims=True)
    return shares.astype(np.float32)


def _state_delegates(spec: WorldSpec, county: Ints, delegates: Ints, effects: Floats) -> Ints:
    """Whole state delegates of each county, by the people expected; at least 3 where it can be."""
    people = np.bincount(county, weights=delegates * np.exp(effects[county]))
    least = min(3, spec.state_delegates // spec.counties)
    state: Ints = least + _apportion(spec.state_delegates - least * spec.counties, people)
    return state


def _at_quantiles(name: str, ranks: Floats) -> Floats:
    table = calibration()["iowa_2020_dem"][name]
    values: Floats = np.interp(
        ranks, [float(q[1:]) / 100 for q in _QUANTILES], [table[q] for q in _QUANTILES]
    )
    return values


def _apportion(total: int, weights: NDArray[np.generic]) -> Ints:
    """Share a total out in whole numbers by largest remainder."""
    if not len(weights):
        return np.zeros(0, dtype=np.int32)
    exact = total * np.asarray(weights, dtype=float) / np.sum(weights, dtype=float)
    whole = np.floor(exact)
    short = round(total - whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:short]] += 1
    parts: Ints = whole.astype(np.int32)
    return parts
