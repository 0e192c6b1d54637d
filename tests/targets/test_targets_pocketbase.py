"""PocketBase, an app nobody here wrote, is drilled from its description alone.

It keeps every report that it accepted, also when it is killed in the busiest hour, and a drill
says GO. With its own rate limiter switched on the same night is a NO-GO for chairs who cannot
sign in and for nothing else: no number is wrong, and what the app turned away comes by phone.
What it holds is read from its own SQLite file and set against the ledger without our checks.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import yaml
from ledger_oracle import disagreements, killed_at, reports_told, tries
from target_drills import HERE, Played, check_target, drill

from harness.target import load_target
from harness.target.blocking import Driver
from harness.target.prepare import prepare
from harness.target.process import Process
from harness.target.run import Run
from simulators.people.person import Person
from simulators.stage import Operation

pytestmark = [pytest.mark.thirdparty, pytest.mark.slow]

POCKETBASE = HERE / "pocketbase.yaml"
INTEGRITY = {"lost", "phantom", "duplicate", "altered", "misattributed", "zero_report"}
SIGN_INS = "sign-in is quick"


def limited(folder: Path, **settings: Any) -> Path:
    """PocketBase with its own rate limiter switched on, as a second description."""
    description = yaml.safe_load(POCKETBASE.read_text())
    on = {"rateLimits": {"enabled": True, **settings}}
    switch = {"method": "PATCH", "path": "/api/settings", "json": on}
    description["prepare"].append({"as": "admin", "request": switch})
    path = folder / "pocketbase-limited.yaml"
    path.write_text(yaml.safe_dump(description, sort_keys=False))
    return path


def stored(run: Path) -> dict[str, list[tuple[str, dict[str, int]]]]:
    """Reports by operation key as PocketBase's own file has them."""
    rows = defaultdict(list)
    with sqlite3.connect(f"file:{run}/app-data/data.db?mode=ro", uri=True) as store:
        for key, precinct, cells in store.execute("SELECT operation, precinct, cells FROM reports"):
            rows[key].append((precinct, json.loads(cells)))
    return rows


