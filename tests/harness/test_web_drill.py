"""Whole drills with personas in a real browser, against the practice app."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from web_stand import NEEDS_BROWSER

from harness.ledger import web_log
from harness.record import RunFolder, Status
from harness.replay import replay_record

pytestmark = [NEEDS_BROWSER, pytest.mark.live, pytest.mark.slow]
SCENARIO = Path(__file__).parents[2] / "scenarios" / "iowa-caucus-training.yaml"
WHO = ("keyboard-only", "steady", "cut-off")


def small(folder: Path, *who: str) -> Path:
    """The packaged scenario with few precincts, short calls and some of the personas."""
    text = SCENARIO.read_text(encoding="utf-8")
    changes = {
        "personas: {who: all}": f"personas: {{who: [{', '.join(who)}]}}",
        "precincts: 120, satellites: 0, counties: 12, county_delegates: 816, state_delegates: 151":
            "precincts: 12, satellites: 0, counties: 2, county_delegates: 82, state_delegates: 20",
        'ends: "19:05"}\nphases': 'ends: "19:22"}\nphases',  # over once everybody is done
        'begins: "18:52", ends: "19:05"}': 'begins: "18:52", ends: "19:22"}',
        "talk_minutes: 4 ": "talk_minutes: 1 ",
        "help_minutes: 3 ": "help_minutes: 0.5 ",
    }  # fmt: skip
    for found, instead in changes.items():
        assert found in text
        text = text.replace(found, instead)
    text = re.sub(r"^live:\n(?:  .*\n|\n)+", "", text, flags=re.MULTILINE)  # a drill of its own
    text = re.sub(r"^ +- .*check: funnel.*\n", "", text, flags=re.MULTILINE)
    path = folder / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def command(scenario: Path, out: Path, *more: str) -> list[str]:
    return [
        sys.executable, "-P", "-m", "harness.cli", "run", str(scenario), "--out", str(out),
        "--speed", "60", "--seed", "8", *more,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def drilled(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    folder = tmp_path_factory.mktemp("web-drill")
    scenario = small(folder, *WHO)
    out = folder / "run"
    barred = command(scenario, out, "--defect", "div_button")
    done = subprocess.run(barred, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return RunFolder.open(out)


def test_personas_report_in_a_browser(drilled: RunFolder) -> None:
    """Each signs in, sends the report and reads it back on the pages; the journal is whole."""
    assert drilled.info["web"] == {"complete": True, "problems": [], "why": ""}
    sessions = drilled.sessions.filter(pl.col("source").cast(pl.String) == "persona").collect()
    assert sorted(sessions["session"]) == [f"{name}-1" for name in sorted(WHO)]
    through = sessions.filter(pl.col("persona") != "keyboard-only")
    assert through["state"].cast(pl.String).is_in(["passed", "struggled"]).all()
    assert (through["signed_in"] < through["reported"]).all()
    assert (through["channel"] == "web").all()
    theirs = pl.col("record").is_in(through["record"].to_list())
    web = drilled.history.filter(theirs, pl.col("channel").cast(pl.String) == "web").collect()
    assert set(web["outcome"].cast(pl.String)) == {"ok"}
    assert web.filter(pl.col("kind").cast(pl.String) != "read_report")["sent"].is_not_null().all()


def test_who_is_shut_out_phones_for_help_and_then_phones_it_in(drilled: RunFolder) -> None:
    """A button that no key reaches: NO-GO by what became of the persona, and by the look for it."""
    failed = {
        (each.check, each.subject): each.answer
        for each in drilled.findings
        if each.check in ("personas", "barriers") and each.status is Status.FAIL
    }
    assert set(failed) == {("personas", ""), ("barriers", "keyboard")}
    assert failed["personas", ""].startswith("1 of 3 personas was shut out (Keyboard only")
    assert "“Send report” cannot be reached with the keyboard" in failed["barriers", "keyboard"]
    who = drilled.sessions.filter(pl.col("session") == "keyboard-only-1").collect()
    assert (who["state"][0], who["help_calls"][0]) == ("blocked", 1)
    mine = drilled.history.filter(pl.col("record") == who["record"][0]).collect()
    calls = drilled.calls.collect().filter(pl.col("caller").is_in(mine["who"].unique().implode()))
    assert calls["record"].to_list() == ["", who["record"][0]]
    given = mine.filter(pl.col("channel").cast(pl.String) == "hotline")
    assert given["outcome"].cast(pl.String).to_list() == ["ok"]


def test_what_they_sent_is_held_once(drilled: RunFolder) -> None:
    """Also who was cut off while sending: the app takes the second post for the first again."""
    sessions = drilled.sessions.collect()
    settled = pl.col("round").cast(pl.String) == "settled"
    here = (pl.col("source").cast(pl.String) == "records") & settled
    held = drilled.readback.filter(here).collect()
    for record in sessions["record"]:
        assert held.filter(pl.col("record") == record).height == 1


def test_every_step_is_told(drilled: RunFolder) -> None:
    """Steps follow each other in time, on the drill's clock, with what was keyed in them."""
    steps = drilled.steps.filter(pl.col("session") == "steady-1").sort("number").collect()
    assert steps["step"].to_list()[:3] == ["arrive", "precinct ID", "PIN"]
    assert (steps["ended_drill"] >= steps["began_drill"]).all()
    assert (steps["began_drill"] > 0).all()
    assert steps["keys"].sum() > 18
    assert (steps["planned_seconds"].sum() or 0) > 0


