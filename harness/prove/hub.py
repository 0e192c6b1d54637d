"""The hub is proven on two minutes of its game day, in half a minute, as processes of this machine.

Most of its defects show on SQLite with one region lost after the other. Those that need a region
to be away for long, a database and a cache to be killed, or an intruder, have drills of their own.
"""

from __future__ import annotations

from typing import Any

from harness.prove.proof import Proof, ProofDrill, asking_nothing_of, shortened
from harness.scenario import Scenario, load_scenario

CAST = "rehearsal"
SPEED = 6.0
SERVERS_SPEED = 4.0  # PostgreSQL takes seconds to start again
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
        clock=data["clock"] | {"ends": "10:01:40"},
        injects=[],
        intruder={"begins": "10:00:08", "ends": "10:01:38"},
        objectives=[
            *asking_nothing_of(usual, "response_time", "recovery", "health_truth", "survived"),
            {
                "name": "no intruder", "check": "intrusions", "kind": "invariant",
                "says": "Nobody may read or write what is another's",
            },
        ],
    )  # fmt: skip


def away() -> Scenario:
    """The other region is away for most of the time; nobody may wait for it."""
    usual = night()
    return shortened(
        usual,
        injects=[
            {
                "kind": "service.kill", "name": "the West is away", "service": "web-west",
                "begins": "10:00:16", "ends": "10:01:28",
            }
        ],
        objectives=[
            # It is away from early on until near the end: what is normal cannot be told.
            *asking_nothing_of(usual, "response_time", "recovery", "health_truth"),
            {
                "name": "contacts are quick", "check": "response_time",
                "subject": "submit_report", "kind": "quantile", "quantile": 0.95, "at_most": 1.5,
                "says": "Nineteen of twenty contacts must be answered within 1.5 seconds",
            },
        ],
    )  # fmt: skip


def on_servers() -> Scenario:
    """On PostgreSQL and Redis; the database is killed, and then the cache."""
    usual = night()
    return shortened(
        usual,
        target="practice/hub-processes",
        speed=SERVERS_SPEED,
        injects=[
            {
                # Five seconds by the clock on the wall: a page has to be asked to be caught lying.
                "kind": "service.kill", "name": "the database is killed", "service": "database",
                "begins": "10:00:20", "ends": "10:00:40",
            },
            {
                "kind": "service.rebuild", "name": "the cache is lost", "service": "cache",
                "begins": "10:01:08", "ends": "10:01:14",
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
        ProofDrill(
            "away", away, CAST, seed=1, scale=0.002,
            defects=frozenset({"retry_without_backoff", "two_leaders"}),
        ),
        ProofDrill(
            "servers", on_servers, CAST, seed=1, scale=0.001,
            checks=frozenset({"health_truth", "recovery"}), defects=frozenset({"forgetful_cache"}),
        ),
    ),
    together=(
        ("wrong_tenant", "id_enumeration", "mass_assignment", "pool_exhausted"),
        # Not with duplicate_import: what the queue loses may be just what was there twice; nor with
        # replica_reads: what is in the queue is not found either.
        ("memory_queue", "truncated_names"),
        ("duplicate_import", "replica_reads"),
        ("totals_cached", "merge_by_name"),
        ("late_contacts", "lost_update"),
        ("health_lies", "forgetful_cache"),
    ),
)  # fmt: skip
