"""Seeded nights with an intruder: let in, harmful, turned away, or nobody knows."""

from __future__ import annotations

from build_run import SECOND, Run
from checks_cases import case

CROWDS = ("slow_clients", "flood")


def asked(run: Run, *kinds: str) -> None:
    """The intruder was to try these."""
    run.info["intruder"] = {"kinds": list(kinds), "begins_drill": 0.0, "ends_drill": 6000.0}


def visits(run: Run, since: float, until: float, *, outcome: str = "ok") -> None:
    """Thirty people look at the results, one after the other."""
    for number in range(30):
        at = since + number * (until - since) / 30
        run.operate("read_results", f"v-{since}-{number}", at=at, role="public", outcome=outcome)


@case(intrusions="pass", authorization="not_applicable")
def an_intruder_is_turned_away(run: Run) -> None:
    """Refused, and slowed where codes were guessed."""
    asked(run, "foreign_read", "guessed_codes")
    run.intrude("foreign_read", "refused")
    run.intrude("guessed_codes", "refused")
    run.intrude("guessed_codes", "slowed", status=423)


@case(intrusions="fail", phantom="pass", mis_totalled="pass")
def an_intruder_reads_what_is_anothers(run: Run) -> None:
    """One of two tries is let in."""
    asked(run, "foreign_read")
    run.intrude("foreign_read", "refused")
    run.intrude("foreign_read", "let_in", status=200)


@case(intrusions="fail")
def junk_is_answered_with_a_500(run: Run) -> None:
    """Nobody was let in, and the app fell over."""
    asked(run, "junk")
    run.intrude("junk", "harmed", status=500)


@case(intrusions="fail")
def honest_people_are_not_served_in_a_flood(run: Run) -> None:
    """The intruder's own look was served; thirty others were not."""
    asked(run, "flood")
    run.intrude("flood", "refused", at=80.0, took=3 * SECOND)
    visits(run, 80.0, 83.0, outcome="unknown")
    visits(run, 90.0, 93.0)


@case(intrusions="pass")
def honest_people_are_served_in_a_flood(run: Run) -> None:
    """As at other times."""
    asked(run, "flood")
    run.intrude("flood", "refused", at=80.0, took=3 * SECOND, detail="a flood: served")
    visits(run, 80.0, 83.0)


@case(intrusions="pass")
def a_fault_loses_answers_at_all_times(run: Run) -> None:
    """What is lost during the crowd is lost at other times, too, so it is not the crowd's."""
    asked(run, "slow_clients")
    run.intrude("slow_clients", "refused", at=80.0, took=3 * SECOND)
    visits(run, 80.0, 82.0)
    visits(run, 82.0, 83.0, outcome="unknown")
    visits(run, 90.0, 93.0, outcome="unknown")


def killed(run: Run, since: float, until: float | None) -> None:
    """The app is killed on purpose, and started again."""
    speed = run.info["speed"]
    stretch = {"started_drill": since * speed, "ended_drill": until and until * speed}
    run.injects = [run.injects[0] | {"name": "a kill", "kind": "process.restart"} | stretch]


@case(intrusions="pass")
def the_app_is_killed_on_purpose_in_a_flood(run: Run) -> None:
    """What people lose by that is not the flood's."""
    asked(run, "flood")
    run.intrude("flood", "refused", at=80.0, took=3 * SECOND)
    killed(run, 81.0, 82.0)
    visits(run, 81.0, 82.0, outcome="unknown")
    visits(run, 90.0, 93.0)


@case(intrusions="unknown")
def it_looks_harmed_while_it_is_broken_on_purpose(run: Run) -> None:
    """Nobody can tell whose doing it is that an honest visitor was not served."""
    asked(run, "flood")
    run.intrude("flood", "harmed", at=80.0, took=3 * SECOND)
    killed(run, 81.0, None)


@case(intrusions="unknown")
def it_looks_harmed_when_the_disk_is_full(run: Run) -> None:
    """The app may have lost its disk, too."""
    asked(run, "junk")
    run.intrude("junk", "harmed", status=500)
    run.info["state"] = "disk full"


@case(intrusions="pass")
def nobody_honest_came_meanwhile(run: Run) -> None:
    """Then the intruder's own look is all there is."""
    asked(run, "slow_clients")
    run.intrude("slow_clients", "refused", at=80.0, took=3 * SECOND)


@case(intrusions="unknown")
def a_try_could_not_be_judged(run: Run) -> None:
    """One of two came to nothing."""
    asked(run, "foreign_read")
    run.intrude("foreign_read", "refused")
    run.intrude("foreign_read", "unknown", status=0, detail="timeout")


@case(intrusions="unknown")
def the_drill_was_over_before_the_intruder_came(run: Run) -> None:
    """No try was made."""
    asked(run, "junk", *CROWDS)
