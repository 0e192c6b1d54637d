"""Small nights in which somebody gets in who should not, or does not who should."""

from __future__ import annotations

from typing import Any

from build_run import Run, record_key, report
from checks_cases import case, hold


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
def a_chair_is_told_to_come_later_with_another_precinct(run: Run) -> None:
    run.submit(
        4, at=55.0, op="k-cross", home=record_key(6), who=6, outcome="refused",
        answer_class="rate_limited",
    )  # fmt: skip


@case(authorization="unknown")
def nobody_knows_what_came_of_another_precinct(run: Run) -> None:
    run.submit(4, at=55.0, op="k-cross", home=record_key(6), who=6, outcome="unknown")


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


@case(phones="not_applicable")
def nobody_phoned(run: Run) -> None:
    run.calls = []
