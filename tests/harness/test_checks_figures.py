"""The figures that checks give are those of the night."""

from __future__ import annotations

from pathlib import Path

import pytest
from build_run import SECOND, Run, changed, clean_run, record_key, report
from checks_cases import drop, hold, publish_again
from checks_phone_cases import keyed, on_the_list

from harness.checks import ask_all
from harness.record import Finding, Status


def findings(run: Run) -> dict[str, Finding]:
    return {each.name: each for each in ask_all(run.write())}


def test_accuracy_counts_wrong_numbers_and_slips_that_the_app_refused(tmp_path: Path) -> None:
    """Two numbers keyed wrong are the chair's; the app is not blamed, and its refusals count."""
    run = clean_run(tmp_path / "run")
    slip = changed(report(5), attendance=1, final_yang=7)
    for row in run.history:
        if row["record"] == record_key(5) and row["values"]:
            row["values"] = list(slip)
    run.submit(6, at=5.0, op="k-refused", values=slip, outcome="refused")
    hold(run, 5, slip)
    found = findings(run)["accuracy"]
    assert found.status is Status.PASS
    names = ("k", "n", "cells_wrong", "cells", "caught")
    assert [found.figures[name] for name in names] == [11, 12, 2, 12 * 43, 1]


def test_a_rule_that_the_sent_report_broke_is_not_the_apps(tmp_path: Path) -> None:
    """What was sent broke E5; the altered row breaks it too, which is altered and no rule."""
    run = clean_run(tmp_path / "run")
    sent = changed(report(5), delegates_biden=1)
    for row in run.history:
        if row["record"] == record_key(5) and row["values"]:
            row["values"] = list(sent)
    hold(run, 5, changed(sent, attendance=999))
    for row in run.readback:
        row["derived"] = None
    found = findings(run)
    assert found["altered:store"].status is Status.FAIL
    assert found["rules:store"].status is Status.PASS


def test_an_older_report_that_breaks_a_rule_was_sent_so(tmp_path: Path) -> None:
    """A stale row whose own sender broke the rule is stale, and no fault of arithmetic."""
    run = clean_run(tmp_path / "run")
    first = changed(report(3), delegates_biden=1)
    for row in run.history:
        if row["record"] == record_key(3) and row["version"] == 1 and row["values"]:
            row["values"] = list(first)
    hold(run, 3, first)
    for row in run.readback:
        row["derived"] = None
    found = findings(run)
    assert found["stale:store"].status is Status.FAIL
    assert found["rules:store"].status is Status.PASS


@pytest.mark.parametrize("arrived", [True, False])
def test_an_unknown_report_may_be_in_the_totals_or_not(arrived: bool, tmp_path: Path) -> None:
    """A site whose only report has no known end is right in the sums, and right out of them."""
    run = clean_run(tmp_path / "run")
    for row in run.history:
        if row["record"] == record_key(4) and row["values"]:
            row |= {"outcome": "unknown", "answer_class": "no_answer"}
    if not arrived:
        drop(run, 4)
        publish_again(run)
    found = findings(run)
    assert found["mis_totalled:results"].status is Status.PASS
    assert found["lost:store"].status is Status.PASS
    assert found["completeness:store"].figures["k"] == (12 if arrived else 11)


def test_completeness_says_by_which_channel_and_by_when(tmp_path: Path) -> None:
    """Half the sites are in with the sixth acknowledgement, all with the twelfth."""
    run = clean_run(tmp_path / "run")
    figures = findings(run)["completeness:store"].figures
    assert (figures["api_k"], figures["hotline_k"]) == (11, 1)
    # The retried one came last, 13.15 s after the start; the sixth of the others after 10.65 s.
    assert figures["in_50_drill"] == pytest.approx(10.65 * 120)
    assert figures["in_100_drill"] == pytest.approx(13.15 * 120)


def test_completeness_never_reached_has_no_time(tmp_path: Path) -> None:
    """With one of twelve missing there is no moment by which all were in."""
    run = clean_run(tmp_path / "run")
    run.history = [row for row in run.history if row["record"] != record_key(4)]
    drop(run, 4)
    found = findings(run)["completeness:store"]
    assert (found.figures["k"], found.figures["in_100_drill"]) == (11, None)
    assert found.witnesses[0].found == "not in; nobody tried"


def test_completeness_says_by_when_though_only_totals_can_be_read(tmp_path: Path) -> None:
    """The moments are those of the acknowledgements, whatever a reader shows."""
    run = clean_run(tmp_path / "run")
    run.info["target"]["readers"] = [{"name": "results", "mode": "totals"}]
    run.readback = [row for row in run.readback if row["source"] == "results"]
    run.stored(None, source="results", mode="totals", number=12.0)
    found = findings(run)["completeness:results"]
    assert (found.figures["k"], found.figures["n"]) == (12, 12)
    assert (found.figures["api_k"], found.figures["hotline_k"]) == (11, 1)
    assert found.figures["in_50_drill"] == pytest.approx(10.65 * 120)
    assert found.figures["in_98_drill"] == pytest.approx(13.15 * 120)


