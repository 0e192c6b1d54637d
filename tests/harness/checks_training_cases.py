"""Seeded defects of training drills: personas on pages, and volunteers of a live drill."""

from __future__ import annotations

from build_run import Run, record_key, report
from build_training import add_personas, add_volunteers, barrier, walk
from checks_cases import case, drop, hold, publish_again

# -- personas -------------------------------------------------------------------------------------


@case(personas="pass", barriers="pass", barriers__axe="pass", barriers__keyboard="pass",
      drift="pass", walk_time="pass", lost="pass", vacuity="pass")  # fmt: skip
def personas_all_get_through(run: Run) -> None:
    add_personas(run)


@case(personas="fail", barriers="pass", drift="pass")
def a_persona_is_blocked(run: Run) -> None:
    add_personas(run)
    run.sessions[1] |= {"state": "blocked", "reported": None}
    run.steps[5] |= {"state": "blocked", "detail": "no way on"}


@case(personas="pass")
def a_persona_struggles(run: Run) -> None:
    add_personas(run)
    run.sessions[1]["state"] = run.steps[5]["state"] = "struggled"


@case(personas="fail", lost="fail")
def a_page_says_received_and_nothing_is_held(run: Run) -> None:
    add_personas(run)
    drop(run, 5)
    publish_again(run)


@case(personas="fail", duplicate="fail")
def a_page_says_received_and_it_is_held_twice(run: Run) -> None:
    add_personas(run)
    run.stored(record_key(6), report(6), stored_id="again")
    publish_again(run)


@case(personas="fail", altered="fail")
def a_page_says_received_and_other_numbers_are_held(run: Run) -> None:
    add_personas(run)
    hold(run, 4, report(4, extra=2))
    publish_again(run)


@case(personas="unknown", walk_time="pass")
def a_walk_that_was_planned_is_missing(run: Run) -> None:
    add_personas(run)
    run.sessions = [each for each in run.sessions if each["persona"] != "steady"]


@case(personas="unknown", barriers="unknown")
def the_journal_of_the_browser_is_incomplete(run: Run) -> None:
    add_personas(run)
    run.info["web"] = {"complete": False, "problems": ["the browser died"]}


@case(personas="fail")
def somebody_is_blocked_and_the_journal_is_incomplete(run: Run) -> None:
    a_persona_is_blocked(run)
    run.info["web"] = {"complete": False, "problems": ["the browser died"]}


@case(personas="unknown")
def nobody_can_read_whether_a_report_is_held(run: Run) -> None:
    add_personas(run)
    run.info["unread"] = [{"reader": "store", "round": "again", "why": "it is down"}]


@case(personas="unknown")
def the_drill_ends_before_a_persona_is_done(run: Run) -> None:
    add_personas(run)
    run.sessions[0] |= {"state": None, "reported": None}


@case(personas="not_drilled", barriers="not_drilled", drift="not_drilled", walk_time="not_drilled")
def this_machine_has_no_browser(run: Run) -> None:
    add_personas(run)
    run.sessions, run.steps, run.looks = [], [], []
    run.info["web"] = {"complete": False, "problems": [], "why": "there is no Chromium"}


@case(personas="unknown", barriers="unknown")
def nothing_is_recorded_of_the_pages(run: Run) -> None:
    add_personas(run)
    run.sessions, run.steps, run.looks = [], [], []
    del run.info["web"]


@case(personas="not_applicable", barriers="not_applicable")
def the_target_has_no_pages(run: Run) -> None:
    add_personas(run)
    run.info["target"]["web"] = None


@case(personas="pass")
def the_pages_are_not_offered_in_a_persona_s_language(run: Run) -> None:
    add_personas(run)
    run.info["personas"].append(
        {"name": "spanish-speaker", "title": "Spanish speaker, 52", "language": "es", "chairs": []}
    )


@case(personas="not_applicable")
def the_pages_are_not_offered_in_anybody_s_language(run: Run) -> None:
    add_personas(run)
    run.info["target"]["web"]["languages"] = ["fr"]


@case(personas="fail")
def a_persona_is_blocked_one_time_in_two(run: Run) -> None:
    add_personas(run)
    run.info["personas"][0]["chairs"].append({"record": record_key(7)})
    walk(run, "steady", record_key(7), 2, "blocked")


@case(barriers__axe="fail", barriers__keyboard="pass", personas="pass")
def a_box_has_no_label(run: Run) -> None:
    add_personas(run)
    barrier(run)
    barrier(run, session="keyboard-only-1", persona="keyboard-only")


@case(barriers__axe="pass")
def a_lesser_barrier_is_met(run: Run) -> None:
    add_personas(run)
    barrier(run, impact="moderate")


