"""What if training had reached more people: the night of 2020 as it was, and after more of it."""

from __future__ import annotations

import itertools
from functools import cache

import pytest

from harness.anchors import ANCHORS
from harness.cli import main
from harness.scenario import ScenarioError, load_scenario
from harness.training_reach import Reached, TrainingWhatIf, training_what_if

TRAINING = "iowa-caucus-training"


@cache
def small() -> TrainingWhatIf:
    """A tenth of the night, trained to several reaches."""
    return training_what_if(load_scenario(TRAINING), [0.9, 0.5], seeds=1, scale=0.1)


@pytest.mark.parametrize("seed", [1, 2020, 31])
def test_the_night_as_it_was_is_as_published(seed: int) -> None:
    """Anchor A4: a quarter of the sites report by the app, and a quarter are ready before."""
    found = training_what_if(load_scenario(TRAINING), [], seeds=1, seed=seed)
    (as_it_was,) = found.reached
    assert as_it_was.reach == found.as_it_was == 0.25
    anchor = next(each for each in ANCHORS if each.id == "A4")
    assert anchor.low is not None
    assert anchor.high is not None
    assert anchor.low <= 100 * as_it_was.by_app <= anchor.high
    assert anchor.low <= 100 * as_it_was.ready <= anchor.high
    assert found.sites == 1765
    assert as_it_was.has_app < 0.5, "most chairs never tried it"


def test_steps_of_another_year_do_not_give_the_night_as_it_was() -> None:
    """The anchor could fail: an app from a store, in one step, would have been another night."""
    scenario = load_scenario(TRAINING)
    assert scenario.onboarding is not None
    easy = scenario.onboarding.model_copy(
        update={"steps": type(scenario.onboarding.steps)(install_steps=1)}
    )
    found = training_what_if(scenario.model_copy(update={"onboarding": easy}), [], seeds=1)
    assert found.reached[0].by_app > 0.35


def test_the_more_are_trained_the_more_report_by_the_app_and_the_shorter_the_holds() -> None:
    """With the same people on the phones."""
    reached = small().reached
    assert [each.reach for each in reached] == [0.25, 0.5, 0.9]
    for less, more in itertools.pairwise(reached):
        assert more.ready > less.ready
        assert more.by_app > less.by_app
        assert less.hold_median is not None
        assert more.hold_median is not None
        assert more.hold_median < less.hold_median
        assert less.in_98 is not None
        assert more.in_98 is not None
        assert more.in_98 <= less.in_98


def test_who_is_ready_is_who_reports_by_the_app() -> None:
    """Nobody gives up on top of it."""
    for each in small().reached:
        assert each.by_app == pytest.approx(each.ready, abs=0.02)


def test_the_same_seeds_give_the_same_answer() -> None:
    """It can be played again."""
    again = training_what_if(load_scenario(TRAINING), [0.9, 0.5], seeds=1, scale=0.1)
    assert again.as_info() == small().as_info()


def test_who_has_no_smartphone_phones_however_many_are_trained() -> None:
    """No training puts an app on a telephone that it does not run on."""
    scenario = load_scenario(TRAINING)
    assert scenario.onboarding is not None
    everybody = type(scenario.onboarding.steps)(guided=1.0, kept=1.0)
    changed = scenario.onboarding.model_copy(update={"steps": everybody})
    scenario = scenario.model_copy(update={"onboarding": changed})
    found = training_what_if(scenario, [1.0], seeds=1, scale=0.02)
    last: Reached = found.reached[-1]
    assert last.reach == 1.0
    assert last.ready < 1.0
    assert last.hold_median is not None


def test_mistakes_are_told() -> None:
    """A scenario that is practice for nothing; shares that are none."""
    with pytest.raises(ScenarioError, match="does not say how people are trained"):
        training_what_if(load_scenario("iowa-caucus-night"), [0.5])
    with pytest.raises(ScenarioError, match=r"training_reach=1\.5"):
        training_what_if(load_scenario(TRAINING), [1.5])
    with pytest.raises(ScenarioError, match="seeds=0"):
        training_what_if(load_scenario(TRAINING), [0.5], seeds=0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--training-reach", "25"], "'25' is not a share from 0 to 1"),
        (["--training-reach", "a lot"], "'a lot' is not a share"),
        (["--training-reach", "nan"], "'nan' is not a share"),
        (["--training-reach", ","], "names no share"),
        (["--training-reach", "0.5", "--agents", "9"], "leave out --cast"),
    ],
)
def test_the_command_line_says_what_it_takes(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line and exit code 2."""
    with pytest.raises(SystemExit) as stop:
        main(["simulate", TRAINING, *arguments])
    assert stop.value.code == 2
    assert said in " ".join(capsys.readouterr().err.split())
