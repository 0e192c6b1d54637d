"""Small nights in which a record is lost, changed, moved or counted wrong."""

from __future__ import annotations

from build_run import Run, changed, record_key, report
from checks_cases import case, drop, hold, publish_again, rows


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
