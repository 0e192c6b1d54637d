"""What an official is told: each verdict's own words, size, speed and next steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from reports_folder import OBJECTIVES, SITES, clean_findings, faulty_findings, write_night

from harness.record import Finding, RunFolder, Status, Witness
from harness.verdict import Word
from reports.again import again_command
from reports.brief import Brief, brief_of, results_by_weight
from reports.folder import verdict_of
from reports.integrity import offences_of, readers_of, replay_command
from reports.plan import plan_of
from reports.zeros import zero_bounds


def brief(run: RunFolder) -> Brief:
    return brief_of(run, verdict_of(run))


def test_go_says_what_was_met_and_what_is_still_to_do(clean_night: RunFolder) -> None:
    """A GO counts its requirements and still asks for a freeze, for people and for a signature."""
    said = brief(clean_night)
    assert said.why == "All 6 requirements that were set before the drill were met."
    assert len(said.reasons) == 3
    assert said.more_reasons == 3
    assert [each.text.split()[0] for each in said.steps] == ["Freeze", "Drill", "Sign"]


def test_go_with_conditions_asks_for_owners(tmp_path: Path) -> None:
    """An optional objective that is not met is a condition that somebody must own."""
    findings = [
        replace(each, status=Status.FAIL, offenders=2) if each.name == "altered:export" else each
        for each in clean_findings()
    ]
    objectives = tuple(
        replace(each, required=each.name != "nothing-altered") for each in OBJECTIVES
    )
    run = write_night(tmp_path / "run", findings, objectives=objectives)
    said = brief(run)
    assert said.word is Word.CONDITIONS
    assert "1 other point is open" in said.why
    assert "an owner and a date" in said.steps[0].text
    (row,) = plan_of(verdict_of(run), run.findings)
    assert (row.kind, row.owner, row.due) == ("Condition", "", "")


def test_undecided_requirements_are_counted(tmp_path: Path) -> None:
    """What could not be decided is not called a failure."""
    findings = [each for each in clean_findings() if each.check != "response_time"]
    said = brief(write_night(tmp_path / "run", findings))
    assert said.word is Word.NOT_ENOUGH
    assert said.why.startswith("1 of the 6 requirements could not be decided")
    assert brief(write_night(tmp_path / "none", [])).why.startswith(
        "None of the requirements could"
    )


@pytest.mark.parametrize(
    ("info", "said"),
    [
        ({}, "All 1,765 sites, at 120 times the true speed, with the cast “rehearsal”."),
        ({"records": 88}, "88 of the 1,765 sites, at 120 times"),
        ({"speed": 240.0}, "at 240 times the true speed (the scenario is declared for 120)"),
        ({"speed": 1.0}, "at the true speed of the night"),
        ({"virtual": True}, "in virtual time"),
    ],
)
def test_speed_and_size_are_said(tmp_path: Path, info: dict[str, object], said: str) -> None:
    """Nobody can mistake a small or a fast drill for the whole night."""
    records = info.pop("records", SITES)
    assert isinstance(records, int)
    assert said in brief(write_night(tmp_path / "run", records=records, **info)).played


def test_a_part_of_the_night_is_said_to_be_one(tmp_path: Path) -> None:
    """Sites left out are not drilled, and the way to more evidence is the whole night."""
    said = brief(write_night(tmp_path / "run", [], records=88, scale=0.05))
    assert "1,677 of the 1,765 sites" in said.not_drilled
    assert said.steps[1].command == "drillhall run iowa-caucus-night --cast rehearsal --seed 2020"


def test_a_hasty_day_of_phones_is_played_again_at_its_own_speed(tmp_path: Path) -> None:
    """The phones are no back-up for an app that answers them, and an election has a day."""
    day = {"world": {"kind": "voter_list"}, "speed": 1200.0, "carrier": {"calls": 3}}
    undecided = brief(write_night(tmp_path / "run", [], **day))
    assert undecided.steps[1].text == "Put that right, then play the whole day:"
    assert "--speed" not in undecided.steps[1].command
    failed = brief(write_night(tmp_path / "failed", faulty_findings(), **day))
    assert failed.steps[2].text == "Until a drill says GO, plan the day on the back-up: paper."


def test_the_command_plays_the_same_drill_again() -> None:
    """Scenario, cast, seed and whatever was not as declared; quoted for a shell."""
    info = {"scenario": "my night.yaml", "cast": "rehearsal", "seed": 7, "speed": 60.0,
            "declared_speed": 120.0, "scale": 0.05, "defects": ["partial_export"]}  # fmt: skip
    assert again_command(info) == (
        "drillhall run 'my night.yaml' --cast rehearsal --seed 7 --speed 60 --scale 0.05 "
        "--defect partial_export"
    )
    ours = {"scenario": "iowa", "target": {"file": "/home/me/apps/target.yaml"}}
    assert again_command(ours) == "drillhall run iowa --target target.yaml"
    small = {"scenario": "narwhal", "scale": 0.01, "declared_scale": 0.01,
             "declared_target": "practice/hub-docker"}  # fmt: skip
    assert again_command({**small, "target": {"file": "practice/hub-docker"}}) == (
        "drillhall run narwhal"
    )
    other = {**small, "scale": 1.0, "target": {"file": "practice/hub"}}
    assert again_command(other) == "drillhall run narwhal --target practice/hub --scale 1"
    simulated = {"scenario": "iowa", "virtual": True, "what_if": {"talk_minutes": 6.0}}
    assert again_command(simulated) == "drillhall simulate iowa --talk-minutes 6"


def test_a_stopped_drill_says_so_first(empty_run: RunFolder) -> None:
    """A drill that did not end is told before anything it found."""
    assert brief(empty_run).notes == ("The drill did not reach its end (crashed): out of memory.",)


def test_small_zeros_promise_little() -> None:
    """Nothing wrong in ten reports says almost nothing, and the bound says so."""
    finding = Finding("lost", Status.PASS, "?", "!", "export", {"k": 0, "n": 10})
    (said,) = zero_bounds([finding])
    assert said.startswith("Of 10 reports none was lost. Even so, a fault that strikes up to 26")
    assert zero_bounds([replace(finding, status=Status.UNKNOWN)]) == ()
    (said,) = zero_bounds([replace(finding, figures={"k": 0, "n": 1})])
    assert said == "Only 1 could have been lost, and none was: too few to say more."


def test_a_reason_leaves_the_bound_to_its_own_place(tmp_path: Path) -> None:
    """A reason says what was found; the bound stands once, under the zeros."""
    answer = "0 of 1,765 are missing. At this size up to 17 in 10,000 could go unseen."
    findings = [
        replace(each, answer=answer) if each.check == "lost" else each for each in clean_findings()
    ]
    said = brief(write_night(tmp_path / "run", findings))
    assert said.reasons[0].found == "0 of 1,765 are missing."


def test_integrity_is_laid_out_by_reader(faulty_night: RunFolder) -> None:
    """A row a reader and a column a class; what was not asked is not a zero."""
    readers = {each.name: each.cells for each in readers_of(faulty_night.findings)}
    assert list(readers) == ["export", "results page"]
    lost, *_, mis_totalled = readers["export"]
    assert lost is not None
    assert lost.offenders == 37
    assert mis_totalled is not None
    assert mis_totalled.status is Status.NOT_APPLICABLE
    assert readers_of(clean_findings()[:1])[0].cells[1:] == (None,) * 8


def test_room_for_records_is_shared_fairly() -> None:
    """Each failed finding shows some records; what one leaves free another takes."""
    offences = offences_of(faulty_findings(), Path("run"), shown=24)
    assert [len(each.shown) for each in offences] == [8, 8, 2]
    assert [each.left_out for each in offences] == [29, 4, 0]
    assert sum(len(each.shown) for each in offences_of(faulty_findings(), Path("run"), 2)) == 2


def test_a_hostile_record_key_cannot_leave_its_quotes() -> None:
    """A record that a target made up is quoted, so that pasting the command runs nothing else."""
    command = replay_command(Path("runs/x"), "IA-1'; rm -rf ~ #")
    assert command == "drillhall replay runs/x --record 'IA-1'\"'\"'; rm -rf ~ #'"
    assert replay_command(Path("runs/x"), "") is None


def test_the_plan_says_each_thing_once(tmp_path: Path) -> None:
    """A failed finding that an objective covers is one row; one nobody asked of is its own."""
    stray = Finding(
        "unstable", Status.FAIL, "Is it stable?", "No.", witnesses=(Witness("", "", ""),)
    )
    run = write_night(tmp_path / "run", [*faulty_findings(), stray])
    rows = plan_of(verdict_of(run), run.findings)
    assert [each.kind for each in rows] == [*["Must be mended"] * 3, "Condition"]


def test_what_is_not_met_is_shown_first(faulty_night: RunFolder) -> None:
    """A reader need not search a long table for what failed."""
    verdict = verdict_of(faulty_night)
    states = [each.state for each in results_by_weight(verdict)]
    assert states == [Status.FAIL] * 3 + [Status.PASS] * 4
    assert not results_by_weight(verdict)[-1].objective.required
