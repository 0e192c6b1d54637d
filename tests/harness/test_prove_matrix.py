"""The detection matrix says caught only of the finding that was named beforehand."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import fastjsonschema
import orjson
import pytest

from harness.prove.cases import NIGHTS, kinds
from harness.prove.catalogue import PROOFS, ProveError, asked_for, defects_of
from harness.prove.job import Job, Played
from harness.prove.matrix import (
    SCHEMA_PATH,
    Alarm,
    Caught,
    CleanRow,
    InjectRow,
    Matrix,
    Quiet,
    as_info,
    dump,
    rows_of,
    schema_text,
)
from harness.prove.proving import inject_rows
from harness.record import Finding, Status
from harness.scenario import Scenario, load_scenario
from reports.prove import answer, columns_of, marks_of, render_matrix
from simulators.apps.serving.defect import Defect

ROOT = Path("proof")
ONE = Defect("eats_rows", "It happened.", "A paper", "Eats rows.", "lost:records")
TWO = Defect("doubles", "It happened.", "", "Doubles rows.", "duplicate:records")


def job(**given: Any) -> Job:
    usual: dict[str, Any] = {
        "app": "reporting", "scenario": ROOT / "scenarios/reporting.yaml",
        "target": "practice/reporting", "cast": "rehearsal", "seed": 1, "speed": 1200.0,
        "scale": 0.05, "folder": ROOT / "runs/one", "defects": ("eats_rows",),
    }  # fmt: skip
    return Job(**usual | given)


def played(*failing: str, state: str = "finished", word: str = "NO-GO", **given: Any) -> Played:
    findings = [
        Finding(name.partition(":")[0], Status.FAIL, "?", "3 are gone", name.partition(":")[2])
        for name in failing
    ]
    findings.append(Finding("phantom", Status.PASS, "?", "none", "records"))
    return Played(job(**given), state, word=word, findings=tuple(findings))


def one_row(found: Played, *without: str) -> Any:
    (row,) = rows_of([ONE], found, without=frozenset(without), root=ROOT)
    return row


def test_only_the_finding_that_is_meant_for_it_catches_a_defect() -> None:
    """Another check, or the same check of another reader, does not count."""
    assert one_row(played("lost:records", "mis_totalled:totals")).caught is Caught.MEANT
    assert one_row(played("mis_totalled:totals")).caught is Caught.OTHER
    assert one_row(played("lost:export")).caught is Caught.OTHER
    assert one_row(played()).caught is Caught.MISSED


def test_a_miss_says_what_the_check_said() -> None:
    """Whoever looks into a miss begins with the check's own words."""
    found = played()
    said = Finding("lost", Status.UNKNOWN, "?", "Nothing was sent.", "records")
    found = dataclasses.replace(found, findings=(*found.findings, said))
    assert one_row(found).why == "unknown: Nothing was sent."
    assert one_row(played()).why == "no finding lost:records was made"


def test_a_check_that_is_left_out_leaves_a_miss() -> None:
    """The matrix is that of a harness without the check."""
    row = one_row(played("lost:records"), "lost")
    assert row.caught is Caught.MISSED
    assert row.why == "the check lost was left out"
    assert one_row(played("lost:records", "late:records"), "lost").caught is Caught.OTHER


def test_a_drill_that_did_not_end_proves_nothing() -> None:
    """Stopped and failed drills are not drilled, whatever they found by then."""
    assert one_row(played("lost:records", state="stopped")).caught is Caught.NOT_DRILLED
    failed = Played(job(), "failed", "TargetError: it did not start")
    assert one_row(failed).why == "TargetError: it did not start"


def test_defects_that_share_a_drill_do_not_share_what_is_meant_for_them() -> None:
    """What is meant for a neighbour is no sign of one's own."""
    found = played("lost:records", "lost:export", "duplicate:records", "rules:records")
    one, two = rows_of([ONE, TWO], found, without=frozenset(), root=ROOT)
    assert [each.finding for each in one.fired] == ["lost:records", "lost:export", "rules:records"]
    assert [each.finding for each in two.fired] == ["duplicate:records", "rules:records"]
    assert (one.beside, two.beside) == (("doubles",), ("eats_rows",))


