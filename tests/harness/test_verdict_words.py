"""From objectives to one of four words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import fastjsonschema
import orjson
import pytest
from build_run import clean_run
from pydantic import TypeAdapter, ValidationError

from harness.objective import evaluate
from harness.record import Finding, Status
from harness.verdict import (
    SCHEMA_PATH,
    Objective,
    Verdict,
    Word,
    as_of,
    decide,
    exit_code,
    judge,
    load_verdict,
    schema_text,
    undecidable,
)

SHARE = Objective("people manage", "sign_in", "sample", at_least=0.90)
NO_DOUBLES = Objective("none twice", "duplicate", "invariant")
QUICK = Objective("quick", "response_time", "quantile", quantile=0.95, at_most=2.0)
DUE = datetime(2026, 11, 3, tzinfo=UTC)


def share_of(k: int, n: int) -> Finding:
    return Finding("sign_in", Status.PASS, "?", "!", figures={"k": k, "n": n})


def doubles(count: int) -> Finding:
    status = Status.FAIL if count else Status.PASS
    return Finding("duplicate", status, "?", f"{count} twice.", "store", offenders=count)


def times(p95: float, lower: float | None, upper: float | None) -> Finding:
    figures = {"p95": p95, "p95_lower": lower, "p95_upper": upper}
    return Finding("response_time", Status.PASS, "?", "!", "submit_report", figures=figures)


def word(*objectives: Objective, findings: list[Finding], state: str = "finished") -> Word:
    return decide([evaluate(each, findings) for each in objectives], findings, state=state).word


@pytest.mark.parametrize(
    ("k", "n", "state"),
    [(29, 29, "pass"), (28, 28, "unknown"), (10, 10, "unknown"), (29, 30, "unknown"),
     (20, 30, "fail")],
)  # fmt: skip
def test_a_sample_passes_only_when_its_exact_bound_does(k: int, n: int, state: str) -> None:
    """At 0.90, 29 of 29 pass and 28 of 28 are too few; 20 of 30 fail."""
    result = evaluate(SHARE, [share_of(k, n)])
    assert result.state == state


def test_an_undecided_sample_says_how_many_would_settle_it() -> None:
    """After one failure, 46 in all are needed to show 0.90."""
    result = evaluate(SHARE, [share_of(29, 30)])
    assert result.needed == 46
    assert "46 in all would settle it" in result.sentence


def test_a_sample_may_be_gated_from_above() -> None:
    """At most 10 % failing is shown by 0 of 29, open at 0 of 28, and denied by 10 of 30."""
    objective = Objective("few fail", "sign_in", "sample", at_most=0.10)
    states = [evaluate(objective, [share_of(*each)]).state for each in ((0, 29), (0, 28), (10, 30))]
    assert states == [Status.PASS, Status.UNKNOWN, Status.FAIL]


@pytest.mark.parametrize("n", [10, 10_000_000])
def test_one_duplicate_is_no_go_at_any_size(n: int) -> None:
    """An invariant has no tolerance, however many were right."""
    finding = doubles(1)
    finding.figures["n"] = n
    assert word(NO_DOUBLES, findings=[finding]) is Word.NO_GO


def test_a_census_is_exact() -> None:
    """98 of 100 driven meet 98 %, without any interval; 97 do not."""
    objective = Objective("all in", "completeness", "census", at_least=0.98)
    for k, state in ((98, Status.PASS), (97, Status.FAIL)):
        finding = Finding("completeness", Status.FAIL, "?", "!", figures={"k": k, "n": 100})
        assert evaluate(objective, [finding]).state is state


def test_a_quantile_is_gated_on_its_bounds() -> None:
    """It passes by its upper bound, fails by its lower one, and is open in between."""
    assert evaluate(QUICK, [times(1.8, 1.7, 1.9)]).state is Status.PASS
    assert evaluate(QUICK, [times(1.9, 1.7, 2.1)]).state is Status.UNKNOWN
    assert evaluate(QUICK, [times(1.9, 1.7, None)]).state is Status.UNKNOWN
    assert evaluate(QUICK, [times(2.5, 2.1, 3.0)]).state is Status.FAIL


def test_played_too_fast_a_timing_that_fails_is_unknown_and_one_that_passes_stands() -> None:
    """More load than declared can excuse slowness, and takes nothing from speed."""
    slow = evaluate(QUICK, [times(2.5, 2.1, 3.0)], faster_than_declared=True)
    fast = evaluate(QUICK, [times(1.8, 1.7, 1.9)], faster_than_declared=True)
    assert (slow.state, fast.state) == (Status.UNKNOWN, Status.PASS)
    assert "faster than declared" in slow.sentence


def test_played_too_fast_a_dead_line_is_unknown_and_a_lost_report_is_not_excused() -> None:
    """An app that takes a second to start is down for as many drill minutes as a drill is fast."""
    through = Objective("through", "phones", "census", at_least=0.7)
    calls = Finding("phones", Status.PASS, "?", "!", "strike", {"k": 41, "n": 76})
    hasty = evaluate(through, [calls], faster_than_declared=True)
    assert (hasty.state, evaluate(through, [calls]).state) == (Status.UNKNOWN, Status.FAIL)
    assert "41 of 76" in hasty.sentence
    assert "faster than declared" in hasty.sentence
    assert evaluate(NO_DOUBLES, [doubles(1)], faster_than_declared=True).state is Status.FAIL


def test_of_several_readers_the_worst_counts() -> None:
    """One reader that holds a double decides, though another shows none."""
    assert evaluate(NO_DOUBLES, [doubles(0), doubles(2)]).state is Status.FAIL


def test_a_finding_that_nobody_made_leaves_the_objective_open() -> None:
    """A check that gave no answer for a subject is no pass."""
    assert evaluate(NO_DOUBLES, []).state is Status.UNKNOWN


UNDECIDED = share_of(10, 10)
OPTIONAL = Objective("people manage", "sign_in", "sample", at_least=0.90, required=False)


def test_a_failure_outweighs_missing_evidence() -> None:
    """NO-GO comes before NOT ENOUGH EVIDENCE, which comes before conditions and GO."""
    assert word(NO_DOUBLES, SHARE, findings=[doubles(1), UNDECIDED]) is Word.NO_GO
    assert word(NO_DOUBLES, SHARE, findings=[doubles(0), UNDECIDED]) is Word.NOT_ENOUGH
    assert word(NO_DOUBLES, OPTIONAL, findings=[doubles(0), UNDECIDED]) is Word.CONDITIONS
    assert word(NO_DOUBLES, SHARE, findings=[doubles(0), share_of(29, 29)]) is Word.GO


def test_failures_are_the_first_reasons() -> None:
    """An official reads what failed before what is open."""
    findings = [UNDECIDED, doubles(1)]
    verdict = decide([evaluate(each, findings) for each in (SHARE, NO_DOUBLES)], findings)
    assert verdict.reasons[0].startswith("none twice: 1 twice.")
    assert verdict.reasons[1].startswith("people manage: 10 of 10")


def test_what_was_not_drilled_is_as_unknown() -> None:
    """A required operation that this machine could not drive leaves too little evidence."""
    finding = Finding("duplicate", Status.NOT_DRILLED, "?", "no browser")
    assert word(NO_DOUBLES, findings=[finding]) is Word.NOT_ENOUGH


def test_what_does_not_apply_is_left_out() -> None:
    """A check that the target's description has no place for neither passes nor fails."""
    aside = Finding("sign_in", Status.NOT_APPLICABLE, "?", "no sign-in")
    assert word(NO_DOUBLES, SHARE, findings=[doubles(0), aside]) is Word.GO
    assert word(SHARE, findings=[aside]) is Word.NOT_ENOUGH


