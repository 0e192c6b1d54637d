"""What ``run.json`` says of a run: what was asked for, on what machine, and how it ended.

The same for a live drill and for a night in virtual time, so that checks and reports need not
know which it was but by the ``virtual`` flag.
"""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pydantic import TypeAdapter

from harness.objective import Objective
from harness.scenario import Scenario
from simulators.people.personas import PERSONAS
from simulators.plan import Plan
from simulators.plans import ElectionPlan

SCHEMA_VERSION = 1
_LIBRARIES = ("drillhall", "locust", "uvloop", "httptools", "polars", "numpy")


def run_info(
    scenario: Scenario,
    plan: ElectionPlan,
    *,
    run: str,
    cast: str,
    speed: float,
    workers: int,
    target: dict[str, Any],
    defects: list[str],
    virtual: bool,
) -> dict[str, Any]:
    """Everything that is known before the first participant acts; ``state`` is ``running``."""
    night = plan.night
    return {
        "schema": SCHEMA_VERSION,
        "run": run,
        "scenario": scenario.scenario,
        "title": scenario.title,
        "story": scenario.story,
        "sources": scenario.sources,
        "seed": night.seed,
        "cast": cast,
        "speed": speed,
        "declared_speed": scenario.speed,
        "declared_scale": scenario.scale,
        "declared_target": scenario.target,
        "scale": night.scale,
        "workers": workers,
        "fields": list(plan.world.fields),
        "plan_hash": plan.hash,
        "records": len(plan.records),
        "participants": plan.count,
        "rates": plan.rates,
        "world": TypeAdapter(type(night.world)).dump_python(night.world, mode="json"),
        "clock": scenario.clock.model_dump(mode="json"),
        "ends_drill": night.end,
        "phases": [
            {
                "name": phase.name,
                "start_drill": scenario.clock.seconds(phase.begins),
                "end_drill": scenario.clock.seconds(phase.ends),
            }
            for phase in scenario.phases
        ],
        "personas": persona_info(plan),
        "injects": [inject.model_dump(mode="json") for inject in scenario.injects_for(cast)],
        "objectives": TypeAdapter(list[Objective]).dump_python(scenario.objectives, mode="json"),
        "zero": scenario.zero,
        "target": target,
        "defects": defects,
        "virtual": virtual,
        **_nothing_yet(scenario.max_in_flight),
        "versions": {"python": platform.python_version(), **_versions()},
        "machine": _machine(),
    }


def persona_info(plan: ElectionPlan) -> list[dict[str, Any]]:
    """Everybody whom a browser is to play: who they are, what they are made of, and their chairs.

    The channel that walks the pages adds ``web`` to what ``run.json`` says: ``complete``, whether
    its journal is whole, ``problems``, what it lacks, and ``why``, if it could not open any page.
    """
    played = plan.personas if isinstance(plan, Plan) else {}
    chairs: dict[str, list[dict[str, Any]]] = {}
    for row, persona in played.items():
        chair = {"record": plan.records[row]}
        chairs.setdefault(persona.name, []).append(chair)
    return [
        {
            "name": each.name,
            "title": each.title,
            "who": each.who,
            "asks": each.asks,
            "language": each.language,
            "looks": list(each.looks),
            "knobs": {name: asdict(knob) for name, knob in each.knobs.items()},
            "chairs": chairs[each.name],
        }
        for each in PERSONAS.values()
        if each.name in chairs
    ]


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _nothing_yet(max_in_flight: int) -> dict[str, Any]:
    """What the end of the run will say, as it stands before the start."""
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "ended": None,
        "state": "running",
        "reasons": [],
        "workers_lost": 0,
        "ledger": {"complete": False, "problems": []},
        "generator": {"lateness_p99": None, "shed": 0, "max_in_flight": max_in_flight},
        "synced": True,
    }


def _machine() -> dict[str, Any]:
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "implementation": sys.implementation.name,
    }
