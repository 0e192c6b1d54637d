"""Small nights in which the target held something before, or could not be read after."""

from __future__ import annotations

from build_run import Run, record_key, report
from checks_cases import case


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
