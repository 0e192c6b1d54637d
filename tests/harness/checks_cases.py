"""Seeded defects: small nights with one thing wrong, and what each check must say of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from build_run import FIELDS, Run, changed, record_key, report

Mutate = Callable[[Run], None]
CASES: dict[str, tuple[Mutate, dict[str, str]]] = {}


def case(**expected: str) -> Callable[[Mutate], Mutate]:
    """Register a night; expected statuses by check, or check__subject."""

    def register(mutate: Mutate) -> Mutate:
        name = mutate.__name__
        CASES[name] = (mutate, {key.replace("__", ":"): value for key, value in expected.items()})
        return mutate

    return register


def rows(run: Run, index: int, source: str = "store") -> list[dict[str, Any]]:
    """What a reader says of one record, in every round."""
    key = record_key(index)
    return [row for row in run.readback if row["source"] == source and row["record"] == key]


def drop(run: Run, index: int, *rounds: str) -> None:
    """Take a record out of what the store says."""
    gone = [row for row in rows(run, index) if not rounds or row["round"] in rounds]
    run.readback = [row for row in run.readback if not any(row is each for each in gone)]


def hold(run: Run, index: int, values: tuple[int | None, ...]) -> None:
    """Let the store hold something else."""
    for row in rows(run, index):
        row["values"] = list(values)


def publish_again(run: Run) -> None:
    """Let the totals be those of what the store holds now."""
    held = [row for row in run.readback if row["mode"] == "keyed" and row["round"] == "settled"]
    for row in run.readback:
        if row["source"] == "results":
            place = FIELDS.index(row["key"])
            row["number"] = float(sum(each["values"][place] or 0 for each in held))


# -- reconciliation -----------------------------------------------------------------------------


@case(lost="fail", completeness="fail", phantom="pass", altered="pass")
def a_report_is_lost(run: Run) -> None:
    drop(run, 4)


@case(late="fail", lost="pass", unstable__store="fail")
def a_report_shows_only_at_the_second_reading(run: Run) -> None:
    drop(run, 4, "settled")


@case(lost="fail", unstable__store="fail", late="pass")
def a_report_vanishes_between_readings(run: Run) -> None:
    drop(run, 4, "again")


@case(unstable__store="fail", altered="pass", late="pass")
def two_reports_change_places_between_readings(run: Run) -> None:
    for index, other in ((4, 5), (5, 4)):
        for row in rows(run, index):
            if row["round"] == "settled":
                row["values"] = list(report(other))


@case(phantom="fail", lost="pass", misattributed="pass")
def a_report_appears_that_nobody_sent(run: Run) -> None:
    run.stored("IA-9999", report(500))


@case(duplicate="fail", lost="pass", altered="pass")
def a_retry_is_counted_twice(run: Run) -> None:
    run.stored(record_key(1), report(1))


@case(altered="fail", lost="pass", misattributed="pass", stale="pass", rules="fail")
def a_cell_is_changed(run: Run) -> None:
    hold(run, 4, changed(report(4), delegates_biden=0))


@case(altered="fail", rules="pass")
def an_export_drops_fields(run: Run) -> None:
    values: tuple[int | None, ...] = (*report(4)[:15], *(None,) * 14, *report(4)[29:])
    hold(run, 4, values)


@case(misattributed="fail", altered="pass", lost="pass")
def numbers_stand_under_another_name(run: Run) -> None:
    hold(run, 4, report(5))


@case(misattributed="fail", lost="fail", phantom="pass")
def numbers_move_to_a_precinct_nobody_reported(run: Run) -> None:
    drop(run, 4)
    run.stored("IA-9999", report(4))


@case(stale="fail", altered="pass", mis_totalled="fail")
def an_amendment_is_forgotten(run: Run) -> None:
    hold(run, 3, report(3))
    publish_again(run)


@case(resurrected="fail", altered="pass", lost="pass")
def a_refused_report_is_there(run: Run) -> None:
    run.submit(0, at=50.0, record="IA-0500", home="IA-0500", values=report(80), outcome="refused")
    run.stored("IA-0500", report(80))


@case(resurrected="pass", stale="pass")
def a_refused_report_stays_out(run: Run) -> None:
    run.submit(0, at=50.0, op="k-refused", values=report(80), outcome="refused", version=2)


@case(altered="pass", stale="pass", lost="pass", mis_totalled="pass", rules="pass")
def an_unknown_amendment_takes_effect(run: Run) -> None:
    run.submit(4, at=50.0, op="k-maybe", version=2, values=report(4, extra=2), outcome="unknown")
    hold(run, 4, report(4, extra=2))
    publish_again(run)


@case(altered="pass", stale="pass", mis_totalled="pass")
def an_unknown_amendment_never_takes_effect(run: Run) -> None:
    run.submit(4, at=50.0, op="k-maybe", version=2, values=report(4, extra=2), outcome="unknown")


@case(mis_totalled="fail", lost="pass", altered="pass")
def a_total_is_wrong(run: Run) -> None:
    for row in run.readback:
        if row["source"] == "results" and row["key"] == "final_biden":
            row["number"] += 1


@case(rules="fail", altered="pass")
def a_derived_number_is_wrong(run: Run) -> None:
    for row in rows(run, 4):
        row["derived"] = '{"sde_biden": 1.0, "sde_warren": 0.5}'


@case(rules__results="fail", mis_totalled="pass")
def a_published_equivalent_is_wrong(run: Run) -> None:
    run.stored(None, source="results", mode="totals", key="sde_biden", number=1.0)


@case(rules__results="pass", mis_totalled="pass")
def published_equivalents_are_right(run: Run) -> None:
    for name in ("sde_biden", "sde_warren"):
        run.stored(None, source="results", mode="totals", key=name, number=6.0)


@case(rules__store="fail", altered="pass")
def a_report_lacks_its_derived_numbers(run: Run) -> None:
    for row in rows(run, 4):
        row["derived"] = None


@case(rules__store="fail", altered="pass")
def a_derived_number_of_one_candidate_is_null(run: Run) -> None:
    for row in rows(run, 4):
        row["derived"] = '{"sde_biden": 0.5, "sde_warren": null}'


@case(rules__store="pass")
def derived_numbers_that_are_nought_are_left_out(run: Run) -> None:
    for row in rows(run, 4):
        row["derived"] = '{"sde_biden": 0.5, "sde_warren": 0.5, "sde_yang": 0.0}'


@case(rules__store="fail", rules__results="fail", mis_totalled="pass")
def no_derived_number_is_shown_though_described(run: Run) -> None:
    for reader in run.info["target"]["readers"]:
        reader["derived"] = ["from"]
    for row in run.readback:
        row["derived"] = None


@case(rules__store="fail")
def a_derived_number_of_another_name_is_never_shown(run: Run) -> None:
    run.info["target"]["readers"][0]["derived"] = ["turnout"]


@case(rules__store="pass")
def no_derived_number_is_shown_and_none_is_described(run: Run) -> None:
    for row in run.readback:
        row["derived"] = None


@case(rules__results="fail", mis_totalled="pass")
def a_published_equivalent_is_left_out(run: Run) -> None:
    run.stored(None, source="results", mode="totals", derived={"sde_warren": 6.0})


# -- around it ----------------------------------------------------------------------------------


@case(zero_report="fail")
def a_report_was_there_before(run: Run) -> None:
    run.stored(record_key(4), report(4), round="baseline")


@case(zero_report="fail", baseline="pass")
def something_was_there_in_a_strict_drill(run: Run) -> None:
    run.info["zero"] = "strict"
    for each in ("baseline", "settled", "again"):
        run.stored("OLD-1", report(300), round=each)


@case(zero_report="pass", baseline="pass", phantom="pass", duplicate="pass")
def something_else_was_there_and_stays(run: Run) -> None:
    for each in ("baseline", "settled", "again"):
        run.stored("OLD-1", report(300), round=each)


@case(zero_report="pass", baseline="fail", phantom="pass")
def something_else_was_there_and_is_changed(run: Run) -> None:
    run.stored("OLD-1", report(300), round="baseline")
    run.stored("OLD-1", report(301))


@case(authorization="fail", misattributed="pass", altered="pass")
def a_chair_writes_another_precinct(run: Run) -> None:
    values = report(4, extra=3)
    run.submit(4, at=55.0, op="k-cross", values=values, home=record_key(6), who=6, version=3)
    hold(run, 4, values)


@case(authorization="not_applicable", misattributed="pass")
def a_chair_writes_another_precinct_with_the_account_of_all(run: Run) -> None:
    run.info["target"]["shared"] = ["chair"]
    a_chair_writes_another_precinct(run)


@case(authorization="fail")
def only_the_operators_share_an_account(run: Run) -> None:
    run.info["target"]["shared"] = ["operator"]
    a_chair_writes_another_precinct(run)


@case(authorization="pass")
def a_chair_is_refused_another_precinct(run: Run) -> None:
    run.submit(4, at=55.0, op="k-cross", home=record_key(6), who=6, outcome="refused")


@case(authorization="unknown")
def nobody_knows_what_came_of_another_precinct(run: Run) -> None:
    run.submit(4, at=55.0, op="k-cross", home=record_key(6), who=6, outcome="unknown")


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


@case(lost="unknown", late="unknown", unstable__store="unknown", mis_totalled="unknown",
      zero_report="unknown", baseline="unknown", completeness="unknown")  # fmt: skip
def the_target_could_not_be_read(run: Run) -> None:
    run.info["unread"] = [
        {"reader": name, "why": "connection refused"} for name in ("store", "results")
    ]


@case(late="unknown", unstable__store="unknown", lost="pass")
def the_target_was_read_once(run: Run) -> None:
    run.readback = [row for row in run.readback if row["round"] != "again"]


@case(lost="unknown", unstable="unknown", completeness="unknown", mis_totalled="not_applicable",
      baseline="not_applicable", zero_report="not_applicable", rules="not_applicable")  # fmt: skip
def the_target_has_no_reader(run: Run) -> None:
    run.info["target"]["readers"], run.readback = [], []


@case(lost="not_applicable", phantom="not_applicable", duplicate="not_applicable",
      altered="not_applicable", misattributed="not_applicable", stale="not_applicable",
      resurrected="not_applicable", late="not_applicable", completeness="unknown",
      mis_totalled="pass")  # fmt: skip
def only_totals_can_be_read(run: Run) -> None:
    run.info["target"]["readers"] = [{"name": "results", "mode": "totals"}]
    run.readback = [row for row in run.readback if row["source"] == "results"]


@case(mis_totalled="unknown")
def the_totals_are_empty(run: Run) -> None:
    run.readback = [row for row in run.readback if row["source"] != "results"]


@case(altered="unknown", misattributed="unknown", stale="unknown", lost="pass", duplicate="pass")
def the_reader_shows_no_values(run: Run) -> None:
    for row in run.readback:
        if row["source"] == "store":
            row |= {"values": None, "derived": None}


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


# -- people, timings, phones --------------------------------------------------------------------


@case(sign_in="pass", lockouts="fail")
def somebody_is_locked_out_for_nothing(run: Run) -> None:
    run.operate("sign_in", "chair-0005/sign-in", at=0.5, who=5, home=record_key(5),
                outcome="refused", answer_class="locked_out")  # fmt: skip


@case(sign_in="pass", lockouts="pass")
def somebody_is_locked_out_after_wrong_codes(run: Run) -> None:
    for at, answer in ((0.4, "refused"), (0.5, "locked_out")):
        run.operate("sign_in", "chair-0005/sign-in", at=at, who=5, home=record_key(5),
                    outcome="refused", answer_class=answer)  # fmt: skip


def type_wrong(run: Run, outcome: str, **columns: Any) -> None:
    """Let the fifth chair type codes that are not theirs, before the right ones."""
    run.operate("sign_in", "chair-0005/sign-in", at=0.5, who=5, home=record_key(5),
                values=(0,), outcome=outcome, **columns)  # fmt: skip


@case(wrong_codes="pass", sign_in="pass", lockouts="pass", altered="pass", lost="pass")
def wrong_codes_are_refused(run: Run) -> None:
    type_wrong(run, "refused")


@case(wrong_codes="fail", sign_in="pass", authorization="not_applicable")
def somebody_gets_in_with_wrong_codes(run: Run) -> None:
    type_wrong(run, "refused")
    type_wrong(run, "ok")


@case(wrong_codes="fail")
def somebody_gets_in_with_wrong_codes_and_lines_are_missing(run: Run) -> None:
    run.info["ledger"] = {"complete": False, "problems": ["worker 1: 3 lines are missing"]}
    type_wrong(run, "ok")


@case(wrong_codes="unknown")
def wrong_codes_are_refused_and_lines_are_missing(run: Run) -> None:
    run.info["ledger"] = {"complete": False, "problems": ["worker 1: 3 lines are missing"]}
    type_wrong(run, "refused")


@case(wrong_codes="unknown")
def nobody_knows_what_came_of_wrong_codes(run: Run) -> None:
    type_wrong(run, "unknown")


@case(wrong_codes="not_applicable")
def wrong_codes_do_not_matter_to_the_account_of_all(run: Run) -> None:
    run.info["target"]["shared"] = ["chair"]
    type_wrong(run, "ok")


@case(wrong_codes="not_applicable")
def the_description_sends_no_typed_codes(run: Run) -> None:
    run.info["target"]["types_codes"] = False
    type_wrong(run, "ok")


@case(sign_in="unknown")
def the_drill_stops_before_somebody_gets_in(run: Run) -> None:
    run.info["state"] = "stopped"
    run.history[0] |= {"outcome": "refused", "answer_class": "refused"}


@case(sign_in="not_applicable", lockouts="not_applicable", authorization="not_applicable",
      wrong_codes="not_applicable",
      response_time__sign_in="not_applicable")  # fmt: skip
def the_target_knows_nobody(run: Run) -> None:
    run.info["target"]["operations"].remove("sign_in")
    run.history = [row for row in run.history if row["kind"] != "sign_in"]


@case(authorization="fail", sign_in="not_applicable", lockouts="not_applicable",
      response_time__sign_in="not_applicable")  # fmt: skip
def credentials_go_with_each_request_and_another_precinct_is_written(run: Run) -> None:
    run.info["target"]["operations"].remove("sign_in")
    run.info["target"]["knows_chairs"] = True
    run.history = [row for row in run.history if row["kind"] != "sign_in"]
    values = report(4, extra=3)
    run.submit(4, at=55.0, op="k-cross", values=values, home=record_key(6), who=6, version=3)
    hold(run, 4, values)


@case(sign_in="not_drilled", lockouts="not_drilled", wrong_codes="not_drilled",
      response_time__sign_in="not_drilled",
      service_time__sign_in="not_drilled", vacuity__sign_in="not_drilled")  # fmt: skip
def this_machine_could_not_sign_in(run: Run) -> None:
    run.info["target"]["not_drilled"] = ["sign_in"]
    run.history = [row for row in run.history if row["kind"] != "sign_in"]


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


@case(phones="not_applicable")
def nobody_phoned(run: Run) -> None:
    run.calls = []
