"""What checks say of personas and of volunteers, word by word, and what they never say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from build_run import Run, clean_run, record_key
from build_training import ANSWERS, add_volunteers, barrier, live_drill, persona_drill, walk

from harness.checks import CHECKS, OF_HOLDINGS, OF_PERSONAS, OF_VOLUNTEERS, ask_all
from harness.objective import Objective, evaluate
from harness.record import Finding, RunFolder, Status


def found(run: Run, name: str) -> Finding:
    """One finding of a run."""
    written = run.write()
    checks = [check for names, check in CHECKS.items() if name.partition(":")[0] in names]
    [finding] = [each for each in checks[0](written) if each.name == name]
    return finding


def test_who_was_shut_out_is_named_with_step_and_picture(tmp_path: Path) -> None:
    """A blocked persona's title, step, words and screenshot stand in the finding."""
    run = persona_drill(tmp_path / "run")
    run.sessions[1] |= {"state": "blocked", "reported": None}
    run.steps[5] |= {"state": "blocked", "detail": "no way on"}
    finding = found(run, "personas")
    assert finding.answer == "1 of 3 personas was shut out (Slow typist, 76)."
    [witness] = finding.witnesses
    assert witness.record == record_key(5)
    assert witness.found == (
        "shut out at send: no way on (seen in evidence/web/slow-typist-1/3.png)"
    )


def test_one_persona_ten_times_is_one_persona(tmp_path: Path) -> None:
    """Persons are counted and never walks; one who is blocked at times only is named as such."""
    run = persona_drill(tmp_path / "run", records=12)
    for number, state in enumerate(("passed", "blocked", "passed"), 2):
        record = record_key(6 + number)
        run.info["personas"][0]["chairs"].append({"record": record})
        walk(run, "steady", record, number, state)
    finding = found(run, "personas")
    assert (finding.figures["personas"], finding.figures["walks"]) == (3, 6)
    assert (finding.figures["blocked"], finding.figures["not_always_alike"]) == (1, 1)
    assert "Not alike each time: Steady regular, 48." in finding.answer


def test_personas_never_yield_a_percentage_or_an_interval(tmp_path: Path) -> None:
    """Not in an answer, not in a witness, and not as figures that a share could be made of."""
    run = persona_drill(tmp_path / "run")
    run.sessions[1] |= {"state": "blocked", "reported": None, "drift": 0.4}
    barrier(run)
    written = run.write()
    findings = [each for each in ask_all(written) if each.check in OF_PERSONAS]
    assert {each.check for each in findings} == OF_PERSONAS
    for each in findings:
        said = " ".join([each.answer, *(f"{w.expected} {w.found}" for w in each.witnesses)])
        assert not re.search(r"%|interval|in 10\b|percent|average", said), said
        assert not {"k", "n"} & set(each.figures)
        assert not any(name.endswith(("_lower", "_upper", "share")) for name in each.figures)


@pytest.mark.parametrize("check", sorted(OF_PERSONAS))
@pytest.mark.parametrize("kind", ["census", "sample"])
def test_no_share_of_personas_can_be_asked_for(check: str, kind: str) -> None:
    """An objective over personas is an invariant, or it is refused."""
    with pytest.raises(ValueError, match="no sample of people"):
        Objective("most get in", check, kind, at_least=0.9)  # type: ignore[arg-type]


def test_a_barrier_met_by_many_is_one(tmp_path: Path) -> None:
    """Rule, step and element make a barrier; its witness says what, where, who and in which
    picture."""
    run = persona_drill(tmp_path / "run")
    barrier(run, impact="moderate")
    barrier(run, session="keyboard-only-1", persona="keyboard-only", impact="serious")
    barrier(run, step="send")
    finding = found(run, "barriers:axe")
    assert finding.offenders == 2
    gravest, shared = finding.witnesses
    assert gravest.expected == "send: keeps label (WCAG 4.1.2)"
    assert shared.found == (
        "A box has no label. #pin; met by steady, keyboard-only; "
        "seen in evidence/web/steady-1/label.png"
    )


