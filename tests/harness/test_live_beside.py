"""A live server beside a drill: volunteers are the plan's chairs, and what they sent is scored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from harness.drill import Drill, run_drill
from harness.live.beside import cohort, live_beside
from harness.live.deck import Deck
from harness.live.heard import read_journal
from harness.progress import Progress
from harness.scenario import Scenario, load_scenario
from simulators.people.personas.dealing import Personas
from simulators.plan import Plan
from simulators.plans import plan_of

NAME = "iowa-caucus-training"


def without_personas() -> Scenario:
    """The practice evening with nobody in a browser: that is another test's affair."""
    scenario = load_scenario(NAME)
    cast = replace(scenario.casts["rehearsal"], personas=Personas())
    return scenario.model_copy(update={"casts": {"rehearsal": cast}})


def test_the_cohort_is_of_ordinary_chairs() -> None:
    """The first who report by the app, no persona among them, each with a card of their own."""
    plan = plan_of(load_scenario(NAME).night("rehearsal", seed=7, scale=1.0))
    assert isinstance(plan, Plan)
    invited = [each.volunteer for each in cohort(Deck(plan), 50)]
    assert len({each.record for each in invited}) == len(invited) == 50
    assert {each.source for each in invited} == {"robot"}
    rows = [plan.records.index(each.record) for each in invited]
    assert rows == sorted(rows)
    assert not any(plan.chairs.person(row).persona for row in rows)
    assert all(plan.parts.uses_app[row] for row in rows)
    assert {each.training for each in invited} <= {"session", "none"}


def test_without_a_live_section_nobody_comes() -> None:
    """The drill is what it was, and says nothing of volunteers."""
    with live_beside(None, None, None, title="", speed=1.0, stopped=lambda: False) as company:  # type: ignore[arg-type]
        company.begin(0.0)
    assert company.about == {}


@pytest.mark.slow
def test_volunteers_are_scored_by_what_the_engine_sent(tmp_path: Path) -> None:
    """Each session agrees with the ledger: reported what was acknowledged, right if it was."""
    drill = Drill(
        without_personas(), "practice/reporting", "rehearsal", seed=7, speed=150.0, scale=0.5,
        folder=tmp_path / "run",
    )  # fmt: skip
    folder = run_drill(drill, Progress(Console(), quiet=True))
    live = folder.info["live"]
    assert live["beside"]
    assert live["acknowledged_and_lost"] == 0
    sessions = folder.sessions.collect()
    assert sessions["source"].cast(pl.String).unique().to_list() == ["robot"]
    assert sessions.height == live["invited"]["robots"] > 20
    night = drill.scenario.night("rehearsal", seed=7, scale=0.5)
    deck = Deck(plan_of(night))
    history = folder.history.with_columns(pl.col("kind", "outcome").cast(pl.String)).collect()
    taken = history.filter(pl.col("kind") == "submit_report", pl.col("outcome") == "ok")
    sent = {row["record"]: tuple(row["values"]) for row in taken.iter_rows(named=True)}
    amended = set(history.filter(pl.col("kind") == "amend_report")["record"])
    for row in sessions.iter_rows(named=True):
        record = row["record"]
        assert (row["reported"] is not None) == (record in sent), record
        if record in sent and record not in amended:
            assert row["correct"] == (sent[record] == deck.card(record).values), record
    heard = {each["what"] for each in read_journal(folder.path / "robots.jsonl")}
    assert {"opened", "agreed", "surveyed"} <= heard