@pytest.fixture(scope="module")
def played(environment: None, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A tenth of the night, with the kill and the cut answers that the scenario has."""
    folder = tmp_path_factory.mktemp("pocketbase") / "run"
    arguments = ("--scale", "0.1", "--speed", "330")
    return drill("iowa-caucus-night", *arguments, target=POCKETBASE, folder=folder)


@pytest.fixture(scope="module")
def played_limited(environment: None, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A twentieth of the night with the limiter as PocketBase ships it."""
    folder = tmp_path_factory.mktemp("pocketbase-limited")
    arguments = ("--scale", "0.05", "--speed", "500")
    target = limited(folder)
    return drill("iowa-caucus-night", *arguments, target=target, folder=folder / "run")


def test_its_probes_come_out_as_declared(environment: None) -> None:
    """A chair signs in, reports, repeats, reads back, and is refused another precinct."""
    probes = {probe["name"]: probe["found"] for probe in check_target(POCKETBASE)}
    assert probes["repeat"].startswith("already_have_it (400)")
    assert probes["bad"].startswith("refused (400)")
    assert probes["read_back.reports"].endswith("the good write among them")


def test_pocketbase_is_go(played: Played) -> None:
    """Every requirement is met; how quickly a busy machine hashes passwords may stay open."""
    assert played.word in ("GO", "GO WITH CONDITIONS"), played.said
    assert played.code == 0
    assert {each["about"] for each in played.verdict["conditions"]} <= {SIGN_INS}
    assert played.states("fail") == set()
    assert played.states("pass") >= INTEGRITY | {"completeness", "sign_in", "authorization"}


def test_nothing_accepted_is_lost_over_the_kill(played: Played) -> None:
    """Each accepted report is in its file once and as sent, each refused one is not."""
    told = reports_told(played.path)
    assert disagreements(told, stored(played.path)) == []
    accepted = sum(each.accepted for each in told.values())
    assert accepted >= 177
    assert played.finding("lost")["figures"]["n"] == accepted
    assert played.finding("lost")["offenders"] == 0
    at = killed_at(played.path)
    before = [key for key, each in told.items() if any((d or at) < at for _, d in each.flights)]
    assert len(before) > 20, "the kill came before there was anything to lose"


def test_what_nobody_knew_was_unknown(played: Played) -> None:
    """A cut answer leaves its try unknown though the report is in; a retry learns that it is."""
    unknown = tries(played.path, kind="submit_report", outcome="unknown")
    assert len(unknown) >= 10
    assert {each["answer_class"] for each in unknown} == {"no_answer"}
    assert all(each["status"] is None for each in unknown)
    had = {each["op"] for each in tries(played.path, answer_class="already_have_it")}
    learnt = had & {each["op"] for each in unknown}
    assert len(learnt) >= 5
    assert learnt <= stored(played.path).keys()
    gone = tries(played.path, answer_class="unreachable")
    assert {each["outcome"] for each in gone} <= {"refused"}, "nothing was sent while it was down"


def test_its_limiter_makes_a_no_go_without_a_false_alarm(played_limited: Played) -> None:
    """People cannot get in and results are missing; no number is called wrong."""
    assert (played_limited.word, played_limited.code) == ("NO-GO", 1)
    failed = played_limited.states("fail")
    assert "sign_in" in failed
    assert failed <= {"sign_in", "completeness"}
    assert played_limited.states("pass") >= INTEGRITY
    assert disagreements(reports_told(played_limited.path), stored(played_limited.path)) == []


def test_a_429_is_a_certain_no_and_people_back_off(played_limited: Played) -> None:
    """Each 429 is refused, not unknown; without a Retry-After people wait longer each time."""
    turned_away = tries(played_limited.path, answer_class="rate_limited")
    assert len(turned_away) > 100
    assert {(each["outcome"], each["status"]) for each in turned_away} == {("refused", 429)}
    waits: dict[int, list[float]] = defaultdict(list)
    last: dict[str, dict[str, Any]] = {}
    for each in tries(played_limited.path, kind="sign_in", role="chair"):
        before = last.get(each["op"])
        if before is not None and before["answer_class"] == "rate_limited":
            waits[before["attempt"]].append((each["intended"] - before["done"]) * 500e-9)
        last[each["op"]] = each
    first, second, fourth = (median(waits[attempt]) for attempt in (1, 2, 4))
    assert first == pytest.approx(30, rel=0.35)  # drill seconds, spread evenly over 15 to 45
    assert second == pytest.approx(60, rel=0.35)
    assert fourth == pytest.approx(240, rel=0.35)


def test_who_is_turned_away_phones(played_limited: Played, played: Played) -> None:
    """More reports come by the phone than by the app; on the night without limiter, few."""

    def by_phone(run: Played) -> float:
        done = tries(run.path, kind="submit_report", outcome="ok")
        return len([each for each in done if each["channel"] == "hotline"]) / len(done)

    assert by_phone(played_limited) > 0.5
    assert by_phone(played) < 0.2


def test_an_operation_that_is_told_429_waits_and_tries_again(
    environment: None, tmp_path: Path
) -> None:
    """The description's own retry brings in all of 30 writes where 20 in 5 s are allowed."""
    rules = [{"label": "*:create", "audience": "", "duration": 5, "maxRequests": 20}]
    target = load_target(limited(tmp_path, rules=rules), run=Run(fields=("attendance",)))
    operator = Person(0, "operator", "operator-1", codes=("1001", "1234", "567890"))
    reports = [
        Operation("submit_report", f"k-{n}", 1, operator, "hotline", "IA-0001", 1, (n,), (), 0, 9)
        for n in range(30)
    ]
    with Process(target, tmp_path), Driver(target, connections=30) as driver:
        prepare(target, [operator], ["IA-0001"])
        session = target.session(operator)
        entry = Operation("sign_in", "s", 1, operator, "api", "", 0, None, operator.codes, 0, 9)
        assert driver.drive(target.perform(entry, session)).answer_class == "accepted"
        begun = time.monotonic()
        answers = driver.drive_all((target.perform(each, session) for each in reports), at_once=30)
        took = time.monotonic() - begun
    assert {str(each.answer_class) for each in answers} == {"accepted"}
    assert 3.0 < took < 30.0, "0.5, 1 and 2 s of waiting at least"
    assert sorted(stored(tmp_path)) == sorted(each.key for each in reports)
