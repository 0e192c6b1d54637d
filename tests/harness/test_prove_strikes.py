"""Every seeded defect of the strikes app is caught by the check that is meant for it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from prove_stand import caught, count, names, proven, quiet

from harness.prove.matrix import Matrix
from harness.prove.strikes import night
from harness.record import RunFolder

pytestmark = [pytest.mark.live, pytest.mark.slow]

APP = "strikes"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prove") / APP


@pytest.fixture(scope="module")
def matrix(place: Path) -> Matrix:
    return proven(APP, place)


@pytest.fixture(scope="module")
def clean(matrix: Matrix, place: Path) -> RunFolder:
    return RunFolder.open(place / "runs" / f"{APP}-clean-morning-1")


@pytest.mark.parametrize("defect", names(APP))
def test_each_defect_is_caught_by_the_check_meant_for_it(matrix: Matrix, defect: str) -> None:
    """Its finding fails, and the verdict is NO-GO."""
    caught(matrix, defect)


def test_no_check_fires_on_the_clean_app(matrix: Matrix, clean: RunFolder) -> None:
    """No false alarm, and nothing but timings may be left open."""
    assert matrix.alarms == 0
    quiet(clean)


def test_every_trigger_of_the_morning_fired(clean: RunFolder) -> None:
    """What the defects hang on has happened: a defect that is not found was not hidden."""
    injects = clean.injects.collect()
    assert (injects["touched"] > 0).all(), injects
    assert injects["undone"].all()
    webhooks, calls, history = (
        each.collect() for each in (clean.webhooks, clean.calls, clean.history)
    )
    assert count(webhooks, purpose="forged")
    assert count(webhooks, purpose="action", fault="doubled"), "no digits came twice"
    assert webhooks.filter("fallback", pl.col("status") == 200).height, "nobody heard the fallback"
    assert clean.info["carrier"]["texts"]["opted_out"]
    assert count(webhooks, purpose="rest"), "no call was confirmed by text"
    # Words are heard, then the app hangs up: that is a help line without a place left.
    assert count(calls, line="help", cause="app_hung_up")
    assert count(history, kind="submit_report", channel="voice", outcome="unknown"), "none was cut"
    replies = history.filter(pl.col("channel").cast(pl.String) == "sms")["detail"].drop_nulls()
    assert replies.str.contains("OK 20 codes").any(), "no reply was longer than one text"


def test_withheld_calls_overlapped(clean: RunFolder) -> None:
    """Calls that look alike to an app that knows callers by their number went on at once."""
    scenario = night()
    (withheld,) = [each for each in scenario.injects if each.kind == "phone.caller_id"]
    calls = (
        clean.calls.filter(
            pl.col("line").cast(pl.String) == "strike",
            pl.col("answered_drill") > scenario.clock.seconds(withheld.begins),
        )
        .sort("answered_drill")
        .collect()
    )
    assert (calls["answered_drill"].shift(-1) < calls["ended_drill"]).any()