def test_a_language_that_is_not_offered_is_named(tmp_path: Path) -> None:
    """Such a persona is not applicable, and the others are judged."""
    run = persona_drill(tmp_path / "run")
    run.info["personas"].append(
        {"name": "es", "title": "Spanish speaker, 52", "language": "es", "chairs": []}
    )
    finding = found(run, "personas")
    assert finding.status is Status.PASS
    assert finding.answer.endswith("Not applicable, for want of their language: "
                                   "Spanish speaker, 52.")  # fmt: skip


def test_drift_voids_times_and_nothing_else(tmp_path: Path) -> None:
    """On a machine twice too slow, who got through still did, and how fast nobody can say."""
    run = persona_drill(tmp_path / "run")
    run.sessions[2]["drift"] = 1.0
    findings = {each.name: each for each in ask_all(run.write())}
    assert findings["drift"].answer == (
        "Keys took up to 2.00 times as long as planned. The harness was too slow: the times of "
        "personas are void."
    )
    assert findings["walk_time"].status is Status.UNKNOWN
    assert findings["personas"].status is Status.PASS


def test_time_on_the_pages_leaves_out_waiting(tmp_path: Path) -> None:
    """Three steps of 50 s are 150 s, though ten seconds lie between each two of them."""
    finding = found(persona_drill(tmp_path / "run"), "walk_time")
    assert (finding.figures["quickest"], finding.figures["slowest"]) == (150.0, 150.0)