def test_pages_are_looked_at(drilled: RunFolder) -> None:
    """Each look once at each step in each setting, and at the states that nobody comes to."""
    looks = drilled.looks.collect()
    assert {"axe", "keyboard"} <= set(looks["look"].cast(pl.String))
    assert {"arrive", "received", "empty sign-in"} <= set(looks["step"])
    assert looks.filter(pl.col("problem") != "")["problem"].to_list() == []
    assert looks.unique(["step", "look", "session"]).height == looks.height


def test_a_walk_is_walked_again(drilled: RunFolder) -> None:
    """``replay`` of a record that was reported on the pages opens the pages again."""
    record = drilled.sessions.filter(pl.col("session") == "steady-1").collect()["record"][0]
    again = replay_record(drilled, record)
    assert [each.now for each in again.sent] == ["accepted (-)"]
    assert again.same


def test_a_journal_that_was_touched_is_known(drilled: RunFolder, tmp_path: Path) -> None:
    """A line less, and the journal is not whole; what is there is still told."""
    whole = (drilled.path / "ledger" / web_log.NAME).read_bytes()
    lines = whole.splitlines(keepends=True)
    path = tmp_path / web_log.NAME
    for text, said in (
        (b"".join(lines[:-1]), "there is no trailer"),
        (b"".join(lines[:1] + lines[2:]), "does not fit"),
    ):
        path.write_bytes(text)
        journal = web_log.Journal.read(path)
        assert said in journal.problems[0]
        assert journal.steps.height > 20


def test_a_drill_is_stopped_amid_a_walk(tmp_path: Path) -> None:
    """Ctrl-C ends it at once; a walk that was on its way says so, and no browser is left."""
    scenario, out = small(tmp_path, "steady"), tmp_path / "run"
    running = subprocess.Popen(
        command(scenario, out, "--speed", "20"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    )  # fmt: skip
    journal = out / "ledger" / web_log.NAME
    until = time.monotonic() + 120
    while not (journal.is_file() and b'"k":"began"' in journal.read_bytes()):
        assert time.monotonic() < until
        assert running.poll() is None
        time.sleep(0.1)
    os.kill(running.pid, signal.SIGINT)
    said, _ = running.communicate(timeout=120)
    assert "Traceback" not in said
    run = RunFolder.open(out)
    assert run.info["state"] == "stopped"
    assert run.info["web"]["complete"]
    persona = pl.col("source").cast(pl.String) == "persona"
    assert run.sessions.filter(persona).collect()["state"].to_list() == [None]
