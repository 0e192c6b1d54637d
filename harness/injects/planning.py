"""From a scenario's injects to the ones that this drill can play against this target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from harness.injects.model import InjectModel, PhoneInject, RestartModel, ServiceInject
from harness.injects.network_model import NetworkInject
from harness.injects.network_plan import Around, Detour, plan_network
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
        detours: The ways that go through proxies, and who is on them.
        not_drilled: Why an inject of the scenario cannot be played, one sentence each.
    """

    injects: tuple[Inject, ...]
    detours: tuple[Detour, ...]
    not_drilled: tuple[str, ...]

    def close(self) -> None:
        """Let go of everything that they hold; harmless the second time."""
        with ExitStack() as each_of_them:
            for each in self.injects:
                each_of_them.callback(each.close)


def plan_injects(
    models: Sequence[InjectModel],
    *,
    clock: ClockModel,
    around: Around,
    process: Controlled | None,
    carrier: Faulty | None = None,
    services: Mapping[str, Service] | None = None,
) -> Planned:
    """Make the injects and open their proxies, which pass everything through until they begin.

    Args:
        around: What the network's injects need to know of the drill.
        process: Controls the target's process; None if its description has none.
        carrier: The drill's phone carrier; None if the description has no phone.
        services: The target's services by role, which are up by now.
    """
    network = plan_network(
        models, lambda model: (clock.seconds(model.begins), clock.seconds(model.ends)), around
    )
    with ExitStack() as otherwise:
        for each in network.faults:
            otherwise.callback(each.close)
        injects, not_drilled = _others(models, clock, process, carrier, services or {})
        otherwise.pop_all()
    return Planned(
        (*injects, *network.faults),
        tuple(network.detours),
        (*network.not_drilled, *not_drilled),
    )


def _others(
    models: Sequence[InjectModel],
    clock: ClockModel,
    process: Controlled | None,
    carrier: Faulty | None,
    services: Mapping[str, Service],
) -> tuple[list[Inject], list[str]]:
    """The injects of everything but the network, and why some cannot be played."""
    injects: list[Inject] = []
    not_drilled: list[str] = []
    for model in models:
        start, end = clock.seconds(model.begins), clock.seconds(model.ends)
        if isinstance(model, RestartModel):
            if process is None:
                not_drilled.append(f"{model.name}: the target's description has no process")
            else:
                injects.append(Restart(model.name, start, end, model.how, process))
        elif isinstance(model, ServiceInject):
            fault = fault_of(model, start, end, services)
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
        elif not isinstance(model, NetworkInject):
            raise AssertionError(f"{model.kind} is a change of the plan, and on no schedule")
    return injects, not_drilled
