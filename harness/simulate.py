"""A scenario's night in virtual time, written as a run folder like any live drill's.

Nothing is started and nothing is sent: people, phones and injects are those of the drill, the
app is a model. So the same checks, verdict and reports apply, and a question such as "what if we
had twice the agents" is answered in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from harness.anchors import IOWA, Measured, Tables, measure, reports_in, tables_of
from harness.injects.people import PeopleChange, changes_table, people_changes
from harness.record import LEFT, PRECINCTS, REPORTS, RunFolder
from harness.run_info import run_info
from harness.scenario import Scenario, ScenarioError, plan_for
from harness.simulation import anchors_as_info, simulation_of
from harness.strike_anchors import HOUDINI, measure_strikes
from harness.truth import truth_of, write_truth
from harness.virtual_app import (
    AnyModel,
    AnyPlan,
    AnyPlayed,
    faults_of,
    model_target,
    not_modelled,
    play_night,
    readback_of,
    settings_of,
    sites_of,
)
from harness.virtual_tables import NS, calls_table, history_table, injects_table
from simulators.model import AppModel
from simulators.night import Night
from simulators.people.cast import Cast
from simulators.plan import Plan
from simulators.traffic import Arrivals
from simulators.world import CampaignSpec, VoterListSpec

__all__ = [
    "AS_IT_WAS", "WhatIf", "changed", "faults_of", "measure_day", "measure_night", "play_night",
    "simulate", "sister_nights", "sites_of", "tables_in_memory",
]  # fmt: skip


@dataclass(frozen=True)
class WhatIf:
    """What to change about a night before it is played; None leaves it as the cast says.

    Attributes:
        agents: People who answer the phone.
        talk_minutes: Mean length of a call that reports.
        trunks: Calls the line carries, held and answered: the night's room had 85.
        app_ready: Share of chairs for whom the app works, 0 to 1.

    Raises:
        ScenarioError: If a change cannot be played.
    """

    agents: int | None = None
    talk_minutes: float | None = None
    trunks: int | None = None
    app_ready: float | None = None

    def __post_init__(self) -> None:
        for name, least in (("agents", 1), ("trunks", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ScenarioError(f"{name}={value}, but a hotline needs at least {least}.")
        if self.talk_minutes is not None and not 0 < self.talk_minutes < math.inf:
            raise ScenarioError(f"talk_minutes={self.talk_minutes:g}, but a call takes some time.")
        if self.app_ready is not None and not 0 <= self.app_ready <= 1:
            raise ScenarioError(f"app_ready={self.app_ready:g}, but a share is 0 to 1.")

    @property
    def changes(self) -> dict[str, float | int]:
        """What is changed, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def cast(self, cast: Cast) -> Cast:
        """The cast with the changes made."""
        hotline = cast.hotline
        if self.agents is not None:
            hotline = replace(hotline, agents=self.agents, shifts=())
        if self.talk_minutes is not None:
            hotline = replace(hotline, talk_minutes=self.talk_minutes)
        if self.trunks is not None:
            hotline = replace(hotline, trunks=self.trunks)
        ready = cast.ready if self.app_ready is None else self.app_ready
        return replace(cast, hotline=hotline, ready=ready)

    def watchers(self, cast: Cast) -> Cast:
        """The cast of an election day with the changes made to headquarters and its lines."""
        for name in ("talk_minutes", "app_ready"):
            if getattr(self, name) is not None:
                raise ScenarioError(
                    f"{name}: poll watchers have neither a talk with an operator nor an app to "
                    "install. What can be changed is agents and trunks."
                )
        agents = cast.watchers.agents if self.agents is None else self.agents
        lines = cast.watchers.lines if self.trunks is None else self.trunks
        return replace(cast, watchers=replace(cast.watchers, agents=agents, lines=lines))


AS_IT_WAS = WhatIf()


def simulate(
    scenario: Scenario,
    *,
    out: Path,
    cast: str | None = None,
    seed: int | None = None,
    scale: float = 1.0,
    what_if: WhatIf = AS_IT_WAS,
    defects: Sequence[str] = (),
) -> RunFolder:
    """Play a scenario's night in virtual time and write its run folder.

    Args:
        out: The folder to make: new or empty.
        cast: Who plays; the scenario's own choice for simulations if None.
        seed: The scenario's own if None.
        scale: Size of the night.
        what_if: Changes to the cast.
        defects: Defects switched on in the modelled app, by the practice app's names.

    Returns:
        The finished folder, ready to be judged.

    Raises:
        ScenarioError: If there is no such cast or defect, or the scale is not above 0.
        RecordError: If the folder cannot be made.
    """
    cast = cast or scenario.default_cast.simulate
    night = changed(
        scenario.night(cast, seed=scenario.seed if seed is None else seed, scale=scale), what_if
    )
    plan = plan_for(night)
    settings = settings_of(night, faults_of(scenario, cast, plan.by_county), defects)
    folder = RunFolder.create(out)
    info = run_info(
        scenario, plan, run=out.name, cast=cast, speed=1.0, workers=1,
        target=model_target(plan), defects=list(defects), virtual=True,
    )  # fmt: skip
    changes, unchanged = people_changes(
        scenario.injects_for(cast), plan, scenario.clock, attended=False
    )
    info["target"]["not_drilled"] = not_modelled(scenario, cast, plan.by_county) + unchanged
    info["what_if"] = what_if.changes
    info["ends_drill"] = night.end
    folder.write_info(info)
    write_truth(folder, plan)
    played = play_night(plan, settings)
    _write_record(folder, plan, played, settings, changes)
    info |= {
        "state": "finished",
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "ledger": {"complete": True, "problems": []},
    }
    info["generator"]["lateness_p99"] = 0.0
    tables = tables_of(folder)
    info["simulation"] = simulation_of(tables).as_info()
    info["anchors"] = anchors_as_info(_anchors(scenario, cast, night, what_if, tables))
    folder.write_info(info)
    return RunFolder.open(out)


