"""From a scenario's injects to the ones that this drill can play against this target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.injects.model import InjectModel, PhoneInject, RestartModel, ServiceInject
from harness.injects.network import CutAnswers
from harness.injects.network_model import CutAnswersModel
from harness.injects.phone import CarrierFault, Faulty
from harness.injects.process import Controlled, Restart
from harness.injects.schedule import Inject
from harness.injects.service import Service
from harness.injects.service_plan import fault_of
from harness.scenario import ClockModel


@dataclass(frozen=True)
class Planned:
    """What will be played.

    Attributes:
        injects: On the schedule.
        detours: Ways around through a proxy: URL and share of the people who go that way.
        not_drilled: Why an inject of the scenario cannot be played, one sentence each.
    """

    injects: tuple[Inject, ...]
    detours: tuple[tuple[str, float], ...]
    not_drilled: tuple[str, ...]


def plan_injects(
    models: Sequence[InjectModel],
    *,
    clock: ClockModel,
    upstream: tuple[str, int],
    tls: bool,
    process: Controlled | None,
    carrier: Faulty | None = None,
    services: Mapping[str, Service] | None = None,
) -> Planned:
    """Make the injects and open their proxies, which pass everything through until they begin.

    Args:
        upstream: Host and port of the target.
        tls: Whether the target speaks TLS, which a proxy of ours does not read.
        process: Controls the target's process; None if its description has none.
        carrier: The drill's phone carrier; None if the description has no phone.
        services: The target's services by role, which are up by now.
    """
    injects: list[Inject] = []
    detours: list[tuple[str, float]] = []
    not_drilled: list[str] = []
    for model in models:
        start, end = clock.seconds(model.begins), clock.seconds(model.ends)
        if isinstance(model, RestartModel):
            if process is None:
                not_drilled.append(f"{model.name}: the target's description has no process")
            else:
                injects.append(Restart(model.name, start, end, model.how, process))
        elif isinstance(model, ServiceInject):
            fault = fault_of(model, start, end, services or {})
            if isinstance(fault, str):
                not_drilled.append(f"{model.name}: {fault}")
            else:
                injects.append(fault)
        elif isinstance(model, PhoneInject):
            if carrier is None:
                not_drilled.append(f"{model.name}: the target's description has no phone")
                continue
            injects.append(
                CarrierFault(
                    model.name, start, end, model.kind, model.fault, model.settings, carrier
                )
            )
        elif not isinstance(model, CutAnswersModel):
            not_drilled.append(f"{model.name}: {model.kind} cannot be played yet")
        elif tls:
            not_drilled.append(f"{model.name}: the target speaks TLS")
        else:
            cut = CutAnswers(model.name, start, end, model.every, upstream)
            detours.append((f"http://127.0.0.1:{cut.open()}", model.share))
            injects.append(cut)
    return Planned(tuple(injects), tuple(detours), tuple(not_drilled))
