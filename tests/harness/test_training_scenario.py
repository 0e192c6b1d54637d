"""The practice evening: what it plays, how long it takes, and what it would have shown in 2020."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from harness.cli import main
from harness.objective import Objective
from harness.record import Finding, RunFolder, Status
from harness.scenario import Scenario, load_scenario, plan_for
from harness.simulate import simulate
from harness.verdict import Word, judge
from simulators.people.personas import PERSONAS
from simulators.plan import Plan

NAME = "iowa-caucus-training"
PLAYABLE = 0.02  # wall seconds from key to key that a browser can keep


@cache
def scenario() -> Scenario:
    return load_scenario(NAME)


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The evening in virtual time, with everybody invited."""
    return simulate(scenario(), out=tmp_path_factory.mktemp("evening") / "run", cast="rehearsal")


def test_everybody_of_the_deck_takes_part_and_a_browser_can_play_their_keys() -> None:
    """At the speed that the scenario declares, and within four minutes."""
    night = scenario().night("rehearsal", seed=scenario().seed, scale=1.0)
    plan = plan_for(night)
    assert isinstance(plan, Plan)
    assert sorted(each.name for each in plan.personas.values()) == sorted(PERSONAS)
    assert night.end / scenario().speed <= 240
    for persona in PERSONAS.values():
        assert persona.key_seconds.value / scenario().speed >= PLAYABLE


def test_few_personas_are_on_the_pages_at_once() -> None:
    """They come one after the other, some six seconds of a browser's time apart."""
    night = scenario().night("rehearsal", seed=scenario().seed, scale=1.0)
    comes = sorted(each.arrives for each in plan_for(night).participants() if each.person.persona)
    assert len(comes) == len(PERSONAS)
    assert all(later - sooner > 50 for sooner, later in itertools.pairwise(comes))


def test_a_sound_app_passes_the_evening(rehearsal: RunFolder) -> None:
    """In virtual time there are no pages: what asks about them says so and decides nothing."""
    verdict = judge(rehearsal)
    assert verdict.word is Word.GO
    silent = {
        each.objective.check for each in verdict.results if each.state is Status.NOT_APPLICABLE
    }
    assert silent >= {"personas", "barriers", "funnel"}


def test_nothing_of_the_evening_is_vacuous(rehearsal: RunFolder) -> None:
    """A correction, a wrong precinct, wrong codes and lost answers all come up."""
    history = rehearsal.history.with_columns(pl.col("kind", "channel").cast(pl.String)).collect()
    assert set(history["channel"]) == {"api", "web", "hotline"}
    assert history.filter(pl.col("kind") == "amend_report").height >= 1
    web = history.filter(pl.col("channel") == "web")
    assert web["who"].n_unique() == len(PERSONAS)
    assert rehearsal.injects.collect()["touched"].to_list()[0] > 0


def test_such_an_evening_would_have_shown_it_in_2020(tmp_path: Path) -> None:
    """A quarter by the app, everybody else with one person at the desk: no go, two weeks before."""
    folder = simulate(scenario(), out=tmp_path / "run", cast="as-it-was")
    verdict = judge(folder)
    assert verdict.word is Word.NO_GO
    assert "Practice reports of nearly every precinct must be in" in " ".join(verdict.reasons)
    by_app = folder.info["simulation"]["channels"]["api"]
    assert by_app == pytest.approx(0.249 * 120, abs=2)


def test_real_volunteers_are_asked_as_a_sample_and_simulated_ones_are_counted() -> None:
    """Robots show nothing about people."""
    live = scenario().live
    assert live is not None
    of_volunteers = [each for each in live.objectives if each.check == "funnel"]
    assert {each.kind for each in of_volunteers} == {"sample"}
    counted = [each for each in scenario().objectives if each.check == "funnel"]
    assert {each.kind for each in counted} == {"census"}
    assert all(each.says for each in live.objectives)


def test_a_check_that_is_not_applicable_is_so_for_each_of_its_subjects() -> None:
    """Nobody invited, nobody to be counted; silence on one subject is none on the others."""
    objective = Objective("in", "funnel", "census", subject="reported", at_least=0.9)
    nobody = Finding("funnel", Status.NOT_APPLICABLE, "How far did they come?", "Nobody came.")
    other = Finding("funnel", Status.NOT_APPLICABLE, "Who signed in?", "Nobody.", "signed_in")
    failed = Finding("funnel", Status.FAIL, "How far did they come?", "Not far.")
    assert objective.covers(nobody)
    assert not objective.covers(other)
    assert not objective.covers(failed)


def test_a_night_too_small_for_its_personas_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """One line that says what to do, and exit code 2."""
    with pytest.raises(SystemExit) as stop:
        main(["run", NAME, "--scale", "0.05", "--plan-only"])
    said = " ".join(capsys.readouterr().err.split())
    assert stop.value.code == 2
    assert "take 15 chairs, but only" in said
    assert "Play a larger night (scale), or name fewer (who)" in said
    assert "Traceback" not in said