@pytest.mark.parametrize(("slip", "figures"), [(True, (1, 1)), (False, (0, 1))])
def test_a_text_refused_for_a_slip_is_no_first_try(
    tmp_path: Path, slip: bool, figures: tuple[int, int]
) -> None:
    """A text is taken whole or not at all: the right code beside a wrong one says nothing."""
    run = clean_run(tmp_path / "run")
    on_the_list(run, "4711", 20, channel="sms")
    if slip:
        keyed(run, "4777", at=20, outcome="refused")
        run.history[-1]["channel"] = "sms"
    keyed(run, "4711", at=40, stands="4711", attempt=2)
    run.history[-1]["channel"] = "sms"
    found = findings(run)["keypad:sms"].figures
    assert (found["k"], found["n"]) == figures


def test_phones_count_calls_that_end_without_a_word(tmp_path: Path) -> None:
    """An objective may ask for none, so the figure is there also when none did."""
    assert findings(clean_run(tmp_path / "sound"))["phones:hotline"].figures["silent"] == 0
    run = clean_run(tmp_path / "run")
    run.calls.append(run.calls[0] | {"cause": "silent"})
    found = findings(run)["phones:hotline"]
    assert found.figures["silent"] == found.figures["cut_off"] == 1
    assert "1 were cut off, 1 without a word." in found.answer


def test_phones_tell_served_from_abandoned(tmp_path: Path) -> None:
    """Of two calls one was served; the other held until it gave up."""
    run = clean_run(tmp_path / "run")
    abandoned = {"answered_drill": None, "agent": None, "cause": "abandoned"}
    run.calls.append(run.calls[0] | abandoned)
    figures = findings(run)["phones:hotline"].figures
    assert (figures["k"], figures["n"], figures["abandoned"]) == (1, 2, 1)
    assert (figures["hold_p50_drill"], figures["hold_max_drill"]) == (30.0, 200.0)


def test_response_counts_from_due_and_service_from_sent(tmp_path: Path) -> None:
    """An operation sent half a second late is slow to people, and quick as a service."""
    run = clean_run(tmp_path / "run")
    for row in run.history:
        if row["kind"] == "amend_report":
            row["intended"] -= SECOND // 2
    found = findings(run)
    assert found["response_time:amend_report"].figures["p50"] == pytest.approx(0.55)
    assert found["service_time:amend_report"].figures["p50"] == pytest.approx(0.05)


@pytest.mark.parametrize(("at_most", "state"), [(2.0, Status.PASS), (0.5, Status.UNKNOWN)])
def test_the_generator_may_be_late_by_a_tenth_of_the_tightest_gate(
    at_most: float, state: Status, tmp_path: Path
) -> None:
    """100 ms late is fine for a gate of 2 s, and voids the timings for one of 0.5 s."""
    objective = {"name": "quick", "check": "response_time", "kind": "quantile",
                 "quantile": 0.95, "at_most": at_most}  # fmt: skip
    run = clean_run(tmp_path / "run", objectives=[objective])
    run.info["generator"]["lateness_p99"] = 0.1
    assert findings(run)["response_time:sign_in"].status is state


def test_lateness_is_measured_where_nobody_noted_it(tmp_path: Path) -> None:
    """Without a figure in run.json the history's own times say how late the generator was."""
    run = clean_run(tmp_path / "run")
    run.info["generator"]["lateness_p99"] = None
    for row in run.history:
        row["released"] += SECOND
    assert findings(run)["response_time:sign_in"].status is Status.UNKNOWN


def test_errors_are_counted_by_kind(tmp_path: Path) -> None:
    """One attempt had no answer, and one was refused."""
    run = clean_run(tmp_path / "run")
    run.submit(6, at=5.0, op="k-refused", outcome="refused")
    figures = findings(run)["errors"].figures
    assert (figures["k"], figures["no_answer"], figures["refused"]) == (2, 1, 1)


def test_sign_in_counts_people_not_tries(tmp_path: Path) -> None:
    """Somebody who gets in at the second try is in; somebody who never does is named."""
    run = clean_run(tmp_path / "run")
    wrong = {"outcome": "refused", "answer_class": "refused"}
    run.operate("sign_in", "chair-0004/sign-in", at=0.1, who=4, home=record_key(4), **wrong)
    for row in run.history:
        if row["op"] == "chair-0006/sign-in":
            row |= wrong
    found = findings(run)["sign_in"]
    names = ("k", "n", "tries", "first_try_k")
    assert [found.figures[name] for name in names] == [11, 12, 13, 10]
    assert [each.record for each in found.witnesses] == ["IA-0007"]


def test_an_app_that_fails_when_it_is_told_how_calls_went_is_said_to(tmp_path: Path) -> None:
    """Callers hear nothing of it; what the app does after a call is not done."""
    run = clean_run(tmp_path / "run")
    run.webhook("action", at=20)
    run.webhook("status", at=21)
    run.webhook("status", at=22, status=500, error=11200)
    found = findings(run)["webhook_time"]
    assert [found.figures[name] for name in ("n", "failed", "told", "told_failed")] == [1, 0, 2, 1]
    assert "Of 2 times that it told the app how a call or a text went, 1 failed." in found.answer
