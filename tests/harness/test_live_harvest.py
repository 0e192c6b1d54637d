"""A live drill becomes a run folder that is judged, reported and judged again like any other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from pydantic import TypeAdapter

from harness.ledger import live_log, seal
from harness.live.deck import Deck
from harness.live.harvest import harvest
from harness.live.invitations import Invitation, anonymous, invite
from harness.live.model import Event, Happening, Sighting
from harness.live.scoring import Terms, detail_of
from harness.live.store import Live
from harness.live.watcher import LAST_LOOK
from harness.objective import Objective
from harness.recheck import recheck
from harness.record import SESSIONS, Finding, RunFolder, Status
from harness.run_info import run_info
from harness.scenario import load_scenario
from harness.target import Run, load_target
from harness.target.readback import read_back
from harness.truth import write_truth
from harness.verdict import Word, judge
from simulators.plans import plan_of

OPENED = 1_800_000_000.0
SCENARIO = load_scenario("iowa-caucus-training")
PLAN = plan_of(SCENARIO.night("as-it-was", seed=7, scale=0.5))
READERS = {
    "records": {"mode": "keyed", "file": "held.json", "key": "operation", "record": "precinct",
                "stored_id": "id", "fields": {"from": "cells"}, "settle": {"quiet_s": 0.001}},
    "totals": {"mode": "totals", "file": "totals.json", "number": "reports",
               "settle": {"quiet_s": 0.001}},
}  # fmt: skip


class Drill:
    """A live drill that was held: a database, and what the target holds."""

    def __init__(self, folder: Path, count: int = 40, source: str = "volunteer") -> None:
        self.folder, self.database = folder / "run", folder / "live.db"
        self.target_file = folder / "target.yaml"
        self.target_file.write_text(
            json.dumps({
                "name": "the app", "base_url": "http://127.0.0.1:9",
                "classes": [{"class": "accepted", "status": 200}],
                "operations": {"submit_report": {"request": {"path": "/", "json": {}}}},
                "read_back": READERS,
            })
        )  # fmt: skip
        self.deck = Deck(PLAN)
        self.invited: list[Invitation] = invite(
            anonymous(count, self.deck), self.deck, seed=7, source=source
        )
        self.events = [Event(OPENED, Happening.OPEN)]
        self.rows: list[dict[str, Any]] = []
        self.looked: float | None = OPENED + 3601.0  # when it was last seen whole

    def say(self, after: float, what: Happening, number: int | None = None, **detail: Any) -> None:
        """Something happens."""
        whose = "" if number is None else self.invited[number].volunteer.id
        self.events.append(Event(OPENED + after, what, whose, detail))

    def report(self, number: int, changes: dict[int, int] | None = None, at: float = 0.0) -> None:
        """Somebody opens their card and reports: the target holds it, and the watcher saw it."""
        record = self.invited[number].volunteer.record
        values = list(self.deck.card(record).values)
        for cell, value in (changes or {}).items():
            values[cell] = value
        after = at or 100.0 + number
        self.say(after - 60.0, Happening.OPENED, number)
        sighting = Sighting(tuple(values), channel="web", record=record, stored_id=f"r{number}")
        self.say(after, Happening.SEEN, number, **detail_of(sighting))
        cells = dict(zip(self.deck.fields, values, strict=True))
        self.rows.append({"id": f"r{number}", "operation": f"form-{number}", "precinct": record,
                          "cells": cells})  # fmt: skip

    def close(self, *, spoil: Callable[[], None] | None = None) -> RunFolder:
        """Close the drill, read back, harvest and seal."""
        self.say(3600.0, Happening.CLOSED)
        about = Run("run", 7, self.deck.fields, PLAN.world.lookup)
        target = load_target(self.target_file, run=about)
        held, totals = target.folder / "held.json", target.folder / "totals.json"
        totals.write_text(json.dumps([{"reports": len(self.rows)}]))
        folder = RunFolder.create(self.folder)
        assert SCENARIO.live is not None
        info = run_info(
            SCENARIO, PLAN, run="run", cast="as-it-was", speed=1.0, workers=0,
            target=target.summary | {"file": "target.yaml", "not_drilled": []}, defects=[],
            virtual=False,
        )  # fmt: skip
        info |= {"rounds": [], "unread": [], "injects": [], "live": {}, "declared_speed": 1.0}
        info["objectives"] = TypeAdapter(list[Objective]).dump_python(
            SCENARIO.live.objectives, mode="json"
        )
        write_truth(folder, PLAN)
        tables = []
        for round_, rows in (("baseline", []), ("settled", self.rows), ("again", self.rows)):
            held.write_text(json.dumps(rows))
            tables.append(read_back(target, round_))
            info["rounds"].append(round_)
        folder.write_table("readback", pl.concat(tables))
        info["live"] = asyncio.run(self._harvest(folder))
        if spoil is not None:
            spoil()
        sealed = seal(folder, workers=0)
        info |= {
            "state": "finished",
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
            "ledger": {"complete": sealed.complete, "problems": list(sealed.problems)},
        }
        folder.write_info(info)
        return RunFolder.open(self.folder)

    async def _harvest(self, folder: RunFolder) -> dict[str, Any]:
        live = await Live.open(self.database, now=lambda: OPENED - 600.0)
        await live.add_volunteers([each.volunteer for each in self.invited])
        await live.append(*sorted(self.events, key=lambda each: each.at))
        await live.keep(LAST_LOOK, {"at": self.looked})
        await live.close()
        return await harvest(self.database, folder, Terms(3600.0))


@pytest.fixture
def drill(tmp_path: Path) -> Drill:
    """Forty volunteers who all reported, one of them wrongly."""
    held = Drill(tmp_path)
    for number in range(40):
        held.report(number, {0: 9999} if number == 7 else None)
    return held


def found(findings: list[Finding], name: str) -> Finding:
    """The finding of a name."""
    return next(each for each in findings if each.name == name)


def test_sessions_say_what_happened(tmp_path: Path) -> None:
    """Every volunteer is a row with times from the opening, scores, calls and answers."""
    held = Drill(tmp_path, 5)
    held.say(30.0, Happening.OPENED, 0)
    held.report(1, at=200.0)
    held.report(2, {0: 9999}, at=500.0)
    held.report(2, at=900.0)
    held.say(300.0, Happening.HELP, 2, step="sign_in")
    held.say(400.0, Happening.CALLED, 2, whom="volunteer", reached=True)
    held.say(950.0, Happening.SURVEYED, 2, sus=[5, 1, 5, 1, 9, None, 5, 1, 5, 1], comment="=1+1")
    run = held.close()
    table = run.sessions.collect()
    assert table.schema == SESSIONS
    rows = {row["session"]: row for row in table.iter_rows(named=True)}
    opened, right, wrong = (rows[held.invited[n].volunteer.id] for n in range(3))
    assert (opened["opened"], opened["reported"], opened["state"]) == (30.0, None, "opened")
    assert (opened["correct"], opened["on_time"], opened["errors"]) == (None, None, [])
    assert (right["opened"], right["reported"], right["correct"]) == (140.0, 200.0, True)
    assert (wrong["correct"], wrong["cells_wrong"], wrong["channel"]) == (False, 1, "web")
    assert (wrong["reported"], wrong["recovered"], wrong["help_calls"]) == (500.0, 500.0, 1)
    assert wrong["sus"] == [5, 1, 5, 1, None, None, 5, 1, 5, 1]
    assert (wrong["comment"], wrong["finished"], wrong["invited"]) == ("=1+1", 950.0, -600.0)
    assert set(table["source"].cast(pl.String)) == {"volunteer"}
    assert run.info["live"]["closed_seconds"] == 3600.0
    assert run.info["live"]["invited"] == {"volunteers": 5}


def test_journal_keeps_no_link_and_no_account(drill: Drill) -> None:
    """What opens somebody's page, or signs in as them, stays in the server's database."""
    run = drill.close()
    text = (run.path / "ledger" / live_log.NAME).read_text()
    assert text.count('"k":"volunteer"') == 40
    for each in drill.invited:
        assert each.volunteer.token not in text
        assert f'"{each.volunteer.account}"' not in text


def test_run_is_judged_by_its_volunteers(drill: Drill) -> None:
    """People's objectives decide; what nobody recorded as sent is asked of nobody."""
    run = drill.close()
    verdict = judge(run)
    findings = RunFolder.open(run.path).findings
    assert not [each for each in findings if "check itself failed" in each.answer]
    assert found(findings, "funnel:correct").figures["k"] == 39
    for name in ("lost", "phantom", "duplicate", "altered", "mis_totalled", "completeness"):
        assert found(findings, name).status is Status.NOT_APPLICABLE, name
    for name in ("rules:records", "unstable:records", "ledger"):
        assert found(findings, name).status is Status.PASS, name
    assert found(findings, "rules:records").figures["n"] == 40
    assert found(findings, "ledger").figures["events"] == run.info["live"]["events"]
    assert verdict.word in (Word.GO, Word.CONDITIONS, Word.NOT_ENOUGH)
    states = {each.objective.name: each.state for each in verdict.results}
    assert states["reports are in time"] is Status.PASS
    assert states["nothing lost"] is Status.NOT_APPLICABLE