@case(barriers__axe="unknown")
def a_look_could_not_be_made(run: Run) -> None:
    add_personas(run)
    run.looks[0] |= {"problem": "the page was gone", "seen": 0}


@case(barriers__axe="unknown", barriers__keyboard="pass")
def the_automated_rules_saw_nothing_of_a_page(run: Run) -> None:
    add_personas(run)
    run.looks[0]["seen"] = 0


@case(barriers__keyboard="pass")
def a_page_has_nothing_to_tab_to(run: Run) -> None:
    add_personas(run)
    next(each for each in run.looks if each["look"] == "keyboard")["seen"] = 0


@case(barriers__keyboard="unknown", barriers__axe="pass")
def a_look_saw_nothing_on_any_page(run: Run) -> None:
    add_personas(run)
    for each in run.looks:
        each["seen"] = 0 if each["look"] == "keyboard" else each["seen"]


@case(barriers__keyboard="unknown", barriers__axe="pass")
def a_look_that_was_planned_was_never_made(run: Run) -> None:
    add_personas(run)
    run.looks = [each for each in run.looks if each["look"] != "keyboard"]


@case(drift="unknown", walk_time="unknown", personas="pass")
def the_machine_is_too_slow_to_type(run: Run) -> None:
    add_personas(run)
    run.sessions[0]["drift"] = 1.0


@case(drift="unknown", walk_time="unknown")
def nobody_typed_and_nobody_got_through(run: Run) -> None:
    add_personas(run)
    for each in run.sessions:
        each |= {"drift": None, "reported": None, "state": "blocked"}


# -- volunteers -----------------------------------------------------------------------------------


@case(funnel="pass", report_time="pass", entry_errors="pass", missing="pass", help_calls="pass",
      satisfaction="pass", cohorts__training="pass", cohorts__county="pass",
      sample_size="unknown", personas="not_applicable")  # fmt: skip
def everybody_reports_in_a_live_drill(run: Run) -> None:
    add_volunteers(run)


@case(sample_size="pass")
def enough_of_every_kind_took_part(run: Run) -> None:
    add_volunteers(run)
    run.info["live"]["groups"] = {"blind": 8, "low vision": 9, "limited dexterity": 8}


@case(funnel__reported="unknown", missing="unknown")
def a_live_drill_is_stopped_with_reports_missing(run: Run) -> None:
    add_volunteers(run)
    run.info["state"] = "stopped"
    run.sessions[3] |= {"reported": None, "correct": None, "on_time": None}


@case(funnel__on_time="unknown", report_time="unknown", funnel__reported="pass")
def the_target_was_out_of_sight_in_a_live_drill(run: Run) -> None:
    add_volunteers(run)
    run.info["live"]["unseen_seconds"] = 300.0
    run.sessions[3]["on_time"] = False


@case(funnel__correct="unknown", funnel__reported="pass", entry_errors="unknown")
def the_target_shows_no_numbers(run: Run) -> None:
    add_volunteers(run)
    for each in run.sessions:
        each["correct"] = None


@case(funnel="unknown", entry_errors="unknown", missing="unknown", help_calls="unknown",
      report_time="unknown", satisfaction="unknown", cohorts="unknown")  # fmt: skip
def only_insiders_took_part(run: Run) -> None:
    add_volunteers(run)
    for each in run.sessions:
        each["insider"] = True


@case(satisfaction="unknown")
def four_answered_the_questions(run: Run) -> None:
    add_volunteers(run)
    for each in run.sessions[4:]:
        each["sus"] = None


@case(funnel__correct="pass", satisfaction="not_applicable", sample_size="not_applicable",
      entry_errors="pass")  # fmt: skip
def simulated_volunteers_prove_the_path(run: Run) -> None:
    add_volunteers(run, source="robot")


@case(gone="pass", funnel__reported="pass")
def what_was_away_for_a_while_is_back(run: Run) -> None:
    add_volunteers(run)
    run.info["live"]["gone"]["back"] = 2


@case(gone="fail", funnel__reported="pass", missing="pass")
def what_was_seen_is_gone(run: Run) -> None:
    add_volunteers(run)
    run.info["live"]["gone"] |= {"k": 1, "records": ["IA-0003"]}


@case(gone="fail")
def what_was_seen_is_gone_before_the_app_is(run: Run) -> None:
    add_volunteers(run)
    run.info["live"]["gone"] |= {"k": 1, "records": ["IA-0003"], "looked": False}


@case(gone="unknown", funnel__reported="pass")
def nobody_could_see_the_app_at_the_end(run: Run) -> None:
    add_volunteers(run)
    run.info["live"]["gone"]["looked"] = False
