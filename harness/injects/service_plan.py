"""From a scenario's ``service.*`` injects to faults of this target's services."""

from __future__ import annotations

from collections.abc import Mapping

from harness.document import nearest
from harness.injects.service import Service, ServiceFault, Way
from harness.injects.service_model import (
    ClockModel,
    DisconnectModel,
    DiskFullModel,
    KillModel,
    PauseModel,
    RebuildModel,
    ServiceInject,
    SqueezeModel,
    StopModel,
)
from harness.injects.ways import Clock, Disconnect, DiskFull, Kill, Pause, Rebuild, Squeeze, Stop


def way_of(model: ServiceInject) -> Way:
    """What an inject does to a service."""
    match model:
        case KillModel():
            return Kill()
        case StopModel():
            return Stop()
        case PauseModel():
            return Pause()
        case RebuildModel():
            return Rebuild()
        case DisconnectModel():
            return Disconnect()
        case SqueezeModel():
            return Squeeze(model.cpu, model.memory_mb)
        case DiskFullModel():
            return DiskFull()
        case ClockModel():
            return Clock(model.by_seconds)
    raise AssertionError(f"{model.kind} has no way")


def fault_of(
    model: ServiceInject, start: float, end: float, services: Mapping[str, Service]
) -> ServiceFault | str:
    """The fault, or why it cannot be played against this target.

    Args:
        start, end: Drill seconds.
        services: Of the target, by role.
    """
    missing = [role for role in model.service if role not in services]
    if missing:
        known = ", ".join(services) or "none"
        meant = nearest(missing[0], list(services))
        return (
            f"the target's description has no service {', '.join(missing)} (it has: {known}{meant})"
        )
    way, chosen = way_of(model), [services[role] for role in model.service]
    reasons = [said for each in chosen if (said := way.unable(each))]
    if reasons:
        return "; ".join(reasons)
    return ServiceFault(model.name, start, end, model.kind, way, chosen)
