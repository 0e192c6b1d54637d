"""Seeded nights around faults: what was lost in them, whether health told, and who noticed."""

from __future__ import annotations

from typing import Any

from build_run import SECOND, Run, report
from checks_cases import case, drop
from checks_phone_cases import around, only_restart, tries

RUNBOOK = {"step": "Start it again.", "owner": "the on-call engineer", "detect_within": 120.0,
           "fix_within": 600.0}  # fmt: skip


def polled(run: Run, *, ill: tuple[float, float] | None = (8.4, 10.9), every: float = 0.5) -> None:
    """The health page is asked twice a second for 20 s, and says ill from and until."""
    run.info["target"]["tells"] = ["health"]
    for number in range(int(20 / every)):
        at = number * every
        run.poll("ill" if ill and ill[0] <= at < ill[1] else "well", at=at)


def long_outage(run: Run) -> None:
    """The restart lasts from 8.3 to 25 s, and people try all the while."""
    only_restart(run)
    run.injects[0]["ended_drill"] = 3000.0
    tries(run, 2.0, 8.3)
    tries(run, 8.4, 25.0, outcome="unknown")
    tries(run, 25.1, 40.0)


# -- recovery -----------------------------------------------------------------------------------


@case(recovery="pass")
def an_earlier_fault_is_not_what_is_normal(run: Run) -> None:
    """Nobody got through in the minutes before it, as another fault was on."""
    only_restart(run)
    run.injects.append(run.injects[0] | {"name": "earlier", "started_drill": 400.0,
                                         "ended_drill": 999.0})  # fmt: skip
    tries(run, 1.0, 3.3, every=0.05)
    tries(run, 3.4, 8.2, outcome="unknown")
    tries(run, 8.4, 10.8, outcome="unknown")
    tries(run, 10.9, 24.0)


def another_is_still_on(run: Run, until: float, *, begins: float = 400.0) -> None:
    """Another fault, from before the restart until after it; drill seconds."""
    around(run, during="unknown")
    longer = {"name": "longer", "started_drill": begins, "ended_drill": until,
              "planned_end_drill": until}  # fmt: skip
    run.injects.append(run.injects[0] | longer)
    for row in run.history:
        on = begins < row["intended"] / SECOND * 120 < until
        if row["kind"] == "sign_in" and on and row["who"] % 4 == 0:
            row["outcome"] = "unknown"


def normal_of(run: Run) -> None:
    """Sixty tries go well in the three seconds before any fault."""
    tries(run, 0.0, 3.0, every=0.05)


@case(**{"recovery:one restart": "unknown"})
def what_is_normal_is_not_told_while_an_earlier_fault_is_still_on(run: Run) -> None:
    """One in four fails before it and after it, and nobody knows how it is without."""
    another_is_still_on(run, 12_000.0, begins=100.0)


@case(**{"recovery:one restart": "unknown"})
def an_earlier_fault_is_on_until_long_after(run: Run) -> None:
    """All is as before only when the other one is over."""
    another_is_still_on(run, 1800.0)
    normal_of(run)


@case(**{"recovery:one restart": "unknown"})
def an_earlier_fault_is_on_to_the_end(run: Run) -> None:
    another_is_still_on(run, 12_000.0)
    normal_of(run)


@case(**{"recovery:one restart": "fail"})
def it_is_never_as_before_and_that_is_not_the_other_faults_doing(run: Run) -> None:
    another_is_still_on(run, 1800.0)
    normal_of(run)
    for row in run.history:
        if row["intended"] > 11 * SECOND and row["kind"] == "sign_in" and row["who"] % 2:
            row["outcome"] = "unknown"


# -- retry storms of the app --------------------------------------------------------------------


def provider_fails(run: Run, *, before: int = 20, during: int = 20) -> None:
    only_restart(run)
    run.injects[0] |= {"kind": "provider.rest", "started_drill": 1000.0, "ended_drill": 1600.0}
    for number in range(before):
        run.webhook("rest", at=3.5 + number * 0.2)
    for number in range(during):
        run.webhook("rest", at=8.4 + number * 4.8 / max(during, 1))


@case(retry_storm="pass", survived="not_applicable", health_truth="not_applicable")
def an_app_asks_its_provider_as_before(run: Run) -> None:
    provider_fails(run)


@case(retry_storm="unknown")
def an_app_had_asked_its_provider_nothing(run: Run) -> None:
    provider_fails(run, before=0)


# -- survived -----------------------------------------------------------------------------------


def reported_early(run: Run) -> None:
    """Everybody has reported by 2.5 s, and the restart begins at 8.3 s."""
    only_restart(run)
    for row in run.history:
        if row["record"] and row["kind"] == "submit_report":
            for name in ("intended", "released", "sent", "done"):
                row[name] = row[name] // 5


@case(survived="pass", lost="pass")
def everything_outlives_the_restart(run: Run) -> None:
    reported_early(run)


@case(survived="fail", lost="fail")
def a_restart_takes_a_report(run: Run) -> None:
    reported_early(run)
    drop(run, 4)


@case(survived="fail", stale="fail", lost="pass")
def a_restart_takes_a_correction(run: Run) -> None:
    reported_early(run)
    run.submit(5, at=5.0, kind="amend_report", version=2, values=report(5, extra=2))


