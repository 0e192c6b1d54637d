"""The reporting app is proven on a caucus night of two and a half hours, in eleven seconds.

Everybody reports within an hour, and half of those who keyed something wrong correct it. The app
is killed in the middle of the wave. Before that, answers are lost for a part of the chairs; not at
the same time, so that how the app recovers is told by the one fault alone.
"""

from __future__ import annotations

from harness.prove.proof import Proof, ProofDrill, asking_nothing_of, moved, shortened
from harness.scenario import Scenario, load_scenario

CAST = "rehearsal"
SPEED = 800.0
VISITED_SPEED = 300.0  # an intruder's tries take wall time: nine seconds, more where they do harm
HOURS = {"opens": "18:30", "doors": "18:40", "begins": "19:00", "ends": "21:00"}
INJECTS = {
    "network.cut_answers": ("19:02", "19:19"),
    "process.restart": ("19:24", "19:27"),
}
REPORTS = {"median_minutes": 25.0, "sigma": 0.45, "shift_minutes": 2.0, "latest_minutes": 60.0}
IN_TIME = 9000.0  # 9 pm, in drill seconds from the opening


def night() -> Scenario:
    """The packaged rehearsal with one short wave of reports, and many corrections."""
    packaged = load_scenario("iowa-caucus-night")
    data = packaged.model_dump(mode="json")
    cast = data["casts"][CAST]
    cast["reports"] = cast["reports"] or {} | REPORTS
    cast["keying"]["noticed"] = 0.5
    cast["habits"]["wrong_precinct"] = 0.06
    # Starting again takes a second, which is thirteen drill minutes here; more on a busy machine.
    cast["persistence"]["tries"] = 40
    cast["nuisance_calls"] = None
    for each in data["objectives"]:
        if each["figure"] == "in_98_drill":
            each["at_most"] = IN_TIME
    return shortened(
        packaged,
        speed=SPEED,
        clock=data["clock"] | HOURS,
        casts={CAST: cast},
        default_cast={"run": CAST, "simulate": CAST},
        injects=moved(packaged, CAST, INJECTS, network__cut_answers={"share": 0.4, "every": 2}),
        objectives=[each for each in data["objectives"] if each["check"] != "intrusions"],
    )


def visited() -> Scenario:
    """A quieter and slower evening, without faults, in which an intruder tries everything."""
    usual = night()
    data = usual.model_dump(mode="json")
    hours = {"opens": "18:50", "doors": "18:55", "begins": "19:00", "ends": "20:20"}
    return shortened(
        usual,
        speed=VISITED_SPEED,
        clock=data["clock"] | hours,
        injects=[],
        intruder={"begins": "18:51", "ends": "20:19"},
        objectives=[
            *asking_nothing_of(usual, "response_time", "completeness"),
            {
                "name": "no intruder",
                "check": "intrusions",
                "kind": "invariant",
                "says": "Nobody may read or write what is another's",
            },
        ],
    )


PROOF = Proof(
    app="reporting",
    drills=(
        ProofDrill("night", night, CAST, seed=1, scale=0.05),
        ProofDrill("visited", visited, CAST, seed=1, scale=0.02, checks=frozenset({"intrusions"})),
    ),
    together=(
        ("one_delegate_precincts", "cross_precinct_write", "satellites_forgotten"),
        ("stale_totals", "pin_lockout_storm", "day_ends_in_utc"),
        ("last_cell_dropped", "lost_on_restart"),
        ("rounded_totals", "stored_then_refused", "partial_export", "lost_update"),
        ("mixed_up_in_rush", "export_columns_shift"),
        ("no_idempotency", "accepts_then_drops_under_load"),
        # What brings the app down is tried after what only lets somebody in, and uploads are last.
        (
            "foreign_read", "unsigned_tokens", "token_survives_sign_out", "tokens_never_expire",
            "replayed_code", "session_fixation", "id_enumeration", "mass_assignment",
            "guessing_unslowed", "junk_crashes",
        ),
        ("slow_clients_starve", "oversized_upload"),
    ),
)  # fmt: skip
