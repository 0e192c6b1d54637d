"""What if training had reached more people: how many would be ready, and what the night then is.

Nothing is started and nothing is written here: the result goes to the terminal and to
``reports``. Times are drill seconds of the night, holds are minutes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

import numpy as np

from harness.anchors import APP
from harness.scenario import OnboardingModel, Scenario, ScenarioError, load_scenario, plan_for
from harness.virtual_app import faults_of, play_night, settings_of
from simulators.behaviours.protocol import OK
from simulators.model import AppModel, ModelApp
from simulators.night import Night
from simulators.people.onboarding import Onboarding, onboard
from simulators.people.roster import DEVICES
from simulators.plan import Plan
from simulators.traffic import Arrivals
from simulators.virtual import Played

SEEDS = 3
NEARLY_ALL = 0.98

PUBLISHED: tuple[tuple[str, str, float], ...] = (
    ("signed_in", "about 400 of more than 1,700 had it working on the Friday before", 400 / 1700),
    ("by_app", "439 of 1,765 sites reported by the app", 439 / 1765),
)
"""What was published of 2020 (SOURCES.md S2): of what, in words, and as a share."""


@dataclass(frozen=True)
class Reached:
    """What comes of one training reach. Every figure is the median of the seeds.

    Attributes:
        reach: Share of chairs who take part in training.
        has_app, signed_in, practised, ready: Shares of all chairs.
        by_app: Share of sites whose result came in by the app.
        hold_median, hold_p90, hold_longest: Minutes that answered calls with a result had held;
            None if there were none.
        in_98: When 98 of 100 results were in; None if never.
    """

    reach: float
    has_app: float
    signed_in: float
    practised: float
    ready: float
    by_app: float
    hold_median: float | None
    hold_p90: float | None
    hold_longest: float | None
    in_98: float | None


@dataclass(frozen=True)
class TrainingWhatIf:
    """A night after training of several reaches.

    Attributes:
        scenario, title: The practice.
        night, cast: What was played.
        clock: The night's clock, for the reader.
        seeds: The seeds of the nights.
        sites: Sites that report.
        agents: People who answer the phone, the same at every reach.
        steps: How many pass each step on the way to being ready.
        as_it_was: The reach that the cast itself has.
        reached: What comes of each reach, in ascending order, that of the cast among them.
        published: Figures of the night as it was: of what, in words, and as a share.
    """

    scenario: str
    title: str
    night: str
    cast: str
    clock: dict[str, Any]
    seeds: tuple[int, ...]
    sites: int
    agents: int
    steps: Onboarding
    as_it_was: float
    reached: tuple[Reached, ...]
    published: tuple[tuple[str, str, float], ...]

    def as_info(self) -> dict[str, Any]:
        """The same as plain data, for ``training-reach.json`` and the terminal."""
        return asdict(self)


def training_what_if(
    scenario: Scenario,
    reaches: Sequence[float],
    *,
    seeds: int = SEEDS,
    seed: int | None = None,
    scale: float = 1.0,
) -> TrainingWhatIf:
    """See a night's chairs through training of several reaches, and play the night after each.

    Nothing else is changed: the same sites, the same phones, and calls that last as long.

    Args:
        reaches: Shares of chairs who take part; that of the cast itself is added.
        seeds: Nights, from ``seed`` on; every figure is their median.
        seed: The night's own if None.
        scale: Size of the night.

    Raises:
        ScenarioError: If the scenario is practice for no night, or a share is none.
    """
    about = scenario.onboarding
    if about is None:
        raise ScenarioError(
            f"{scenario.scenario} does not say how people are trained for it. Add a section "
            "onboarding to it, or take iowa-caucus-training."
        )
    for reach in reaches:
        if not 0 <= reach <= 1:
            raise ScenarioError(f"training_reach={reach:g}, but a share of chairs is 0 to 1.")
    if seeds < 1:
        raise ScenarioError(f"seeds={seeds}, but at least 1 is needed.")
    night = load_scenario(about.night)
    first = night.seed if seed is None else seed
    numbers = tuple(range(first, first + seeds))
    nights = [_quiet(night.night(about.cast, seed=each, scale=scale)) for each in numbers]
    cast = nights[0].cast
    tried = sorted({*reaches, cast.trained})
    plans = [plan_for(each) for each in nights]
    if not all(isinstance(each, Plan) for each in plans):
        raise ScenarioError(f"{about.night} is a day of voter lists: it has no chairs to train.")
    return TrainingWhatIf(
        scenario=scenario.scenario,
        title=scenario.title,
        night=about.night,
        cast=about.cast,
        clock=night.clock.model_dump(mode="json"),
        seeds=numbers,
        sites=len(plans[0].records),
        agents=cast.hotline.people,
        steps=about.steps,
        as_it_was=cast.trained,
        reached=tuple(_reached(night, about, nights, reach) for reach in tried),
        published=PUBLISHED,
    )


def _quiet(night: Night) -> Night:
    """The night without the public, who report nothing and phone nobody."""
    return replace(night, traffic=replace(night.traffic, visits=Arrivals()))


def _reached(
    scenario: Scenario, about: OnboardingModel, nights: Sequence[Night], reach: float
) -> Reached:
    """What comes of one reach: the median of the nights."""
    found = [_figures(scenario, about, night, reach) for night in nights]
    middle: dict[str, Any] = {name: _middle([each[name] for each in found]) for name in found[0]}
    return Reached(reach, **middle)


def _figures(
    scenario: Scenario, about: OnboardingModel, night: Night, reach: float
) -> dict[str, Any]:
    """One night after training, by the names of :class:`Reached`."""
    chairs = Plan(replace(night, cast=replace(night.cast, ready=0.0))).chairs
    smartphones = np.isin(chairs.devices, [DEVICES.index("ios"), DEVICES.index("android")])
    onboarded = onboard(night.seed, about.steps, smartphones=smartphones, reach=reach)
    ready = onboarded.share("ready")
    # Who is not ready is so already: nobody gives up on top of it.
    cast = replace(night.cast, ready=ready, trained=reach, untrained_give_up=0.0)
    plan = Plan(replace(night, cast=cast))
    settings = settings_of(night, faults_of(scenario, about.cast, plan.by_county))
    assert isinstance(settings, AppModel)
    played = play_night(plan, settings)
    assert isinstance(played.app, ModelApp)
    steps = {step: onboarded.share(step) for step in ("has_app", "signed_in", "practised")}
    return {**steps, "ready": ready, **_results(plan, played), **_holds(played)}


def _results(plan: Plan, played: Played[Any]) -> dict[str, float | None]:
    """By which way results came in, and when nearly all of them were."""
    first: dict[str, tuple[float, bool]] = {}
    for done in played.attempts:
        operation = done.operation
        if operation.kind == "submit_report" and done.reply.answer_class.outcome is OK:
            first.setdefault(operation.record, (done.done, operation.channel in APP))
    sites = len(plan.records)
    came = sorted(at for at, _ in first.values())
    needed = math.ceil(NEARLY_ALL * sites)
    return {
        "by_app": sum(by_app for _, by_app in first.values()) / sites,
        "in_98": came[needed - 1] if len(came) >= needed else None,
    }


def _holds(played: Played[Any]) -> dict[str, float | None]:
    """Minutes on hold of calls with a result that were answered."""
    held = [call.held / 60.0 for call in played.calls if call.record and call.answered is not None]
    if not held:
        return {"hold_median": None, "hold_p90": None, "hold_longest": None}
    return {
        "hold_median": float(np.median(held)),
        "hold_p90": float(np.quantile(held, 0.9)),
        "hold_longest": max(held),
    }


def _middle(values: Sequence[float | None]) -> float | None:
    """The median; what never came to pass counts as later than everything."""
    middle = median(math.inf if each is None else each for each in values)
    return middle if math.isfinite(middle) else None