@pytest.mark.parametrize("app", sorted(PROOFS))
def test_no_two_of_a_group_are_meant_for_the_same_finding(app: str) -> None:
    """Each defect is named once at most, and alone with its finding."""
    meant = {each.name: each.caught_by for each in defects_of(app)}
    named = [name for group in PROOFS[app].together for name in group]
    assert len(set(named)) == len(named)
    assert set(named) <= set(meant)
    for group in PROOFS[app].together:
        assert len({meant[name] for name in group}) == len(group)


@pytest.mark.parametrize("app", sorted(PROOFS))
def test_every_defect_is_drilled_once(app: str) -> None:
    """In its group or alone; `--alone` gives each a drill of its own."""
    every = defects_of(app)
    names = [each.name for each in every]
    together = [group for _, group in PROOFS[app].groups(every)]
    assert sorted(name for group in together for name in group) == sorted(names)
    assert [group for _, group in PROOFS[app].groups(every, alone=True)] == [
        (each,) for each in names
    ]
    assert len(together) < len(every)
    for group in PROOFS[app].together:
        drills = {PROOFS[app].drill_of(each).name for each in every if each.name in group}
        assert len(drills) == 1, f"{group} are drilled in different nights"


def test_there_are_at_least_forty_defects_and_each_has_a_history() -> None:
    """Each tells what happened or how likely it is, what it does, and what is meant to find it."""
    every = [each for app in PROOFS for each in defects_of(app)]
    assert len(every) >= 40
    assert all(each.history and each.does and each.caught_by for each in every)


def test_every_kind_of_inject_is_drilled_on_a_clean_app() -> None:
    """In a night of cases, or in a proof drill itself."""
    usual = {
        each.kind
        for proof in PROOFS.values()
        for drill in proof.drills
        for each in drill.night().injects_for(drill.cast)
    }
    cases = {kind for night in NIGHTS for kind in night.kinds}
    assert set(kinds()) - usual - cases == set()
    for night in NIGHTS:
        assert isinstance(night.night(PROOFS[night.app]), Scenario)


def inject(kind: str, *, touched: int = 3, status: Status = Status.PASS) -> Played:
    found = played(kinds=(kind,), defects=(), word="GO")
    said = Finding("injects", status, "?", "It happened and touched nothing.", kind)
    rows = ({"kind": kind, "name": kind, "touched": touched, "undone": True, "detail": ""},)
    return dataclasses.replace(found, findings=(*found.findings, said), injects=rows)


def test_an_inject_is_quiet_only_if_it_touched_something_and_nothing_fired() -> None:
    """Touching nothing is unknown; what this machine cannot play is not drilled, with why."""

    def of(found: Played) -> InjectRow:
        (row,) = inject_rows(found, frozenset(), ROOT)
        return row

    assert of(inject("network.loss")).quiet is Quiet.QUIET
    assert of(inject("network.loss", touched=0, status=Status.UNKNOWN)).quiet is Quiet.UNKNOWN
    fired = inject("network.loss")
    lost = Finding("lost", Status.FAIL, "?", "3 are gone", "records")
    fired = dataclasses.replace(fired, findings=(*fired.findings, lost))
    assert of(fired).quiet is Quiet.ALARM
    why = "service.clock: the service does not run under libfaketime"
    absent = dataclasses.replace(inject("service.clock"), injects=(), not_drilled=(why,))
    assert of(absent).quiet is Quiet.NOT_DRILLED
    assert of(absent).why == why


def whole(*rows: Any, **given: Any) -> Matrix:
    return Matrix(rows=rows, complete=True, began="2026-11-03T19:00:00+00:00", **given)


def test_the_exit_code_tells_misses_from_what_is_open() -> None:
    """1 for a miss, a wrong check or a false alarm; 3 for what was not drilled; else 0."""
    good, other = one_row(played("lost:records")), one_row(played("late:records"))
    open_ = one_row(Played(job(), "failed", "it did not start"))
    assert whole(good).code == 0
    assert whole(good, other).code == whole(good, one_row(played())).code == 1
    assert whole(good, open_).code == 3
    assert Matrix(rows=(good,)).code == 3, "it did not come to its end"
    alarm = Alarm(7, "lost:records", "3 are gone", "drillhall run")
    clean = CleanRow("reporting", "iowa", False, 5, (alarm,))
    assert whole(good, clean=(clean,)).code == 1
    cannot = InjectRow("hub", "service.kill", Quiet.NOT_DRILLED, why="no Docker")
    assert whole(good, injects=(cannot,)).code == 3