def test_a_failing_check_without_an_objective_is_a_condition() -> None:
    """What nobody gated still has to be seen to, with owner and date left blank."""
    findings = [doubles(0), Finding("shed", Status.FAIL, "All sent?", "3 held back.")]
    verdict = decide([evaluate(NO_DOUBLES, findings)], findings)
    assert verdict.word is Word.CONDITIONS
    [condition] = verdict.conditions
    assert (condition.about, condition.owner, condition.due) == ("shed", "", "")
    assert "3 held back." in condition.text


def test_a_drill_that_did_not_finish_is_no_go_or_not_enough() -> None:
    """A stopped drill still shows what failed, and cannot show that all is well."""
    assert word(NO_DOUBLES, findings=[doubles(0)], state="stopped") is Word.NOT_ENOUGH
    assert word(NO_DOUBLES, findings=[doubles(1)], state="disk full") is Word.NO_GO


def test_exit_codes() -> None:
    """0 GO, 1 NO-GO, 3 too little; conditions are 0, or 1 for the strict."""
    codes = {each: exit_code(Verdict(each, ())) for each in Word}
    assert codes == {Word.GO: 0, Word.CONDITIONS: 0, Word.NO_GO: 1, Word.NOT_ENOUGH: 3}
    assert exit_code(Verdict(Word.CONDITIONS, ()), strict=True) == 1