def test_checks_of_training_cost_other_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody walked a page and nobody trained, no table is read, and nothing applies."""
    run = clean_run(tmp_path / "run").write()

    def refuse(*arguments: object) -> None:
        raise AssertionError("a table was read")

    monkeypatch.setattr(RunFolder, "table", refuse)
    for name in OF_PERSONAS | OF_VOLUNTEERS:
        [finding] = CHECKS[(name,)](run)
        assert finding.status is Status.NOT_APPLICABLE


# -- volunteers -----------------------------------------------------------------------------------

CORRECT = Objective("right", "funnel", "sample", subject="correct", at_least=0.9)


@pytest.mark.parametrize(
    ("people", "wrong", "state", "said"),
    [
        (46, 1, "pass", "45 of 46 (97.8 %); at least 9 in 10 would manage."),
        (40, 0, "pass", "40 of 40; at least 9 in 10 would manage."),
        (10, 0, "unknown", "10 of 10: too few to say at least 90 %; we cannot promise more than 7"),
        (10, 0, "unknown", " in 10. With no further failure, 19 more, 29 in all would settle it."),
        (30, 10, "fail", "20 of 30 (66.7 %); we cannot promise more than 5 in 10."),
    ],
)
def test_a_sample_is_said_in_the_fixed_phrases(
    tmp_path: Path, people: int, wrong: int, state: str, said: str
) -> None:
    """First k of n, then what may be promised, or how many more clean volunteers settle it."""
    run = live_drill(tmp_path / "run", people)
    for each in run.sessions[:wrong]:
        each |= {"correct": False, "cells_wrong": 1, "errors": ["transposed"]}
    result = evaluate(CORRECT, [found(run, "funnel:correct")])
    assert result.state == state
    assert said in result.sentence


def test_nobody_drops_out_of_a_denominator(tmp_path: Path) -> None:
    """Who never came is one of those invited, and who reported had signed in, told or not."""
    run = live_drill(tmp_path / "run", 10)
    never = dict.fromkeys(("opened", "signed_in", "practised", "reported", "correct", "on_time"))
    run.sessions[0] |= never
    run.sessions[1] |= {"signed_in": None, "practised": None}
    findings = {each.subject: each for each in CHECKS[("funnel",)](run.write())}
    counted = {name: (each.figures["k"], each.figures["n"]) for name, each in findings.items()}
    assert set(counted.values()) == {(9, 10)}
    assert findings["started"].witnesses[0].found == "never opened their page"


def test_insiders_are_left_out_and_said(tmp_path: Path) -> None:
    """Those who built the app are no evidence, whatever they managed."""
    run = live_drill(tmp_path / "run", 10)
    run.sessions[0]["insider"] = True
    finding = found(run, "funnel:correct")
    assert finding.answer == (
        "9 of 9 volunteers reported every number right; 95 % interval 70.1 % to all (we cannot "
        "promise more than 7 in 10). Insiders left out: 1."
    )


def test_robots_and_people_are_never_in_one_figure(tmp_path: Path) -> None:
    """Each has findings of their own, and what robots did is said to prove the path alone."""
    run = live_drill(tmp_path / "run", 10)
    add_volunteers(run, 20, "robot")
    findings = {each.name: each for each in ask_all(run.write()) if each.check == "funnel"}
    assert findings["funnel:correct"].figures["n"] == 10
    assert findings["funnel:robots correct"].figures["n"] == 20
    assert "say nothing of people" in findings["funnel:robots correct"].answer
    assert "simulated" not in findings["funnel:correct"].figures


def test_simulated_volunteers_are_no_sample(tmp_path: Path) -> None:
    """A thousand robots leave a sample open, and pass a census."""
    run = clean_run(tmp_path / "run")
    add_volunteers(run, 200, "robot")
    finding = found(run, "funnel:correct")
    assert evaluate(CORRECT, [finding]).state is Status.UNKNOWN
    census = Objective("path", "funnel", "census", subject="correct", at_least=1.0)
    assert evaluate(census, [finding]).state is Status.PASS


def test_lateness_is_not_proven_while_nobody_could_see_the_target(tmp_path: Path) -> None:
    """A report may have come in time, and been seen too late."""
    run = live_drill(tmp_path / "run", 10)
    run.sessions[0]["on_time"] = False
    run.info["live"]["unseen_seconds"] = 300.0
    finding = found(run, "funnel:on_time")
    assert finding.status is Status.UNKNOWN
    assert finding.answer.endswith("The target could not be seen for 5 min of the drill.")


def test_entry_errors_are_counted_by_kind(tmp_path: Path) -> None:
    """The commonest kind comes first, and reports that cannot be compared are left out."""
    run = live_drill(tmp_path / "run", 10)
    run.sessions[0] |= {"correct": False, "cells_wrong": 1, "errors": ["digit"]}
    wrong = ["transposed", "transposed", "digit"]
    run.sessions[1] |= {"correct": False, "cells_wrong": 3, "errors": [*wrong, "transposed"]}
    run.sessions[2]["correct"] = None
    finding = found(run, "entry_errors")
    assert finding.answer == (
        "2 of 9 reports (22.2 %) had a wrong number (95 % interval 6.3 % to 54.7 %): "
        "3 transposed, 2 digit."
    )
    assert finding.figures["kind_transposed"] == 3


def test_satisfaction_is_a_mean_with_its_interval_and_norm(tmp_path: Path) -> None:
    """Twelve alike get a grade; with four there are only their scores."""
    run = live_drill(tmp_path / "run", 12)
    run.sessions[0]["sus"] = [None] * 8 + [5, 1]
    finding = found(run, "satisfaction")
    assert finding.answer == (
        "82.5 of 100 (95 % interval 82 to 82) by 11 volunteers: among the best tenth of products. "
        "1 with more than two answers missing were left out."
    )
    four = live_drill(tmp_path / "four", 4)
    assert found(four, "satisfaction").answer == (
        "Too few to say: scores 82.5, 82.5, 82.5, 82.5. 1 more would give a mean."
    )
    nobody = live_drill(tmp_path / "nobody", 1)
    nobody.sessions[0]["sus"] = [None] * 10
    assert "nobody answered enough of the ten questions" in found(nobody, "satisfaction").answer


def test_a_mean_is_gated_by_its_bound(tmp_path: Path) -> None:
    """A mean above the line passes by its bound, is open near it, and fails well below it."""
    states = []
    for name, answers in (("good", ANSWERS), ("poor", [2, 4] * 5)):
        run = live_drill(tmp_path / name, 12)
        for place, each in enumerate(run.sessions):
            each["sus"] = [answers[0], *answers[1:-1], 1 + place % 3]
        gate = Objective("liked", "satisfaction", "sample", figure="mean", at_least=68)
        states.append(evaluate(gate, [found(run, "satisfaction")]).state)
    run = live_drill(tmp_path / "near", 6)
    for place, each in enumerate(run.sessions):
        each["sus"] = [5, 1] * 5 if place % 2 else [3] * 10
    result = evaluate(gate, [found(run, "satisfaction")])
    assert [*states, result.state] == [Status.PASS, Status.FAIL, Status.UNKNOWN]
    assert result.needed == 44
    assert "44 in all would settle it" in result.sentence


def test_times_keep_those_who_never_finished(tmp_path: Path) -> None:
    """With a fifth never done in an hour, the slowest tenth has no time and takes over 5 min."""
    run = live_drill(tmp_path / "run", 40)
    for each in run.sessions[:8]:
        each |= {"reported": None, "correct": None, "on_time": None}
    finding = found(run, "report_time")
    assert (finding.figures["n"], finding.figures["unfinished"]) == (40, 8)
    assert finding.figures["p50"] is not None
    assert finding.figures["p90"] is None
    for limit, state in ((300.0, Status.FAIL), (5_000.0, Status.UNKNOWN)):
        gate = Objective("quick", "report_time", "quantile", quantile=0.9, at_most=limit)
        result = evaluate(gate, [finding])
        assert result.state is state
        assert result.sentence.startswith("Not so many ever finished.")


def test_times_are_told_with_their_geometric_mean(tmp_path: Path) -> None:
    """Median, slowest tenth and range, then the mean that fits skewed times, with its interval."""
    finding = found(live_drill(tmp_path / "run", 40), "report_time")
    assert finding.answer == (
        "Half within 3 min 48 s, 9 in 10 within 4 min 23 s, the quickest 3 min 20 s, the slowest "
        "4 min 30 s; geometric mean 3 min 52 s (95 % interval 3 min 45 s to 3 min 59 s)."
    )


def test_small_cohorts_are_not_shown(tmp_path: Path) -> None:
    """Four people of one county are counted as too few, and not named."""
    run = live_drill(tmp_path / "run", 40)
    for place, each in enumerate(run.sessions):
        each["county"] = "Adair" if place < 4 else "Polk" if place < 20 else "Linn"
    for each in run.sessions[4:12]:
        each |= {"correct": False, "cells_wrong": 1, "errors": ["digit"]}
    finding = found(run, "cohorts:county")
    assert finding.figures["people_too_few"] == 4
    assert [each.record for each in finding.witnesses] == ["Polk", "Linn"]
    assert finding.witnesses[0].found == "8 of 16 (50 %); 95 % interval 28 % to 72 %"
    assert "Adair" not in str(finding)


def test_what_is_short_of_the_sample_is_said(tmp_path: Path) -> None:
    """Twelve people of one language, nobody asked about sight or hands."""
    run = live_drill(tmp_path / "run", 12)
    for each in run.sessions:
        each["language"] = "en"
    assert found(run, "sample_size").answer == (
        "Short of the count for voting systems: 12 of 30 people; nobody counted blind (8); nobody "
        "counted with low vision (8); nobody counted with limited dexterity (8); no native speaker "
        "of es."
    )


def test_a_live_drill_alone_is_asked_of_its_volunteers_only(tmp_path: Path) -> None:
    """Where nothing was driven, what was sent and lost does not apply."""
    run = live_drill(tmp_path / "run", 12).write()
    (run.path / "history.parquet").unlink()
    findings = list(ask_all(RunFolder.open(run.path)))
    asked = {each.check for each in findings if each.status is not Status.NOT_APPLICABLE}
    assert asked >= OF_VOLUNTEERS
    assert asked <= OF_VOLUNTEERS | OF_HOLDINGS
