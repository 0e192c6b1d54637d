"""Small nights in which the drill itself went wrong: gaps, faults that missed, an early end."""

from __future__ import annotations

from build_run import FIELDS, Run, changed, record_key, report
from checks_cases import case, drop, hold


@case(already_have_it="fail")
def the_app_claims_to_have_what_it_never_saw(run: Run) -> None:
    run.history[1]["answer_class"] = "already_have_it"


@case(already_have_it="unknown", ledger="unknown", lost="unknown", altered="unknown",
      rules="unknown", response_time__submit_report="unknown", lockouts="unknown")  # fmt: skip
def a_worker_leaves_a_gap(run: Run) -> None:
    run.info["ledger"] = {"complete": False, "problems": ["worker 1: 3 lines are missing"]}
    run.history[1]["answer_class"] = "already_have_it"


@case(lost="fail", altered="unknown", mis_totalled="unknown", rules="unknown", stale="unknown")
def a_gap_leaves_certain_only_what_was_acknowledged(run: Run) -> None:
    run.info["ledger"] = {"complete": False, "problems": ["worker 1: 3 lines are missing"]}
    drop(run, 4)
    hold(run, 5, changed(report(5), delegates_biden=0))


@case(already_have_it="not_applicable")
def nothing_was_ever_recognised(run: Run) -> None:
    for row in run.history:
        if row["answer_class"] == "already_have_it":
            row["answer_class"] = "accepted"


@case(lost="unknown", duplicate="unknown", stale="unknown", mis_totalled="unknown",
      vacuity__submit_report="unknown", rules="not_applicable", accuracy="not_applicable",
      completeness="fail", late="unknown")  # fmt: skip
def no_report_was_accepted(run: Run) -> None:
    for row in run.history:
        if "report" in row["kind"]:
            row |= {"outcome": "refused", "answer_class": "refused"}
    run.readback = [row for row in run.readback if row["source"] == "results"]
    for row in run.readback:
        row["number"] = 0.0
    for each in ("settled", "again"):
        run.stored("IA-0001", (None,) * len(FIELDS), round=each)


@case(stale="unknown", vacuity__amend_report="unknown", lost="pass")
def no_amendment_was_accepted(run: Run) -> None:
    for row in run.history:
        if row["kind"] == "amend_report":
            row |= {"outcome": "refused", "answer_class": "refused"}
    hold(run, 3, report(3))


@case(stale="not_applicable", vacuity__amend_report="not_applicable")
def nobody_amended(run: Run) -> None:
    run.history = [row for row in run.history if row["kind"] != "amend_report"]
    hold(run, 3, report(3))


@case(lost="unknown", injects="unknown", duplicate="pass")
def a_restart_touches_nothing(run: Run) -> None:
    run.injects[0]["touched"] = 0


@case(duplicate="unknown", lost="pass")
def no_answer_was_cut(run: Run) -> None:
    run.injects[1]["touched"] = 0


@case(injects="unknown")
def an_inject_never_happens(run: Run) -> None:
    run.injects = run.injects[1:]


@case(injects="not_drilled")
def inject_that_this_target_cannot_bear(run: Run) -> None:
    run.injects = run.injects[1:]
    run.info["target"]["not_drilled"] = ["one restart: the target's description has no process"]


@case(injects="fail")
def an_inject_is_not_undone(run: Run) -> None:
    run.injects[0]["undone"] = False


@case(injects="not_applicable")
def no_inject_is_planned(run: Run) -> None:
    run.injects, run.info["injects"] = [], []


@case(completeness="fail", lost="pass", altered="pass")
def a_site_is_never_reported(run: Run) -> None:
    drop(run, 4)
    for row in run.history:
        if row["record"] == record_key(4):
            row |= {"outcome": "refused", "answer_class": "refused"}


@case(completeness="unknown")
def the_drill_is_stopped_early(run: Run) -> None:
    a_site_is_never_reported(run)
    run.info["state"] = "stopped"


@case(response_time__submit_report="unknown", service_time__submit_report="unknown")
def the_generator_was_late(run: Run) -> None:
    run.info["generator"]["lateness_p99"] = 0.5


@case(response_time__submit_report="unknown")
def a_worker_was_lost(run: Run) -> None:
    run.info["workers_lost"] = 1


@case(shed="fail", errors="pass")
def arrivals_were_held_back(run: Run) -> None:
    run.info["generator"]["shed"] = 3


@case(shed="unknown")
def arrivals_were_held_back_by_a_late_generator(run: Run) -> None:
    run.info["generator"] |= {"shed": 3, "lateness_p99": 0.5}


@case(errors="unknown")
def answers_fit_no_rule(run: Run) -> None:
    run.history[1] |= {"outcome": "unknown", "answer_class": "unmatched"}


@case(errors="unknown", ledger="pass", phones="pass")
def nothing_was_attempted(run: Run) -> None:
    run.history = []