def test_losing_what_was_seen_is_no_go(drill: Drill) -> None:
    """One report that the app held and no longer does, and the app must not be used."""
    lost = drill.rows.pop(5)
    drill.say(2000.0, Happening.GONE, 5, card=lost["precinct"], record=lost["precinct"])
    run = drill.close()
    verdict = judge(run)
    finding = found(RunFolder.open(run.path).findings, "gone")
    assert finding.status is Status.FAIL
    assert finding.answer == "1 of 40 reports that the app was seen to hold are gone."
    assert [each.record for each in finding.witnesses] == [lost["precinct"]]
    assert verdict.word is Word.NO_GO
    assert '"gone"' in (run.path / "ledger" / live_log.NAME).read_text()


@pytest.mark.parametrize("looked", [None, OPENED - 1.0])
def test_what_nobody_saw_at_the_end_is_not_known(drill: Drill, looked: float | None) -> None:
    """Without a look at the end, or with one from before the opening, nothing is promised."""
    drill.looked = looked
    run = drill.close()
    assert judge(run).word is Word.NOT_ENOUGH
    assert found(RunFolder.open(run.path).findings, "gone").status is Status.UNKNOWN


def test_run_is_judged_again_the_same(drill: Drill) -> None:
    """Judging an old live drill seals its journal anew and comes to the same."""
    run = drill.close()
    verdict = judge(run)
    (run.path / "sessions.parquet").unlink()
    again, second = recheck(RunFolder.open(run.path))
    assert second.word == verdict.word
    assert again.info["ledger"]["complete"]
    assert len(again.sessions.collect()) == 40


