"""Drills of a short morning of the packaged election day against the strikes app, over loopback.

The packaged day takes seven minutes at its declared speed of 120. Here two rounds of a dozen
watchers are played at 600, in under ten seconds, with every inject of the rehearsal moved into
them. At that speed the second in which the app starts again lasts ten drill minutes, and redials
pile up in them: objectives on the share of calls that get through are left out, since they would
measure this machine. Nothing else is asked more gently than in the packaged day.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from harness.drill import Drill, run_drill
from harness.progress import Progress
from harness.record import Finding, RunFolder, Status
from harness.scenario import Scenario, load_scenario
from harness.verdict import Verdict, Word, judge
from simulators.apps.strikes.defects import DEFECTS

pytestmark = [pytest.mark.live, pytest.mark.slow]

NAME, CAST = "houdini-election-day", "rehearsal"
SPEED, SCALE, SEED = 600.0, 0.12, 3
DAY = {"opens": "07:44", "doors": "07:45", "begins": "07:45", "ends": "09:20"}
ROUNDS = [960, 2760]  # 8:00 and 8:30, in drill seconds from 7:44
HOURS = {
    "phone.doubled": ("07:50", "09:20"),
    "process.restart": ("08:09", "08:10"),  # while the first round is keyed
    "phone.silence": ("08:35", "08:36"),
    "phone.caller_id": ("08:25", "09:20"),
    "phone.unreachable": ("08:25", "09:20"),
}
SHARES = {"phone.caller_id": {"share": 1.0}, "phone.unreachable": {"share": 0.05}}  # of so few
SHARES_OF_CALLS = {"the line is not dead", "headquarters can be reached"}
WATCHERS = {
    "rounds": ROUNDS,
    "spread_minutes": 5,
    "asks_for_help": 1.0,  # a dozen on a help line of three places
    "help_seconds": 180,
    "ring_seconds": 120,
    "tries": 20,
    "office_calls": {"rate": [[0, 0.002], [5700, 0.002]]},
}


def morning() -> Scenario:
    """The packaged rehearsal, two rounds long; its lists are longer, so that sheets are too."""
    day: dict[str, Any] = load_scenario(NAME).model_dump(mode="json")
    played = [each for each in day["injects"] if each["casts"] in ([], [CAST])]
    assert {each["kind"] for each in played} == set(HOURS), "an inject is not in the morning"
    for each in played:
        each["begins"], each["ends"] = HOURS[each["kind"]]
        each |= SHARES.get(each["kind"], {})
    cast = day["casts"][CAST]
    cast["watchers"] |= WATCHERS
    cast["watchers"]["fallback"]["at_once"] = 0.4
    cast["persistence"]["patience_wall_seconds"] = 2.0
    return Scenario.model_validate(
        day
        | {
            "speed": SPEED,
            "clock": day["clock"] | DAY,
            "phases": [],
            "world": day["world"] | {"voters": 900},
            "casts": {CAST: cast},
            "default_cast": {"run": CAST, "simulate": CAST},
            "injects": played,
            "objectives": [
                each for each in day["objectives"] if each["name"] not in SHARES_OF_CALLS
            ],
        }
    )


def drill(out: Path, *defects: str, seed: int = SEED) -> tuple[RunFolder, Verdict]:
    """Play the morning against the app and judge it."""
    scenario = morning()
    ordered = Drill(scenario, scenario.target, CAST, seed, SPEED, SCALE, out, defects)
    folder = run_drill(ordered, Progress(Console(file=io.StringIO())))
    return folder, judge(folder)


def by_name(folder: RunFolder) -> dict[str, Finding]:
    return {each.name: each for each in folder.findings}


def count(table: pl.DataFrame, **columns: str) -> int:
    """Rows that have these words in these columns."""
    return table.filter(
        pl.col(name).cast(pl.String) == word for name, word in columns.items()
    ).height


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunFolder, Verdict]:
    return drill(tmp_path_factory.mktemp("strikes") / "clean")


def test_the_clean_app_is_go_and_no_check_fires(clean: tuple[RunFolder, Verdict]) -> None:
    """Every objective of the morning is met; nothing of it is left open."""
    folder, verdict = clean
    assert verdict.word is Word.GO, verdict.reasons
    assert [each for each in folder.findings if each.status is Status.FAIL] == []
    asked = {each.check for each in morning().objectives}
    open_ = [f for f in folder.findings if f.status is Status.UNKNOWN and f.check in asked]
    assert open_ == []


def test_every_trigger_of_the_morning_fired(clean: tuple[RunFolder, Verdict]) -> None:
    """What the defects hang on has happened: a defect that is not found was not hidden."""
    folder, _ = clean
    injects = folder.injects.collect()
    assert (injects["touched"] > 0).all(), injects
    assert injects["undone"].all()
    webhooks, calls, history = (
        each.collect() for each in (folder.webhooks, folder.calls, folder.history)
    )
    assert count(webhooks, purpose="forged")
    assert count(webhooks, purpose="action", fault="doubled"), "no digits came twice"
    assert webhooks.filter("fallback", pl.col("status") == 200).height, "nobody heard the fallback"
    assert folder.info["carrier"]["texts"]["opted_out"]
    assert count(webhooks, purpose="rest"), "no call was confirmed by text"
    # Words are heard, then the app hangs up: that is a help line without a place left.
    assert count(calls, line="help", cause="app_hung_up")
    assert count(history, kind="submit_report", channel="voice", outcome="unknown"), "none was cut"
    replies = history.filter(pl.col("channel").cast(pl.String) == "sms")["detail"].drop_nulls()
    assert replies.str.contains("OK 20 codes").any(), "no reply was longer than one text"


def test_withheld_calls_overlapped(clean: tuple[RunFolder, Verdict]) -> None:
    """Calls that look alike to an app that knows callers by their number went on at once."""
    folder, _ = clean
    scenario = morning()
    (withheld,) = [each for each in scenario.injects if each.kind == "phone.caller_id"]
    calls = (
        folder.calls.filter(
            pl.col("line").cast(pl.String) == "strike",
            pl.col("answered_drill") > scenario.clock.seconds(withheld.begins),
        )
        .sort("answered_drill")
        .collect()
    )
    assert (calls["answered_drill"].shift(-1) < calls["ended_drill"]).any()


# Defects that are drilled together: no two of a group are meant for the same finding, so what a
# check says in it is said of the one that is.
GROUPS = (
    ("retry_loses_digits", "no_signature_check", "opt_out_ignored", "queue_drops_on_overflow"),
    ("state_lost_on_restart", "fallback_dead", "reply_split_wrong"),
    ("stored_at_hang_up", "strike_list_stale", "code_twice"),
    ("session_shared",),
    ("menu_timeout_too_short",),
)


def test_every_defect_is_in_one_group_and_alone_with_its_finding() -> None:
    """None is forgotten, and none can be found by what is meant for its neighbour."""
    named = {each.name: each for each in DEFECTS}
    assert sorted(name for group in GROUPS for name in group) == sorted(named)
    for group in GROUPS:
        assert len({named[name].caught_by for name in group}) == len(group)


@pytest.mark.parametrize("group", GROUPS, ids="+".join)
def test_each_defect_is_no_go_by_the_check_meant_for_it(
    group: tuple[str, ...], tmp_path: Path
) -> None:
    """The check that is meant to catch it fails, and decides the verdict."""
    folder, verdict = drill(tmp_path / "run", *group)
    assert verdict.word is Word.NO_GO, verdict.reasons
    for defect in (each for each in DEFECTS if each.name in group):
        finding = by_name(folder)[defect.caught_by]
        assert finding.status is Status.FAIL, (defect.name, finding.answer)
        missed = [
            each
            for each in verdict.results
            if each.state is Status.FAIL and each.objective.covers(finding)
        ]
        assert missed, (
            defect.name,
            [(each.objective.name, each.state) for each in verdict.results],
        )
        assert all(each.objective.required for each in missed)
