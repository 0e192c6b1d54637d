"""Network injects as the model has them: by time, since it counts no bytes."""

from __future__ import annotations

from harness.injects.network_model import (
    BlackHoleModel,
    CutAnswersModel,
    LatencyModel,
    LossModel,
    NetworkInject,
    ResetModel,
)
from harness.injects.network_ways import Way
from simulators.line_model import LineFault
from simulators.wire_model import Cut, Fault


def line_faults(inject: NetworkInject, start: float, end: float, way: Way) -> list[Fault]:
    """A network inject as the model has it; none where the model counts no bytes."""
    name, group = inject.name, way.group
    match inject:
        case CutAnswersModel():
            return [Cut(name, start, end, group, inject.every)]
        case LatencyModel():
            delay, jitter = inject.latency_ms / 1000, inject.jitter_ms / 1000
            return [LineFault(name, "latency", start, end, group, delay, jitter)]
        case LossModel():
            return [LineFault(name, "loss", start, end, group, loss=inject.loss)]
        case ResetModel():
            return [LineFault(name, "reset", start, end, group, inject.after_ms / 1000)]
        case BlackHoleModel():
            return [LineFault(name, "black_hole", start, end, group)]
    return []