@case(survived="pass", lost="fail")
def a_report_is_lost_after_all_faults(run: Run) -> None:
    reported_early(run)
    run.submit(6, at=60.0, kind="amend_report", version=2, values=report(6))
    drop(run, 6)


@case(survived="unknown")
def nothing_was_acknowledged_before_the_restart(run: Run) -> None:
    only_restart(run)


# -- health truth -------------------------------------------------------------------------------


@case(health_truth="pass", recovery="pass")
def health_tells_the_truth(run: Run) -> None:
    around(run)
    polled(run)


@case(health_truth="pass")
def health_does_not_answer_while_the_app_is_away(run: Run) -> None:
    around(run)
    polled(run)
    for row in run.health:
        row["said"] = "no_answer" if row["said"] == "ill" else row["said"]


@case(health_truth="fail")
def health_says_well_all_the_while(run: Run) -> None:
    long_outage(run)
    polled(run, ill=None)


@case(health_truth="fail")
def health_tells_too_late(run: Run) -> None:
    long_outage(run)
    polled(run, ill=(18.5, 40.0))


@case(health_truth="fail")
def health_says_well_again_too_early(run: Run) -> None:
    long_outage(run)
    polled(run, ill=(8.4, 15.0))


@case(health_truth="fail")
def health_cries_wolf(run: Run) -> None:
    around(run)
    polled(run)
    for row in run.health:
        if 3.0 * 120 <= row["at_drill"] < 4.0 * 120:
            row["said"] = "ill"


@case(health_truth="unknown")
def health_cries_wolf_while_the_generator_is_late(run: Run) -> None:
    """In the same seconds something was begun a quarter of a second after it was due."""
    health_cries_wolf(run)
    for row in run.history:
        if 3.0 * SECOND <= row["intended"] < 4.0 * SECOND:
            row["released"] += SECOND // 4


@case(health_truth="fail")
def health_cries_wolf_when_the_generator_is_no_longer_late(run: Run) -> None:
    health_cries_wolf(run)
    for row in run.history:
        if row["intended"] > 4.5 * SECOND:
            row["released"] += SECOND // 4


@case(health_truth="unknown")
def health_was_asked_too_seldom(run: Run) -> None:
    around(run)
    polled(run, every=10.0)


@case(health_truth="unknown")
def nobody_tried_while_it_was_away(run: Run) -> None:
    only_restart(run)
    polled(run)


@case(health_truth="pass")
def people_got_through_all_the_while(run: Run) -> None:
    around(run, during="ok")
    polled(run, ill=None)


# -- detection ----------------------------------------------------------------------------------


def handled(run: Run, by: str = "health", *, detected: float | None = 1030.0,
            fixed: float | None = 1310.0, **runbook: Any) -> None:  # fmt: skip
    """The restart has a runbook; drill seconds."""
    around(run)
    polled(run)
    run.info["injects"][0]["runbook"] = RUNBOOK | runbook
    run.info["attended"] = by == "attended"
    run.handling.append(
        {
            "inject": "one restart", "step": RUNBOOK["step"], "owner": RUNBOOK["owner"],
            "by": by if detected is not None else "nobody", "began_drill": 1000.2,
            "detected_drill": detected, "fixed_drill": fixed, "detail": "",
        }
    )  # fmt: skip


@case(detection="pass")
def health_tells_of_it_in_time(run: Run) -> None:
    handled(run)


@case(detection="fail")
def health_tells_of_it_too_late(run: Run) -> None:
    handled(run, detected=1200.0)


@case(detection="fail")
def nobody_ever_tells_of_it(run: Run) -> None:
    handled(run, detected=None)


@case(detection="not_applicable")
def nobody_tells_of_it_and_nobody_need(run: Run) -> None:
    handled(run, detected=None, detect_within=None)


@case(detection="unknown")
def nobody_asked_the_target_how_it_is(run: Run) -> None:
    handled(run, detected=None)
    run.health = []


@case(detection="unknown")
def a_fault_with_a_runbook_did_not_happen(run: Run) -> None:
    handled(run)
    run.handling[0]["began_drill"] = None


@case(detection="unknown")
def nothing_was_written_down_of_it(run: Run) -> None:
    handled(run)
    run.handling = []


@case(detection="not_applicable")
def nobody_is_there_in_virtual_time(run: Run) -> None:
    handled(run)
    run.handling, run.info["virtual"] = [], True


@case(detection="not_drilled")
def nobody_could_tell_of_it(run: Run) -> None:
    handled(run, detected=None)
    run.info["target"]["tells"], run.health = [], []


@case(detection="pass")
def people_notice_and_fix_it(run: Run) -> None:
    handled(run, "attended", fixed=1400.0)


@case(detection="fail")
def people_fix_it_too_late(run: Run) -> None:
    handled(run, "attended", fixed=1700.0)


@case(detection="fail")
def people_never_fix_it(run: Run) -> None:
    handled(run, "attended", fixed=None)


@case(detection="fail")
def people_say_it_is_fixed_and_it_is_not(run: Run) -> None:
    handled(run, "attended", fixed=1100.0)


@case(detection="fail")
def people_never_notice_it(run: Run) -> None:
    handled(run, "attended", detected=None, fixed=None)


@case(health_truth="not_applicable", detection="not_applicable", survived="not_applicable")
def no_fault_and_no_health_page(run: Run) -> None:
    run.injects, run.info["injects"] = [], []
