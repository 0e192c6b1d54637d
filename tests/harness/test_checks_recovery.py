"""Figures around faults, on nights small enough to count by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from build_run import Run, clean_run, record_key, report
from checks_cases import drop
from checks_phone_cases import around, tries
from checks_recovery_cases import provider_fails, reported_early

from harness.checks import recovery, retry_storm, survived
from harness.objective import Objective, evaluate
from harness.record import Finding, Status


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return clean_run(tmp_path / "run")


def test_what_failed_meanwhile_is_counted_by_what_is_known_of_it(run: Run) -> None:
    """Refused for certain and unknown are told apart; drill time and wall time, too."""
    around(run)  # while it lasts 12 tries are cut, and the answer to a report
    tries(run, 8.4, 10.8, outcome="refused")
    (found,) = recovery.check(run.write())
    figures = found.figures
    assert (figures["unknown_meanwhile"], figures["refused_meanwhile"]) == (13, 12)
    assert figures["failed_meanwhile"] == 25
    first = figures["seconds_to_first_success"]
    assert first is not None
    assert 0 < first == pytest.approx(120 * (figures["wall_seconds_to_first_success"] or 0))
    from_start = figures["seconds_to_normal_from_start"]
    assert from_start == pytest.approx(299.9 + (figures["seconds_to_normal"] or 0))


def test_what_it_takes_to_start_again_is_part_of_recovering(run: Run) -> None:
    """The drill began to mend it a drill minute before the app was up, and waited for it."""
    around(run)
    tries(run, 10.3, 10.8, every=0.02, outcome="unknown")
    (at_once,) = recovery.check(run.write())
    run.injects[0]["planned_end_drill"] = run.injects[0]["ended_drill"] - 60.0
    run.path = run.path.with_name("waited")
    (waited,) = recovery.check(run.write())
    normal = [each.figures["seconds_to_normal"] or 0.0 for each in (at_once, waited)]
    assert normal[0] < 10 < 50 < normal[1] <= normal[0] + 60
    in_all = waited.figures["seconds_to_normal_from_start"]
    assert in_all == pytest.approx(1300.1 - 60.0 - 1000.2 + normal[1])


def test_what_people_got_wrong_themselves_is_not_the_apps_doing(run: Run) -> None:
    """Wrong codes and wrong precincts are refused rightly, before a fault and after it."""
    around(run)
    for number in range(60):
        who = number % 12
        run.operate("sign_in", f"wrong-{number}", at=11 + number * 0.1, who=who, values=(0,),
                    home=record_key(who), outcome="refused")  # fmt: skip
        run.submit(who, at=11 + number * 0.1, record="IA-0999", home=record_key(who),
                   outcome="refused")  # fmt: skip
    (found,) = recovery.check(run.write())
    assert found.status is Status.PASS
    assert (found.figures["seconds_to_normal"] or 0) < 60


def test_refusals_of_the_app_are_its_doing(run: Run) -> None:
    """The same number of right codes that are refused keeps it from being as before."""
    around(run)
    for number in range(200):
        run.operate("sign_in", f"right-{number}", at=11 + number * 0.05, who=number % 12,
                    values=(1,), home=record_key(number % 12), outcome="refused")  # fmt: skip
    (found,) = recovery.check(run.write())
    assert found.figures["seconds_to_normal"] is None


def test_an_app_that_asks_again_without_a_pause_is_a_storm(run: Run) -> None:
    """Ten times as often as before, which an objective can forbid."""
    provider_fails(run, before=20, during=200)
    (found,) = retry_storm.check(run.write())
    assert (found.figures["before_a_minute"], found.figures["during_a_minute"]) == (2.0, 20.0)
    assert found.figures["times"] == 10.0
    calm = Objective("calm", "retry_storm", "census", figure="times", at_most=3.0)
    assert evaluate(calm, [found]).state is Status.FAIL


def two_restarts(run: Run) -> list[Finding]:
    """One before anybody reports again, one after it; what they took is asked."""
    reported_early(run)
    later = {"name": "later", "started_drill": 9000.0, "ended_drill": 9300.0}
    run.injects.append(run.injects[0] | later)
    run.submit(7, at=60.0, kind="amend_report", version=2, values=report(7, extra=3))
    return list(survived.check(run.write()))


def test_what_is_lost_is_laid_at_the_fault_that_took_it(run: Run) -> None:
    """Acknowledged before the first and missing: the first; between them: the second."""
    drop(run, 4)
    first, later = two_restarts(run)
    assert (first.status, first.offenders, later.offenders) == (Status.FAIL, 1, 1)
    assert [each.record for each in first.witnesses] == ["IA-0005"]
    assert [each.record for each in later.witnesses] == ["IA-0008"]  # the old report stands
    assert first.answer == "1 of the 12 acknowledged by then are lost, or an older one stands."
    assert (first.figures["n"], later.figures["n"]) == (12, 14)


def test_of_two_faults_at_once_the_first_to_end_is_blamed(run: Run) -> None:
    """Once, though the other one began before it; and of that one no more is said than is known."""
    reported_early(run)
    ended = run.injects[0]["ended_drill"] + 0.5
    run.injects.append(
        run.injects[0] | {"name": "longer", "started_drill": 900.0, "ended_drill": ended}
    )
    drop(run, 4)
    longer, shorter = survived.check(run.write())
    assert (shorter.status, shorter.offenders) == (Status.FAIL, 1)
    assert (longer.status, longer.offenders) == (Status.UNKNOWN, 0)
    assert "Nothing was acknowledged since" in longer.answer


def test_what_is_missing_already_is_not_said_to_be_there(run: Run) -> None:
    """A later fault answers for what was acknowledged since the one before."""
    reported_early(run)
    drop(run, 4)
    later = {"name": "later", "started_drill": 9000.0, "ended_drill": 9300.0}
    run.injects.append(run.injects[0] | later)
    run.submit(7, at=60.0, kind="amend_report", version=2, values=report(7))
    _, second = survived.check(run.write())
    assert (second.status, second.figures["n"]) == (Status.PASS, 2)
    assert second.answer == "All 2 that were acknowledged since the fault before it are there."


def test_a_drill_that_begins_with_a_fault_had_fewer_minutes_before_it(run: Run) -> None:
    """Twenty requests in the 500 s before it are 2.4 a minute, and not 2."""
    provider_fails(run)
    run.injects[0] |= {"started_drill": 500.0}
    run.webhooks.clear()
    for number in range(20):
        run.webhook("rest", at=number * 0.2)
    (found,) = retry_storm.check(run.write())
    assert found.figures["before_a_minute"] == 2.4


def test_a_fault_that_took_nothing_is_not_blamed(run: Run) -> None:
    """What another fault took leaves it clean."""
    first, later = two_restarts(run)
    assert (first.status, later.status) == (Status.PASS, Status.FAIL)
    assert first.answer == "All 12 that were acknowledged by then are there."