def _anchors(
    scenario: Scenario, cast: str, night: Night, what_if: WhatIf, tables: Tables
) -> list[Measured]:
    """The anchors of this night; beside the night as it was, also those of its sister nights.

    Anchors are figures of a whole night: another size, world or scenario has none.
    """
    if scenario.scenario not in (IOWA, HOUDINI) or night.scale != 1.0:
        return []
    if scenario.scenario == HOUDINI:
        return [] if what_if.changes else measure_strikes(tables, cast)
    if what_if.changes:
        return measure(tables, "what-if")
    found = measure(tables, cast)
    if cast == "as-it-was":
        for name, other, change in sister_nights(scenario):
            found += measure_night(scenario, name, seed=night.seed, what_if=change, night=other)
    return found


def sister_nights(scenario: Scenario) -> list[tuple[str, str, WhatIf]]:
    """Nights that the anchors of ``as-it-was`` need beside it: cast, anchors, changes."""
    if not {"as-it-was", "as-2016"} <= set(scenario.casts):
        return []
    half = scenario.casts["as-it-was"].hotline.talk_minutes / 2
    return [
        ("as-2016", "as-2016", AS_IT_WAS),
        ("as-it-was", "100 agents", WhatIf(agents=100)),
        ("as-it-was", "half the talk", WhatIf(talk_minutes=half)),
    ]


def changed(night: Night, what_if: WhatIf) -> Night:
    """The night with its cast changed.

    Raises:
        ScenarioError: If the night has nothing that could be changed so.
    """
    if isinstance(night.world, CampaignSpec):
        if what_if.changes:
            name = next(iter(what_if.changes))
            raise ScenarioError(f"{name}: nobody phones a campaign's hub: there is no such line.")
        return night
    if isinstance(night.world, VoterListSpec):
        return replace(night, cast=what_if.watchers(night.cast))
    return replace(night, cast=what_if.cast(night.cast))


def measure_night(
    scenario: Scenario, cast: str, *, seed: int, what_if: WhatIf = AS_IT_WAS, night: str = ""
) -> list[Measured]:
    """Play a whole night without the public, and measure its anchors; nothing is written.

    The public reads results and phones nobody, so no anchor hangs on it.

    Args:
        night: Which anchors; those of the cast if empty.
    """
    wanted = changed(scenario.night(cast, seed=seed, scale=1.0), what_if)
    plan = Plan(replace(wanted, traffic=replace(wanted.traffic, visits=Arrivals())))
    played = play_night(plan, AppModel(faults=faults_of(scenario, cast, plan.by_county)))
    return measure(tables_in_memory(plan, played), night or cast)


def measure_day(scenario: Scenario, cast: str, *, seed: int) -> list[Measured]:
    """Play a whole election day and measure its anchors; nothing is written."""
    night = scenario.night(cast, seed=seed, scale=1.0)
    plan = plan_for(night)
    played = play_night(plan, settings_of(night, faults_of(scenario, cast, plan.by_county)))
    return measure_strikes(tables_in_memory(plan, played), cast)


def tables_in_memory(plan: AnyPlan, played: AnyPlayed) -> Tables:
    """What anchors are measured from, without a run folder."""
    reports = [
        done for done in played.attempts
        if done.operation.kind in ("submit_report", "amend_report")
    ]  # fmt: skip
    truth = truth_of(plan)
    return Tables(
        start=plan.night.hours.start,
        reports=reports_in(history_table(reports), NS),
        calls=calls_table([each for each in played.calls if each.cause not in LEFT], {}),
        precincts=truth[PRECINCTS],
        worksheets=truth[REPORTS],
    )


def _write_record(
    folder: RunFolder,
    plan: AnyPlan,
    played: AnyPlayed,
    settings: AnyModel,
    changes: Sequence[PeopleChange],
) -> None:
    roles = {call.caller: plan.role(call.caller) for call in played.calls}
    folder.write_table("history", history_table(played.attempts))
    folder.write_table("calls", calls_table(played.calls, roles))
    end = plan.night.end
    faults = injects_table(settings.faults, played.app.touched, end)
    folder.write_table("injects", pl.concat([faults, changes_table(changes, end)]))
    folder.write_table("readback", readback_of(plan, played.app))
