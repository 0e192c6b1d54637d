"""What if the hotline had other numbers of people and lines: a scenario's own night, sized.

Nothing is started and nothing is written here: the result goes to the terminal and to
``reports``. Times are drill seconds.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from harness.scenario import Scenario, ScenarioError, plan_for
from harness.virtual_app import faults_of, settings_of, sites_of, voters_of
from simulators.campaign_plan import CampaignPlan
from simulators.hub_model import HubModel
from simulators.sizing.demand import Demand
from simulators.sizing.night_demand import caucus_demand, strike_demand
from simulators.sizing.unhurried import Unhurried, undisturbed
from simulators.sizing.what_if import Answered, Goal, Needed, Nights
from simulators.strike_model import StrikeModel
from simulators.strike_plan import StrikePlan
from simulators.traffic import Arrivals
from simulators.virtual import play

SEEDS = 5
LINES_FOR_AN_AGENT = 85 / 50
"""Lines for each station of the room of 2020: 85 for about 50 (SOURCES.md S4)."""
SWEEP = (0.25, 0.35, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5)
"""Numbers of people, as shares of those needed, at which the curve of waits is drawn."""


@dataclass(frozen=True)
class PhonesWhatIf:
    """A night's phones with other numbers of people and lines.

    Attributes:
        scenario, title, cast: What was played.
        clock: The scenario's clock, for the reader.
        seeds: The seeds of the nights; every figure is their median.
        kind: ``agents`` where people answer, ``lines`` where the app does.
        callers: People who phone, by kind, median of the seeds.
        results: All results there are; 0 where a call brings no single result.
        unphoned: Those that come in without a call, by app or photo.
        base: The cast's own numbers of people and lines.
        goal: What was asked of the phones.
        asked: Every combination that was asked for.
        curve: More numbers of people (or lines), with no other limit, for a curve.
        needed: What meets the goal; None if nothing does.
        end: When the night closes.
    """

    scenario: str
    title: str
    cast: str
    clock: dict[str, Any]
    seeds: tuple[int, ...]
    kind: str
    callers: dict[str, int]
    results: int
    unphoned: int
    base: tuple[int | None, int | None]
    goal: Goal
    asked: tuple[Answered, ...]
    curve: tuple[Answered, ...]
    needed: Needed | None
    end: float

    def as_info(self) -> dict[str, Any]:
        """The same as plain data, for ``what-if.json`` and the reports."""
        return asdict(self)


def what_if_of(
    scenario: Scenario,
    cast: str | None = None,
    *,
    agents: Sequence[int] = (),
    trunks: Sequence[int | None] = (),
    goal: Goal | None = None,
    seeds: int = SEEDS,
    seed: int | None = None,
    scale: float = 1.0,
) -> PhonesWhatIf:
    """Play a night's own callers against other numbers of people and lines.

    Who phones when, and for how long they talk, is read off the scenario's night, played once in
    virtual time with nobody waiting; the queue model adds the waiting, the giving up and the
    dialling again.

    Args:
        cast: Who plays; the scenario's own choice for simulations if None.
        agents: Numbers of people to try; half, once, twice and three times the cast's if empty.
        trunks: Numbers of lines to try, None for no limit; if empty, no limit and as many as the
            room of 2020 had for the cast's people.
        goal: What is asked of the phones: by default, 9 of 10 people answered within 5 minutes.
        seeds: Nights, from ``seed`` on; every figure is their median.
        seed: The scenario's own if None.
        scale: Size of the night.

    Raises:
        ScenarioError: If there is no such cast, nobody phones, or a number cannot be played.
    """
    cast = cast or scenario.default_cast.simulate
    first = scenario.seed if seed is None else seed
    _refuse(agents, trunks, seeds)
    numbers = tuple(range(first, first + seeds))
    demands = [_demand(scenario, cast, number, scale) for number in numbers]
    nights = Nights(demands, numbers, goal or Goal())
    if not nights.callers:
        raise ScenarioError(
            f"{scenario.scenario}: nobody phones with the cast {cast}, so there is nothing to size."
        )
    line = demands[0].line
    needed = nights.needed()
    combinations = [
        (people, lines)
        for lines in (trunks or _lines_tried(line.agents, line.trunks))
        for people in _agents_tried(scenario, line.agents, agents)
    ]
    return PhonesWhatIf(
        scenario=scenario.scenario,
        title=scenario.title,
        cast=cast,
        clock=scenario.clock.model_dump(mode="json"),
        seeds=numbers,
        kind="lines" if line.agents is None else "agents",
        callers=_callers(demands),
        results=demands[0].results,
        unphoned=round(sum(len(each.unphoned) for each in demands) / len(demands)),
        base=(line.agents, line.trunks),
        goal=nights.goal,
        asked=tuple(nights.answered(people, lines) for people, lines in combinations),
        curve=_curve(nights, needed),
        needed=needed,
        end=demands[0].until,
    )


def _agents_tried(
    scenario: Scenario, now: int | None, asked: Sequence[int]
) -> Sequence[int | None]:
    """The numbers of people to set side by side; none where the app answers the phones."""
    if now is not None:
        return asked or [math.ceil(now * each) for each in (0.5, 1, 2, 3)]
    if asked:
        raise ScenarioError(
            f"agents={list(asked)}: the app answers the phones of {scenario.scenario}, so what "
            "can be changed is the number of lines (--trunks)."
        )
    return (None,)


def _refuse(agents: Sequence[int], trunks: Sequence[int | None], seeds: int) -> None:
    for name, values in (("agents", agents), ("trunks", trunks), ("seeds", (seeds,))):
        for value in values:
            if value is not None and value < 1:
                raise ScenarioError(f"{name}={value}, but at least 1 is needed.")


def _lines_tried(agents: int | None, trunks: int | None) -> list[int | None]:
    """Lines to try where none are named."""
    if agents is None:
        base = trunks or 60
        return [math.ceil(base / 2), base, 2 * base, 4 * base]
    found: list[int | None] = [None, math.ceil(agents * LINES_FOR_AN_AGENT)]
    return found if trunks in found else [trunks, *found]


def _curve(nights: Nights, needed: Needed | None) -> tuple[Answered, ...]:
    """Waits by the number of people, or of lines where the app answers."""
    if needed is None:
        return ()
    if needed.agents is None:
        lines = sorted({math.ceil(needed.trunks * share) for share in SWEEP})
        return tuple(nights.answered(None, number) for number in lines)
    people = sorted({math.ceil(needed.agents * share) for share in SWEEP})
    return tuple(nights.answered(number, None) for number in people)


def _callers(demands: Sequence[Demand]) -> dict[str, int]:
    """People who phone, by kind: the mean of the nights, rounded."""
    total: Counter[str] = Counter()
    for demand in demands:
        for each in demand.callers:
            total[each.kind] += len(each)
    return {kind: round(count / len(demands)) for kind, count in total.items()}


def _demand(scenario: Scenario, cast: str, seed: int, scale: float) -> Demand:
    """The demand of one night: played once, with nobody waiting and nobody looking at results."""
    night = scenario.night(cast, seed=seed, scale=scale)
    quiet = replace(
        night,
        cast=undisturbed(night.cast),
        traffic=replace(night.traffic, visits=Arrivals()),
    )
    plan = plan_for(quiet)
    settings = settings_of(quiet, faults_of(scenario, cast, plan.by_county))
    if isinstance(plan, CampaignPlan) or isinstance(settings, HubModel):
        raise ScenarioError(f"{scenario.scenario}: nobody phones, so there is nothing to size.")
    if isinstance(plan, StrikePlan):
        assert isinstance(settings, StrikeModel)
        played = play(Unhurried(plan), settings, places=voters_of(plan), seed=seed, until=night.end)
        return strike_demand(plan, played.calls)
    assert not isinstance(settings, StrikeModel)
    told = play(Unhurried(plan), settings, places=sites_of(plan), seed=seed, until=night.end)
    return caucus_demand(plan, night.cast, told.calls, told.attempts)
