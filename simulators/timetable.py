"""The timetable: who comes when, all roles together, in order of arrival.

Times are drill seconds, whole milliseconds: a last-bit difference between two machines' logarithms
must not make two plans of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.night import Night
from simulators.people.draws import many

ROLES = ("chair", "help_caller", "nuisance", "public")
LAST_SIGN_IN = 300.0  # seconds after the start by which the last chair first signs in
EARLY_REPORT = 120.0  # seconds after sign-in at which an early satellite reports, at least

Times = NDArray[np.float64]


@dataclass(frozen=True)
class Timetable:
    """Everybody's arrival; position n in the columns is participant n.

    Attributes:
        arrives: Drill seconds, ascending.
        roles: Position of each one's role in :data:`ROLES`.
        rows: Which one of that role each is.
        ready: Drill second at which each chair's report is ready, by row.
        index: Position of each chair, by row.
    """

    arrives: Times
    roles: NDArray[np.uint8]
    rows: NDArray[np.int64]
    ready: Times
    index: NDArray[np.int64]


def draw_timetable(
    night: Night,
    counties: NDArray[np.int64],
    satellite: NDArray[np.bool_],
    appointed: Mapping[int, tuple[float, float]] | None = None,
) -> Timetable:
    """Draw when everybody comes.

    Args:
        night: Hours, traffic, cast and seed.
        counties: County number of each chair's site, shape (n,).
        satellite: Whether it is a satellite, shape (n,).
        appointed: When some chairs sign in and have their report ready, by row; everybody else
            comes as without them.
    """
    sign_in = _sign_ins(night, len(counties))
    ready = _ready(night, counties, satellite, sign_in)
    for row, (comes, reports) in (appointed or {}).items():
        sign_in[row], ready[row] = comes, reports
    columns = [
        sign_in,
        _independent(night, "help calls"),
        _independent(night, "nuisance calls"),
        _independent(night, "visits"),
    ]
    arrives = np.asarray(np.concatenate(columns).round(3), dtype=np.float64)
    roles = np.repeat(np.arange(len(ROLES), dtype=np.uint8), [len(each) for each in columns])
    rows = np.concatenate([np.arange(len(each)) for each in columns])
    order = np.argsort(arrives, kind="stable")
    index = np.empty(len(order), dtype=np.int64)
    index[order] = np.arange(len(order))
    return Timetable(
        arrives=arrives[order],
        roles=roles[order],
        rows=rows[order],
        ready=np.round(ready, 3),
        index=index[: len(counties)],
    )


def _sign_ins(night: Night, count: int) -> Times:
    """Chairs trickle in from the first second until just after the start, evenly and jittered.

    Even, because the people who sign in are the narrowest pipe of real apps: a drill should not
    find it by bad luck.
    """
    jitter = many(night.seed, "sign-in jitter").random(count)
    place = many(night.seed, "sign-in order").permutation(count)
    width = min(night.hours.start + LAST_SIGN_IN, night.end)
    return np.asarray((place + jitter) * width / max(count, 1), dtype=np.float64)


def _ready(
    night: Night,
    counties: NDArray[np.int64],
    satellite: NDArray[np.bool_],
    sign_in: Times,
) -> Times:
    seed, count = night.seed, len(counties)
    minutes = night.reports.minutes(counties, many(seed, "report times"), many(seed, "county pace"))
    ready = night.hours.start + 60.0 * minutes
    early = satellite & (
        many(seed, "early satellites").random(count) < night.traffic.satellites_early
    )
    soon = sign_in + EARLY_REPORT + 900.0 * many(seed, "early reports").random(count)
    return np.asarray(np.where(early, soon, ready), dtype=np.float64)


def _independent(night: Night, what: str) -> Times:
    arrivals = {
        "help calls": night.help_calls,
        "nuisance calls": night.nuisance_calls,
        "visits": night.traffic.visits,
    }[what]
    times = arrivals.times(many(night.seed, what), scale=night.scale)
    return times[times < night.end]


def peak(times: Times, window: float = 60.0) -> float:
    """Most arrivals in any window of ``window`` seconds on a fixed grid, per second.

    Example:
        >>> peak(np.array([1.0, 2.0, 3.0, 100.0]), window=60.0)
        0.05
    """
    if not len(times):
        return 0.0
    return float(np.bincount((times // window).astype(np.int64)).max()) / window
