"""The practice evening as it is packaged: every persona in a real browser, and a cohort beside it.

Played whole, at its own speed, against the clean practice app.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import polars as pl
import pytest

from harness.browser import why_no_browser
from harness.channels.web.looks.registry import LOOKS
from harness.record import RunFolder
from simulators.people.personas import PERSONAS

pytestmark = [
    pytest.mark.live,
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_no_browser()), reason=why_no_browser() or ""),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The evening, played and judged."""
    folder = tmp_path_factory.mktemp("training") / "run"
    command = [sys.executable, "-P", "-m", "harness.cli", "run", "iowa-caucus-training"]
    done = subprocess.run(
        [*command, "--out", str(folder)], capture_output=True, text=True, timeout=580
    )
    assert (folder / "verdict.json").is_file(), done.stdout[-2000:] + done.stderr[-2000:]
    return RunFolder.open(folder)


def found(run: RunFolder, check: str) -> dict[str, Any]:
    """A check's findings by their subjects."""
    rows = json.loads((run.path / "findings.json").read_text())
    return {each["subject"]: each for each in rows if each["check"] == check}


def test_the_clean_app_is_a_go(run: RunFolder) -> None:
    """Nothing that the evening requires is missing."""
    verdict = json.loads((run.path / "verdict.json").read_text())
    assert verdict["word"] in ("GO", "GO WITH CONDITIONS"), verdict["reasons"]


def test_every_persona_reports_by_the_pages(run: RunFolder) -> None:
    """All of the deck come, none is shut out, and the app holds what each of them sent."""
    sessions = run.sessions.filter(pl.col("source").cast(pl.String) == "persona").collect()
    assert set(sessions["persona"]) == set(PERSONAS)
    assert set(sessions["state"].cast(pl.String)) <= {"passed", "struggled"}
    assert sessions["reported"].null_count() == 0
    assert found(run, "personas")[""]["status"] == "pass"


def test_every_look_is_made_and_finds_nothing_grave(run: RunFolder) -> None:
    """The clean pages shut nobody out, and each look has something to say so of."""
    barriers = found(run, "barriers")
    assert set(barriers) == set(LOOKS)
    assert {
        name: each["answer"] for name, each in barriers.items() if each["status"] != "pass"
    } == {}


def test_the_cohort_beside_it_is_scored_apart(run: RunFolder) -> None:
    """Simulated volunteers have rows of their own, by what the engine sent for them."""
    robots = run.sessions.filter(pl.col("source").cast(pl.String) == "robot").collect()
    assert len(robots) == 50
    assert robots["reported"].null_count() == 0
    assert found(run, "funnel")["reported"]["figures"]["k"] == 50
