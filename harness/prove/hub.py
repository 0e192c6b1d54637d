"""The hub is proven on two minutes of its game day, in half a minute, as processes of this machine.

The five losses of the packaged game day come one after the other, each for some seconds.
"""

from __future__ import annotations

from typing import Any

from harness.prove.proof import Proof, ProofDrill, asking_nothing_of, shortened
from harness.scenario import Scenario, load_scenario

CAST = "rehearsal"
SPEED = 4.0
HOURS = {"opens": "10:00", "doors": "10:00", "begins": "10:00:06", "ends": "10:02"}
PEAK = {"rate": [[0, 1000], [10, 4750], [110, 4750], [120, 500]]}
INJECTS: tuple[dict[str, Any], ...] = (
    {"kind": "process.restart", "name": "the East is lost", "how": "kill",
     "begins": "10:00:40", "ends": "10:00:44"},
    {"kind": "service.kill", "name": "the West is lost", "service": "web-west",
     "begins": "10:01:00", "ends": "10:01:08"},
    {"kind": "service.kill", "name": "the worker is lost", "service": "worker",
     "begins": "10:01:20", "ends": "10:01:28"},
)  # fmt: skip


def night() -> Scenario:
    """The packaged game day, shortened."""
    packaged = load_scenario("narwhal-game-day")
    data = packaged.model_dump(mode="json")
    return shortened(
        packaged,
        target="practice/hub",
        speed=SPEED,
        clock=data["clock"] | HOURS,
        casts={CAST: data["casts"][CAST]},
        default_cast={"run": CAST, "simulate": CAST},
        traffic=data["traffic"] | {"visits": (data["traffic"]["visits"] or {}) | PEAK},
        injects=list(INJECTS),
    )


def visited() -> Scenario:
    """A minute without faults, in which an intruder tries everything."""
    usual = night()
    data = usual.model_dump(mode="json")
    return shortened(
        usual,
        clock=data["clock"] | {"ends": "10:02"},
        injects=[],
        intruder={"begins": "10:00:08", "ends": "10:01:58"},
        objectives=[
            *asking_nothing_of(usual, "response_time", "recovery", "health_truth", "survived"),
            {
                "name": "no intruder", "check": "intrusions", "kind": "invariant",
                "says": "Nobody may read or write what is another's",
            },
        ],
    )  # fmt: skip


PROOF = Proof(
    app="hub",
    drills=(
        ProofDrill("day", night, CAST, seed=1, scale=0.001),
        ProofDrill(
            "visited", visited, CAST, seed=1, scale=0.0004, checks=frozenset({"intrusions"})
        ),
    ),
)
