"""Which watcher plays which part: who knows another way, who keys slowly, who asks for help.

Parts are dealt out by count, as those of chairs are: a share of n watchers is that share of n,
rounded. Times are drill seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.people.cast import Cast
from simulators.people.draws import many
from simulators.people.keypad import hindrance, paces
from simulators.people.roster import Flags, Numbers, Roster

WAYS = ("headquarters", "web", "text")


@dataclass(frozen=True)
class Watchers:
    """One flag or number a watcher, in columns of equal length.

    Attributes:
        pace: Factor on the seconds they take for a key, and for finding a code.
        slip: Chance that a code is keyed wrong.
        knows_at: From when on they know another way; infinite if never.
        stops_calling: Whether from then on they call the line no more.
        way: Position in :data:`WAYS`.
        help: Seconds for which they phone the help line first; 0 if they do not.
    """

    pace: NDArray[np.float64]
    slip: NDArray[np.float64]
    knows_at: NDArray[np.float64]
    stops_calling: Flags
    way: Numbers
    help: NDArray[np.float64]


def draw_watchers(seed: int, cast: Cast, roster: Roster) -> Watchers:
    """Deal out the parts to the watchers of a roster."""
    count, watching = len(roster), cast.watchers
    fallback, thumbs = watching.fallback, watching.thumbs
    everybody = np.ones(count, bool)
    cold = _deal(seed, "cold", everybody, thumbs.cold)
    trained = _deal(seed, "knows a way", everybody, fallback.trained)
    told = _deal(seed, "is told", ~trained, fallback.told)
    at_once = _deal(seed, "at once", trained, fallback.at_once)
    hours = many(seed, "watcher", "told at").random(count)
    told_at = fallback.told_from + hours * (fallback.told_until - fallback.told_from)
    asks = _deal(seed, "asks for help", everybody, watching.asks_for_help)
    stays = many(seed, "watcher", "on the help line").standard_exponential(count)
    return Watchers(
        pace=paces(thumbs, seed, roster.role, roster.ages, cold),
        slip=np.minimum(1.0, thumbs.slip * hindrance(thumbs, roster.ages, cold)),
        knows_at=np.where(trained, 0.0, np.where(told, told_at.round(3), np.inf)),
        stops_calling=told | at_once,
        way=_ways(seed, at_once, {"web": fallback.web, "text": fallback.text}),
        help=np.where(asks, (stays * watching.help_seconds).round(3), 0.0),
    )


def _deal(seed: int, part: str, among: Flags, share: float) -> Flags:
    """Give a part to a share of some watchers."""
    flags, candidates = np.zeros(len(among), bool), np.flatnonzero(among)
    order = many(seed, "watcher", part).permutation(len(candidates))
    flags[candidates[order[: round(share * len(candidates))]]] = True
    return flags


def _ways(seed: int, at_once: Flags, shares: Mapping[str, float]) -> Numbers:
    """Everybody's other way: the shares hold among those who take it at once, and among the rest.

    So few people are enough to have each way tried.
    """
    ways = np.zeros(len(at_once), dtype=np.int64)
    for name, among in (("first", at_once), ("in need", ~at_once)):
        people = np.flatnonzero(among)
        people = people[many(seed, "watcher", "way", name).permutation(len(people))]
        bounds = np.rint(np.cumsum(list(shares.values())) * len(people)).astype(np.int64)
        start = 0
        for way, stop in zip(shares, bounds.tolist(), strict=True):
            ways[people[start:stop]] = WAYS.index(way)
            start = stop
    return ways