def test_journal_that_was_touched_is_known_for_one(drill: Drill) -> None:
    """A line that was changed afterwards makes the ledger incomplete, and the check unknown."""

    def spoil() -> None:
        path = drill.folder / "ledger" / live_log.NAME
        lines = path.read_bytes().splitlines(keepends=True)
        told = orjson.loads(lines[-2])
        lines[-2] = orjson.dumps(told | {"at": told["at"] + 1}) + b"\n"
        path.write_bytes(b"".join(lines))

    run = drill.close(spoil=spoil)
    assert not run.info["ledger"]["complete"]
    judge(run)
    assert found(RunFolder.open(run.path).findings, "ledger").status is Status.UNKNOWN


def test_nonsense_in_a_journal_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    """Lines that nobody of ours wrote are named, and the others are read."""
    path = tmp_path / live_log.NAME
    path.write_bytes(
        b'{"k":"drill","within":60}\n{"k":"event"}\n[1]\n\xff\xfe\n'
        b'{"k":"volunteer","id":"V1","number":0,"record":"r","odd":1}\n'
        b'{"k":"event","n":1,"at":1.0,"what":"dance","volunteer":"V1","detail":{}}\n'
    )
    journal = live_log.read(path)
    assert len(journal.roll) == 1
    assert any("no trailer" in each for each in journal.problems)
    assert sum("cannot be read" in each for each in journal.problems) == 2
    assert journal.sessions(pl.DataFrame({"record": [], "values": []})).height == 1


def test_personas_and_volunteers_are_kept_in_one_table(drill: Drill) -> None:
    """Sealing again leaves personas' sessions where they are, and never doubles anybody."""
    run = drill.close()
    row = run.sessions.collect().head(1)
    persona = row.with_columns(source=pl.lit("persona"), session=pl.lit("slow-typist-1"))
    run.write_table("sessions", pl.concat([persona.cast(SESSIONS), run.sessions.collect()]))
    for _ in range(2):
        seal(run, workers=0)
        counted = run.sessions.group_by(pl.col("source").cast(pl.String)).len().collect()
        assert dict(counted.iter_rows()) == {"persona": 1, "volunteer": 40}


def test_erased_answers_are_not_harvested(drill: Drill) -> None:
    """What somebody had deleted is not in the journal; that they were there is."""
    drill.say(1000.0, Happening.SURVEYED, 3, sus=[3] * 10, comment="a secret of mine")
    drill.say(1001.0, Happening.CALLED, 3, whom="volunteer", reached=True, by="secretary")

    async def erase() -> None:
        live = await Live.open(drill.database)
        await live.erase(drill.invited[3].volunteer.id)
        await live.close()

    folder = drill.close()
    asyncio.run(erase())
    asyncio.run(harvest(drill.database, folder, Terms(3600.0)))
    seal(folder, workers=0)
    assert "secret" not in (folder.path / "ledger" / live_log.NAME).read_text()
    rows = folder.sessions.filter(pl.col("comment") == "a secret of mine").collect()
    assert len(rows) == 0
    assert len(folder.sessions.collect()) == 40