def test_the_json_fits_the_published_schema() -> None:
    """matrix.schema.json is what the code would publish, and the matrix keeps to it."""
    assert SCHEMA_PATH.read_text() == schema_text(), "write it anew: matrix.schema_text()"
    matrix = whole(one_row(played("lost:records")), injects=(InjectRow("a", "b", Quiet.QUIET),))
    fastjsonschema.compile(orjson.loads(schema_text()))(orjson.loads(dump(matrix)))


def test_wrong_names_are_told_with_the_nearest_right_one() -> None:
    """Apps, defects and checks."""
    for apps, defects, without, said in (
        (["reportin"], [], [], "reporting"),
        ([], ["stale_total"], [], "stale_totals"),
        (["strikes"], ["stale_totals"], [], "There is"),
        ([], [], ["losst"], "lost"),
    ):
        with pytest.raises(ProveError, match=said):
            asked_for(apps, defects, without, ["lost", "late"])


def test_defects_that_are_named_bring_only_their_apps() -> None:
    """The other apps are left alone."""
    asked = asked_for([], ["code_twice"], [], ["lost"])
    assert list(asked.defects) == ["strikes"]
    assert [each.name for each in asked.defects["strikes"]] == ["code_twice"]


def test_a_proof_drill_is_a_scenario_that_anybody_can_play_again(tmp_path: Path) -> None:
    """What is written beside the runs loads as the same scenario, and the command names it."""
    from harness.prove.asking import asked_of
    from harness.prove.proving import jobs_of

    asking = asked_of(["reporting"], ["stale_totals"], [], folder=tmp_path)
    (only,) = jobs_of(asking)
    assert load_scenario(str(only.scenario)) == PROOFS["reporting"].first.night()
    assert only.again.startswith(f"drillhall run {only.scenario} --target practice/reporting ")
    assert only.again.endswith("--defect stale_totals")
    assert Job.of_line(orjson.loads(orjson.dumps(only.as_line()))) == only


# -- what people see ----------------------------------------------------------------------------


def matrix_of(*rows: Any) -> dict[str, Any]:
    return as_info(whole(*rows))


def test_the_page_marks_each_cell_in_words_and_links_the_runs(tmp_path: Path) -> None:
    """Marks do not hang on colour; hostile text is escaped; nothing is fetched or run."""
    row = one_row(played("lost:records", "rules:records"))
    hostile = dataclasses.replace(row, why="<script>alert(1)</script>\x1b[2J")
    (tmp_path / "runs/one").mkdir(parents=True)
    (tmp_path / "runs/one/report.html").write_text("a report")
    page = render_matrix(matrix_of(hostile), tmp_path)
    assert 'href="runs/one/report.html"' in page
    assert "<b>✓</b><small>meant</small>" in page
    assert "<b>+</b><small>also</small>" in page
    assert "It happened." in page
    assert "A paper" in page
    assert "<script" not in page
    assert "\x1b" not in page
    assert 'href="runs/' not in render_matrix(matrix_of(hostile), tmp_path / "elsewhere")


def test_columns_are_the_checks_that_fired_or_should_have() -> None:
    """A miss is shown in the column of the check that was silent."""
    rows = [orjson.loads(orjson.dumps(each)) for each in matrix_of(
        one_row(played("rules:records"))
    )["rows"]]  # fmt: skip
    assert columns_of(rows) == ["lost", "rules"]
    assert marks_of(rows[0], ["lost", "rules"]) == ["silent", "also"]


@pytest.mark.parametrize(
    ("failing", "said"),
    [
        (("lost:records",), "The one seeded defect was caught by the check that is meant for it."),
        ((), "0 of 1 seeded defects were caught by the check that is meant for them, 1 was not."),
    ],
)
def test_the_answer_comes_first(failing: tuple[str, ...], said: str) -> None:
    """One sentence says what the proof came to."""
    assert answer(matrix_of(one_row(played(*failing)))) == said
