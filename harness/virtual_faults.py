"""Injects on services as the model has them: it is out, or its answers take longer.

A model has no services. Without some of them an app can do nothing, and the model is out; without
the others it is slower. How much slower is assumed.
"""

from __future__ import annotations

from harness.injects.model import InjectModel, ServiceInject
from simulators.wire_model import Outage, Slowed

AWAY = ("service.kill", "service.stop", "service.pause", "service.rebuild", "service.disconnect")
VITAL = frozenset({"app", "database", "front", "web"})
WITHOUT = 0.15  # seconds that an answer takes longer without a service that is not vital


def fault_of_service(inject: InjectModel, start: float, end: float) -> Outage | Slowed | None:
    """What an inject on services is in the model; None if it is another one, or has no such."""
    if not isinstance(inject, ServiceInject) or inject.kind not in AWAY:
        return None
    if VITAL.isdisjoint(inject.service):
        return Slowed(inject.name, start, end, inject.kind, WITHOUT, tuple(inject.service))
    return Outage(inject.name, start, end, inject.kind)
