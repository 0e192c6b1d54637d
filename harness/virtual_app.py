"""The modelled app that a night is played against: one for each kind of election."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from harness.hub_tables import HUB_OPERATIONS, HUB_READERS, hub_table
from harness.injects.model import PeopleInject, PhoneInject, RestartModel
from harness.injects.network_model import NetworkInject
from harness.injects.network_ways import Counties, nobody_on, way_name, ways_of
from harness.scenario import Scenario, ScenarioError
from harness.strike_tables import STRIKE_READERS, strikes_table
from harness.virtual_faults import fault_of_service
from harness.virtual_lines import line_faults
from harness.virtual_tables import READERS, readback_table
from simulators.campaign_plan import CampaignPlan
from simulators.hub_model import HubApp, HubModel
from simulators.model import AppModel, ModelApp
from simulators.night import Night
from simulators.plan import Plan
from simulators.strike_model import StrikeApp, StrikeModel
from simulators.strike_plan import StrikePlan
from simulators.virtual import Played, play
from simulators.wire_model import Fault, Outage, PhoneFault
from simulators.world import CampaignSpec, Contact, Site, Voter, VoterListSpec

MODELLED = ("silence", "drop", "doubled", "trunks", "sms_loss", "unreachable", "caller_id")
"""What the carrier can do wrong in the model, too."""

REPORTING = (
    "sign_in", "submit_report", "amend_report", "read_results", "read_report", "send_photo",
    "send_text",
)  # fmt: skip
STRIKES = ("sign_in", "submit_report")

AnyPlan = Plan | StrikePlan | CampaignPlan
AnyModel = AppModel | StrikeModel | HubModel
AnyPlayed = Played[ModelApp] | Played[StrikeApp] | Played[HubApp]


def faults_of(scenario: Scenario, cast: str, counties: Counties) -> tuple[Fault, ...]:
    """The scenario's injects as the model has them.

    Args:
        counties: Who is where: the plan's ``by_county``.
    """
    faults: list[Fault] = []
    ways = ways_of(scenario.injects_for(cast), counties)
    for inject in scenario.injects_for(cast):
        start, end = (scenario.clock.seconds(at) for at in (inject.begins, inject.ends))
        if isinstance(inject, RestartModel):
            faults.append(Outage(inject.name, start, end))
        elif isinstance(inject, NetworkInject):
            way = ways[way_name(inject)]
            faults += [] if nobody_on(way, inject) else line_faults(inject, start, end, way)
        elif isinstance(inject, PhoneInject) and inject.fault in MODELLED:
            said = inject.settings
            share, lines = float(said.get("share", 1.0)), int(said.get("lines", 0))
            faults.append(PhoneFault(inject.name, inject.fault, start, end, share, lines=lines))
        elif (other := fault_of_service(inject, start, end)) is not None:
            faults.append(other)
    return tuple(faults)


def not_modelled(scenario: Scenario, cast: str, counties: Counties) -> list[str]:
    """The injects that the model does not have, or nobody is touched by, each with its reason."""
    has = {fault.name for fault in faults_of(scenario, cast, counties)}
    ways = ways_of(scenario.injects_for(cast), counties)
    nobody = {
        inject.name: nobody_on(ways[way_name(inject)], inject)
        for inject in scenario.injects_for(cast)
        if isinstance(inject, NetworkInject)
    }
    return [
        nobody.get(inject.name) or f"{inject.name}: the model has no {inject.kind}"
        for inject in scenario.injects_for(cast)
        if inject.name not in has and not isinstance(inject, PeopleInject)
    ] + (["intruder: the model has none"] if scenario.intruder_for(cast) else [])


def settings_of(night: Night, faults: tuple[Fault, ...], defects: Sequence[str] = ()) -> AnyModel:
    """How the app performs that this night is played against.

    Raises:
        ScenarioError: If the model has no such defect.
    """
    model: type[AnyModel] = StrikeModel if isinstance(night.world, VoterListSpec) else AppModel
    if isinstance(night.world, CampaignSpec):
        model = HubModel
    try:
        return model(defects=frozenset(defects), faults=faults)
    except ValueError as error:
        raise ScenarioError(f"{night.name}: {error}") from error


def play_night(plan: AnyPlan, settings: AnyModel) -> AnyPlayed:
    """Play a plan up to the end of its night.

    Raises:
        TypeError: If the app takes something else than this night's people report.
    """
    seed, until = plan.night.seed, plan.night.end
    if isinstance(plan, StrikePlan) and isinstance(settings, StrikeModel):
        return play(plan, settings, places=voters_of(plan), seed=seed, until=until)
    if isinstance(plan, Plan) and isinstance(settings, AppModel):
        return play(plan, settings, places=sites_of(plan), seed=seed, until=until)
    if isinstance(plan, CampaignPlan) and isinstance(settings, HubModel):
        return play(plan, settings, places=contacts_of(plan), seed=seed, until=until)
    raise TypeError(f"a {type(plan).__name__} is not played against a {type(settings).__name__}.")


def sites_of(plan: Plan) -> dict[str, Site]:
    """The sites that a plan drives, by record key."""
    return {record: plan.world.lookup(record) for record in plan.records}


def voters_of(plan: StrikePlan) -> dict[str, Voter]:
    """Everybody on the lists of a plan's precincts, by record key."""
    records = plan.world.voter_table(plan.precincts)["record"].to_list()
    return {record: plan.world.lookup(record) for record in records}


def contacts_of(plan: CampaignPlan) -> dict[str, Contact]:
    """What clients say of each record's person, by record key."""
    return {record: plan.world.lookup(record) for record in plan.records}


def model_target(plan: AnyPlan) -> dict[str, Any]:
    """What ``run.json`` says of the modelled app."""
    takes = "reports"
    operations: tuple[str, ...] = REPORTING
    readers: tuple[tuple[str, str], ...] = READERS
    if isinstance(plan, StrikePlan):
        takes, operations, readers = "voters' codes", STRIKES, STRIKE_READERS
    elif isinstance(plan, CampaignPlan):
        takes, operations, readers = "contacts", HUB_OPERATIONS, HUB_READERS
    return {
        "name": "model app",
        "about": f"A model of an app that takes {takes}, in virtual time: no app was drilled.",
        "operations": list(operations),
        "readers": [{"name": name, "mode": mode} for name, mode in readers],
        "build": "model",
        "not_drilled": [],
        "totals": True,
    }


def readback_of(plan: AnyPlan, app: ModelApp | StrikeApp | HubApp) -> pl.DataFrame:
    """What the app holds: nothing before the night, and twice the same after it."""
    if isinstance(app, StrikeApp):
        return strikes_table(app)
    if isinstance(app, HubApp):
        return hub_table(app)
    assert isinstance(plan, Plan)
    return readback_table(app, sites_of(plan))
