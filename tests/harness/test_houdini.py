"""Tests of the election day in virtual time: its anchors, and what the checks make of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl
import pytest

from harness.anchors import Measured, Tables
from harness.record import CALLS, RunFolder, Status
from harness.scenario import ScenarioError, load_scenario
from harness.simulate import WhatIf, changed, measure_day, simulate
from harness.strike_anchors import (
    STRIKE_ANCHORS,
    dies_at,
    headquarters_after,
    headquarters_blocked,
    hours_dead,
    lives_at,
    minutes_to_death,
)
from harness.verdict import Verdict, Word, judge
from harness.virtual_app import not_modelled, settings_of

NAME = "houdini-election-day"
SEEDS = range(1, 21)
QUARTER = 900.0


def calls(*quarters: tuple[str, int, int, str]) -> Tables:
    """Calls as (line, quarter, how many, cause); the polls open with the second quarter."""
    rows = [
        {"line": line, "dialled_drill": at * QUARTER + 1.0, "cause": cause}
        for line, at, count, cause in quarters
        for _ in range(count)
    ]
    table = pl.DataFrame([{**dict.fromkeys(CALLS), **row} for row in rows], schema=CALLS)
    nothing = pl.DataFrame()
    return Tables(QUARTER, nothing, table, nothing, nothing)


def test_a_line_is_dead_when_over_half_of_its_calls_are_blocked() -> None:
    """In a quarter of an hour in which enough people call."""
    few = ("strike", 1, 4, "busy")
    half = (("strike", 2, 5, "busy"), ("strike", 2, 5, "hung_up"))
    over = (("strike", 3, 6, "failed"), ("strike", 3, 5, "hung_up"))
    assert dies_at(calls(few, *half)) is None
    assert dies_at(calls(few, *half, *over)) == 3
    assert minutes_to_death(calls(few, *half, *over)) == 30.0


def test_a_line_lives_again_when_it_stays_alive_for_an_hour() -> None:
    """One good quarter among bad ones is no recovery."""
    day = calls(
        ("strike", 1, 10, "busy"),
        ("strike", 2, 9, "hung_up"),
        ("strike", 3, 20, "busy"),
        ("strike", 9, 9, "hung_up"),
    )
    assert lives_at(day) == 9
    assert hours_dead(day) == 2.0
    assert lives_at(calls(("strike", 1, 10, "busy"))) is None


def test_headquarters_is_counted_while_the_line_is_jammed_and_after() -> None:
    """Up to 11 am, four hours after the opening, and in the hour from then."""
    day = calls(
        ("strike", 5, 10, "busy"),
        ("headquarters", 1, 9, "busy"),  # before the line died
        ("headquarters", 6, 3, "busy"),
        ("headquarters", 7, 1, "served"),
        ("headquarters", 17, 1, "busy"),
        ("headquarters", 18, 4, "served"),
    )
    assert headquarters_blocked(day) == 75.0
    assert headquarters_after(day) == 20.0


@cache
def twenty_days() -> dict[str, list[float]]:
    """What every anchor measures on each of the seeds."""
    scenario, found = load_scenario(NAME), {each.id: [] for each in STRIKE_ANCHORS}  # type: ignore[var-annotated]
    for seed in SEEDS:
        for each in measure_day(scenario, "as-it-was", seed=seed):
            assert each.value is not None
            found[each.anchor.id].append(each.value)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("anchor", STRIKE_ANCHORS, ids=lambda anchor: anchor.id)
def test_every_anchor_of_the_day_holds_on_twenty_seeds(anchor: object) -> None:
    """The line dies, headquarters with it, and both come back, whatever the seed."""
    found = [each for each in STRIKE_ANCHORS if each is anchor]
    values = twenty_days()[found[0].id]
    assert len(values) == len(SEEDS)
    assert [value for value in values if not Measured(found[0], value).holds] == []


def played(out: Path, cast: str, *defects: str) -> tuple[RunFolder, Verdict]:
    run = simulate(load_scenario(NAME), out=out, cast=cast, defects=defects)
    return run, judge(run)


def test_the_day_as_it_was_is_a_no_go_for_its_phones(tmp_path: Path) -> None:
    """The packaged seed reproduces the day: what fails is the line, and texts, not the app."""
    run, verdict = played(tmp_path / "run", "as-it-was")
    assert [each["holds"] for each in run.info["anchors"]] == [True] * 4
    assert verdict.word is Word.NO_GO
    failed = {each.name for each in run.findings if each.status is Status.FAIL}
    assert failed == {"phones:strike", "phones:headquarters", "keypad:sms"}


def test_the_rehearsal_is_a_go(tmp_path: Path) -> None:
    """With lines enough, ways around them and a sound app every check is content."""
    run, verdict = played(tmp_path / "run", "rehearsal")
    assert verdict.word is Word.GO
    assert set(run.info["simulation"]["channels"]) == {"voice", "sms", "api", "hotline", "none"}
    touched = run.injects.select("name", "touched").collect()
    assert (touched["touched"] > 0).all()
    assert run.info["target"]["not_drilled"] == []


@pytest.mark.parametrize(
    ("defect", "check"), [("code_twice", "duplicate"), ("state_lost_on_restart", "lost")]
)
def test_a_defect_of_the_modelled_app_is_found(tmp_path: Path, defect: str, check: str) -> None:
    """Records of one cell without our key are reconciled as any others."""
    run, verdict = played(tmp_path / "run", "rehearsal", defect)
    assert verdict.word is Word.NO_GO
    assert check in {each.check for each in run.findings if each.status is Status.FAIL}


def test_questions_that_make_no_sense_of_codes_are_not_asked(tmp_path: Path) -> None:
    """Codes follow no caucus rule; lists tell in whose place they stand, and which are none."""
    run, _ = played(tmp_path / "run", "rehearsal")
    status = {each.check: each.status for each in run.findings}
    assert status["rules"] is Status.NOT_APPLICABLE
    assert status["misattributed"] is status["unlisted"] is Status.PASS
    (full,) = [each for each in run.findings if each.check == "completeness"]
    assert full.figures["n"] == run.info["records"]
    assert "codes are in" in full.answer


def test_headquarters_agents_and_lines_can_be_asked_about() -> None:
    """A talk's length, or an app to install, cannot: watchers have neither."""
    night = load_scenario(NAME).night("as-it-was", seed=1, scale=1.0)
    more = changed(night, WhatIf(trunks=60, agents=20)).cast.watchers
    assert (more.lines, more.agents) == (60, 20)
    with pytest.raises(ScenarioError, match="talk_minutes: poll watchers have neither"):
        changed(night, WhatIf(talk_minutes=3.0))


def test_more_lines_would_have_saved_the_day(tmp_path: Path) -> None:
    """With 60 of them nobody hears a busy signal."""
    run = simulate(load_scenario(NAME), out=tmp_path / "run", what_if=WhatIf(trunks=60), scale=1.0)
    causes = run.calls.select(pl.col("cause").cast(pl.String)).collect()["cause"]
    assert "busy" not in set(causes)
    assert run.info["anchors"] == []


def test_what_the_model_lacks_is_said() -> None:
    """An inject that only a real carrier can play is named, and unknown defects are refused."""
    scenario = load_scenario(NAME)
    changes = {"kind": "phone.late", "name": "late", "begins": "08:00", "ends": "09:00"}
    late = scenario.model_validate(
        scenario.model_dump() | {"injects": [changes | {"seconds": 2.0}]}
    )
    assert not_modelled(late, "rehearsal", {}) == ["late: the model has no phone.late"]
    with pytest.raises(ScenarioError, match="'no_idempotency' is not known"):
        settings_of(scenario.night("rehearsal", seed=1, scale=1.0), (), ["no_idempotency"])
