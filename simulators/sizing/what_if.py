"""What if the phones had other numbers of people and lines: one night's demand, many lines.

The same callers dial every line, for several seeds of the night; they are played by the queue
model. Times are seconds; times of the night are drill seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import polars as pl

from simulators.phones.callers import Times
from simulators.phones.line_calls import LineCalls
from simulators.phones.queue_model import play_line
from simulators.sizing.demand import Demand

HOUR, QUARTER = 3600.0, 900.0


@dataclass(frozen=True)
class Answered:
    """One combination of people and lines. Every figure is the median of the seeds.

    Waits are those of people with something to report or a question, from when they first dialled
    to when they were answered; who dialled again waited all that time, and who was never answered
    waited for ever. Nuisance callers wait too, but are not counted.

    Attributes:
        agents: People who answer; None where the app answers.
        trunks: Calls carried at once, held and answered; None for no limit.
        wait_median, wait_p90: Seconds; None if so many were never answered.
        over_an_hour: Share of them who waited over an hour.
        within: Share of them who were answered within the time asked for.
        never: Share of them who were never answered.
        hold_longest: Longest hold of an answered call, seconds.
        attempts: Calls dialled by anybody, redials among them.
        busy: Those that heard a busy tone or found no place to wait.
        abandoned: Calls ended on hold.
        occupancy: Share of agents' time spent talking.
        in_by: Drill seconds by which half, nine tenths and all results were in, by whatever way;
            None where that did not come to pass.
        most_trunks: Trunks in use at most.
        incoming: Results in at the end of each quarter of an hour, from the beginning.
    """

    agents: int | None
    trunks: int | None
    wait_median: float | None
    wait_p90: float | None
    over_an_hour: float
    within: float
    never: float
    hold_longest: float | None
    attempts: float
    busy: float
    abandoned: float
    occupancy: float | None
    in_by: tuple[float | None, float | None, float | None]
    most_trunks: float
    incoming: tuple[float, ...]


@dataclass(frozen=True)
class Goal:
    """What is asked of the phones: a share of people answered within so many seconds.

    Raises:
        ValueError: If the share is not above 0 and at most 1, or the seconds are below 0.
    """

    share: float = 0.9
    within: float = 300.0

    def __post_init__(self) -> None:
        """Refuse a goal that is none."""
        if not 0 < self.share <= 1:
            raise ValueError(f"share={self.share!r}, but a goal is above 0 and at most 1.")
        if not 0 <= self.within < math.inf:
            raise ValueError(f"within={self.within!r}, but a goal is a number of seconds.")


@dataclass(frozen=True)
class Needed:
    """The smallest line that meets a goal.

    Attributes:
        agents: People; None where the app answers.
        trunks: Lines that these people need.
        answered: What it then comes to.
    """

    agents: int | None
    trunks: int
    answered: Answered


class Nights:
    """The demand of one night for several seeds, and what lines make of it.

    Args:
        demands: The demand, one for each seed.
        seeds: Decide patience and redials, one for each demand.
        goal: What is asked of the phones.

    Raises:
        ValueError: If there is no demand, or not one seed for each.
    """

    def __init__(self, demands: Sequence[Demand], seeds: Sequence[int], goal: Goal) -> None:
        if not demands or len(demands) != len(seeds):
            raise ValueError(f"{len(demands)} demands for {len(seeds)} seeds; give one each.")
        self.demands = tuple(demands)
        self.seeds = tuple(seeds)
        self.goal = goal

    @property
    def callers(self) -> int:
        """The most people who phone on one of the nights: more lines or agents help nobody."""
        return max(sum(len(each) for each in demand.callers) for demand in self.demands)

    def answered(self, agents: int | None, trunks: int | None) -> Answered:
        """Play the nights with so many people and lines."""
        played = [
            play_line(
                demand.callers,
                demand.with_line(agents=agents, trunks=trunks),
                seed=seed,
                until=demand.until,
            )
            for demand, seed in zip(self.demands, self.seeds, strict=True)
        ]
        found = [
            _figures(demand, calls, self.goal.within)
            for demand, calls in zip(self.demands, played, strict=True)
        ]
        return Answered(agents, trunks, **{name: _middle([each[name] for each in found])
                                           for name in found[0]})  # fmt: skip

    def needed(self) -> Needed | None:
        """The fewest people, and then the fewest lines, that meet the goal.

        People are sought with lines without limit, then lines for those people, both by halving
        the range between a number that meets the goal and one that does not.

        Returns:
            None if the goal is not met even with an agent for every caller.
        """
        agents: int | None = None
        if self.demands[0].staffing is not None:
            agents = self._fewest(lambda number: self.answered(number, None))
            if agents is None:
                return None
        trunks = self._fewest(lambda number: self.answered(agents, number), at_least=agents or 1)
        if trunks is None:
            return None
        return Needed(agents, trunks, self.answered(agents, trunks))

    def _fewest(self, answered: Callable[[int], Answered], at_least: int = 1) -> int | None:
        """The smallest number that meets the goal; None if not even one for each caller does."""

        def meets(number: int) -> bool:
            return answered(number).within >= self.goal.share

        most = max(self.callers, at_least)
        if meets(at_least):
            return at_least
        low, high = at_least, at_least
        while not meets(high):
            if high >= most:
                return None
            low, high = high, min(2 * high, most)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if meets(middle) else (middle, high)
        return high


def _figures(demand: Demand, calls: LineCalls, within: float) -> dict[str, Any]:
    """The figures of one night, by the names of :class:`Answered`."""
    waits = _waits(demand, calls)
    table, figures = calls.table, calls.figures
    results = _results(demand, calls)
    quarters = np.arange(QUARTER, demand.until + QUARTER, QUARTER)
    return {
        "wait_median": _at(waits, 0.5),
        "wait_p90": _at(waits, 0.9),
        "over_an_hour": _share(waits > HOUR),
        "within": _share(waits <= within),
        "never": _share(np.isinf(waits)),
        "hold_longest": figures.hold_longest,
        "attempts": float(table.height),
        "busy": float(table["cause"].is_in(["busy", "full"]).sum()),
        "abandoned": float((table["cause"] == "abandoned").sum()),
        "occupancy": figures.occupancy,
        "in_by": tuple(_nth(results, demand.results, share) for share in (0.5, 0.9, 1.0)),
        "most_trunks": float(calls.most_trunks),
        "incoming": tuple(np.searchsorted(results, quarters, "right").astype(float).tolist()),
    }


def _waits(demand: Demand, calls: LineCalls) -> Times:
    """Seconds from first dialling to the answer, ascending; infinite for who was never answered."""
    people = calls.people.filter(
        pl.col("kind").is_in(list(demand.waiting_kinds)) & (pl.col("first") <= demand.until)
    )
    waits = (people["answered"] - people["first"]).fill_null(math.inf).to_numpy()
    return np.sort(waits)


def _results(demand: Demand, calls: LineCalls) -> Times:
    """When results came in, by whatever way, ascending."""
    phoned = calls.people.filter("reports")["served"].drop_nulls().to_numpy()
    return np.sort(np.concatenate([demand.unphoned, phoned]))


def _nth(results: Times, total: int, share: float) -> float | None:
    """When so large a share of the total was in; None if never."""
    needed = math.ceil(total * share - 1e-9)
    return float(results[needed - 1]) if 0 < needed <= len(results) else None


def _at(waits: Times, share: float) -> float | None:
    """The wait that a share of people do not exceed; None if it has no end, or there is nobody."""
    if not len(waits):
        return None
    value = float(waits[max(math.ceil(len(waits) * share - 1e-9), 1) - 1])
    return value if math.isfinite(value) else None


def _share(found: np.ndarray) -> float:
    return float(found.mean()) if len(found) else 0.0


def _middle(values: Sequence[Any]) -> Any:
    """The median over seeds; what never came to pass counts as later than everything."""
    if isinstance(values[0], tuple):
        return tuple(_middle(column) for column in zip(*values, strict=True))
    numbers = [math.inf if each is None else float(each) for each in values]
    middle = median(numbers)
    return middle if math.isfinite(middle) else None
