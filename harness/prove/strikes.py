"""The strikes app is proven on a short morning of the packaged election day.

The packaged day takes seven minutes at its declared speed of 120. Here two rounds of a dozen
watchers are played at 400, in a quarter of a minute, with every inject of the rehearsal moved into
them. At that speed the second in which the app starts again lasts seven drill minutes, and redials
pile up in them: objectives on the share of calls that get through are left out, since they would
measure this machine. The shares of watchers who get in and of codes that are in do so a little, and
are asked more gently. Nothing else is.
"""

from __future__ import annotations

from typing import Any

from harness.prove.proof import Proof, ProofDrill, moved, shortened
from harness.scenario import Scenario, load_scenario

CAST = "rehearsal"
SPEED = 400.0
DAY = {"opens": "07:44", "doors": "07:45", "begins": "07:45", "ends": "09:20"}
ROUNDS = [960, 2760]  # 8:00 and 8:30, in drill seconds from 7:44
HOURS = {
    "phone.doubled": ("07:50", "09:20"),
    "process.restart": ("08:09", "08:10"),  # while the first round is keyed
    "phone.silence": ("08:35", "08:36"),
    "phone.caller_id": ("08:25", "09:20"),
    "phone.unreachable": ("08:25", "09:20"),
}
# One of eleven who sign in may meet nothing but the restart.
EASED = {"watchers get in": {"at_least": 0.85}, "codes in": {"at_least": 0.9}}
SHARES_OF_CALLS = {"the line is not dead", "headquarters can be reached"}
WATCHERS: dict[str, Any] = {
    "rounds": ROUNDS,
    "spread_minutes": 5,
    "asks_for_help": 1.0,  # a dozen on a help line of three places
    "help_seconds": 180,
    "ring_seconds": 120,
    "tries": 100,  # an app that is killed is away for many drill minutes on a busy machine
    "office_calls": {"rate": [[0, 0.002], [5700, 0.002]]},
}


def night() -> Scenario:
    """The packaged rehearsal, two rounds long; its lists are longer, so that sheets are too."""
    packaged = load_scenario("houdini-election-day")
    day = packaged.model_dump(mode="json")
    cast = day["casts"][CAST]
    cast["watchers"] |= WATCHERS
    cast["watchers"]["fallback"]["at_once"] = 0.4
    cast["persistence"] |= {"patience_wall_seconds": 2.0, "tries": 40}
    return shortened(
        packaged,
        speed=SPEED,
        clock=day["clock"] | DAY,
        world=day["world"] | {"voters": 900},
        casts={CAST: cast},
        default_cast={"run": CAST, "simulate": CAST},
        # Shares that a dozen watchers meet.
        injects=moved(
            packaged, CAST, HOURS,
            phone__caller_id={"share": 1.0}, phone__unreachable={"share": 0.05},
        ),
        objectives=[
            each | EASED.get(each["name"], {})
            for each in day["objectives"]
            if each["name"] not in SHARES_OF_CALLS
        ],
    )  # fmt: skip


def withheld() -> Scenario:
    """The same morning with every number withheld and nothing else wrong.

    Who knows callers by their number then takes all of them for one: the codes of the one end the
    sign-in of the other, and a code may be taken for the precinct of whoever came last.
    """
    usual = night()
    (numbers,) = [each for each in usual.injects if each.kind == "phone.caller_id"]
    hours = {"begins": "07:50", "ends": "09:20"}
    return shortened(usual, injects=[numbers.model_dump(mode="json") | hours])


PROOF = Proof(
    app="strikes",
    drills=(
        ProofDrill("morning", night, CAST, seed=3, scale=0.12),
        ProofDrill(
            "withheld", withheld, CAST, seed=3, scale=0.3, defects=frozenset({"session_shared"})
        ),
    ),
    together=(
        ("retry_loses_digits", "no_signature_check", "opt_out_ignored", "queue_drops_on_overflow"),
        ("state_lost_on_restart", "fallback_dead", "reply_split_wrong"),
        ("stored_at_hang_up", "strike_list_stale", "code_twice"),
        # Who knows callers by their number cuts them all: nothing else could be told apart.
        ("session_shared",),
        ("menu_timeout_too_short",),
    ),
)