def test_evidence_expires_and_holds_for_one_build() -> None:
    """After 14 days, or with another build, a GO is no longer enough; a NO-GO stays one."""
    go = Verdict(Word.GO, ("fine",), expires=(DUE + timedelta(days=14)).isoformat(), build="b1")
    assert as_of(go, now=DUE, build="b1").word is Word.GO
    assert as_of(go, now=DUE + timedelta(days=15)).word is Word.NOT_ENOUGH
    changed = as_of(go, now=DUE, build="b2")
    assert changed.word is Word.NOT_ENOUGH
    assert "drilled b1, now b2" in changed.reasons[0]
    no_go = Verdict(Word.NO_GO, ("lost",), expires=go.expires, build="b1")
    assert as_of(no_go, now=DUE, build="b2").word is Word.NO_GO


def test_objectives_too_large_for_the_drill_are_named_before_it() -> None:
    """With 20 sign-ins and 40 reports planned, two of three gates cannot be decided."""
    slow = Objective("p99", "response_time", "quantile", subject="submit_report", quantile=0.99,
                     at_most=2.0)  # fmt: skip
    found = undecidable([SHARE, slow, NO_DOUBLES], {"sign_in": 20, "submit_report": 40})
    assert found == [(SHARE, 29), (slow, 299)]
    assert undecidable([SHARE], {"sign_in": 29}) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"check": "losst", "kind": "invariant"}, "Did you mean 'lost'"),
        ({"check": "lost", "kind": "invariant", "at_least": 1}, "has no at_least"),
        ({"check": "sign_in", "kind": "census"}, "at_least or at_most"),
        ({"check": "sign_in", "kind": "sample", "at_least": 1.0}, "declare a census"),
        ({"check": "response_time", "kind": "quantile", "at_most": 2}, "go together"),
        ({"check": "sign_in", "kind": "census", "at_least": 1, "quantile": 0.5}, "go together"),
        ({"check": "lost", "kind": "invariant", "at_mist": 0}, "at_mist"),
        ({"check": "response_time", "kind": "quantile", "at_most": 2, "quantile": 95},
         "between 0 and 1"),
    ],
)  # fmt: skip
def test_an_objective_that_makes_no_sense_is_refused(fields: dict[str, object], words: str) -> None:
    """A gate that could never be judged is refused when the scenario is read."""
    with pytest.raises(ValidationError, match=words):
        TypeAdapter(Objective).validate_python({"name": "x", **fields})


def test_the_published_schema_is_the_generated_one() -> None:
    """What is published beside the module says what the module writes."""
    assert SCHEMA_PATH.read_text() == schema_text()


def test_judging_writes_a_verdict_that_keeps_its_schema(tmp_path: Path) -> None:
    """verdict.json validates, reads back the same, and expires 14 days after the drill."""
    objectives = [{"name": "none lost", "check": "lost", "kind": "invariant"}]
    run = clean_run(tmp_path / "run", objectives=objectives).write()
    verdict = judge(run, now=DUE)
    fastjsonschema.compile(orjson.loads(schema_text()))(
        orjson.loads((run.path / "verdict.json").read_bytes())
    )
    assert verdict.word is Word.GO
    assert load_verdict(run.path / "verdict.json") == verdict
    assert verdict.expires.startswith("2026-11-17T19:05")
    assert (verdict.build, verdict.run) == ("b1", "r1")


def test_judging_again_writes_the_same_verdict(tmp_path: Path) -> None:
    """A verdict is a function of the record."""
    run = clean_run(tmp_path / "run").write()
    judge(run, now=DUE)
    first = (run.path / "findings.json").read_bytes(), (run.path / "verdict.json").read_bytes()
    judge(run, now=DUE)
    again = (run.path / "findings.json").read_bytes(), (run.path / "verdict.json").read_bytes()
    assert first == again


def test_a_measure_says_what_its_objective_says(tmp_path: Path) -> None:
    """A timing has no opinion of its own: its finding fails by the objective declared for it."""
    objective = {"name": "quick", "check": "response_time", "subject": "sign_in",
                 "kind": "quantile", "quantile": 0.5, "at_most": 0.001}  # fmt: skip
    run = clean_run(tmp_path / "run", objectives=[objective]).write()
    assert judge(run).word is Word.NO_GO
    states = {each.name: each.status for each in run.findings}
    assert states["response_time:sign_in"] is Status.FAIL
    assert states["service_time:sign_in"] is Status.PASS
