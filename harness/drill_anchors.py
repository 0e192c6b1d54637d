"""Anchors of a live drill: what of the published figures its own record can show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.anchors import IOWA, Measured, Tables, measure, tables_of
from harness.record import RunFolder
from harness.strike_anchors import HOUDINI, measure_strikes

_MEASURES: dict[str, Callable[[Tables, str], list[Measured]]] = {
    IOWA: measure,
    HOUDINI: measure_strikes,
}


def measure_drill(run: RunFolder, info: dict[str, Any]) -> list[Measured]:
    """The anchors of a drill that was a whole night of its scenario, with a cast that has any.

    A drill that was stopped, or whose record is not whole, has none. Nights that a cast's anchors
    would need beside it (``harness.simulate.sister_nights``) were not played, and what they alone
    can show is left out.

    Args:
        info: What ``run.json`` will say, the sealing included.
    """
    whole = info["state"] == "finished" and info["ledger"]["complete"]
    measures = _MEASURES.get(info["scenario"])
    if not whole or measures is None or info["scale"] != 1.0:
        return []
    return measures(tables_of(run, info), info["cast"])
