"""Apps of others, killed inside a burst of writes: what was lost is named, and nothing else.

Kinto on memory forgets everything, its accounts too; on PostgreSQL it keeps what it said yes to,
and so does PocketBase. What each then held is told by its own store, or by the ledger where it has
none.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from ledger_oracle import disagreements, in_flight, killed_at, reports_told, tries
from postgres_server import Server, require_postgresql
from sqlalchemy import create_engine, text
from target_drills import HERE, Played, check_target, drill, found_lost

pytestmark = [pytest.mark.thirdparty, pytest.mark.slow]

MEMORY = HERE / "kinto.yaml"
POSTGRESQL = HERE / "kinto-postgresql.yaml"
POCKETBASE = HERE / "pocketbase-open.yaml"
ALL_BUT_COMPLETENESS = {"lost", "phantom", "duplicate", "altered", "zero_report"}
Stored = dict[str, list[tuple[str, dict[str, int]]]]


def killed(target: Path, folder: Path, *, scale: float = 0.3, speed: float = 100) -> Played:
    """A burst of a few hundred reports with the app killed in the middle."""
    size = ("--scale", f"{scale:g}", "--speed", f"{speed:g}")
    return drill(HERE / "burst.yaml", *size, target=target, folder=folder / "run")


@pytest.fixture(scope="module")
def on_memory(environment: None, tmp_path_factory: pytest.TempPathFactory) -> Played:
    return killed(MEMORY, tmp_path_factory.mktemp("kinto-memory"))


@pytest.fixture(scope="module")
def on_postgresql(environment: None, tmp_path_factory: pytest.TempPathFactory) -> Played:
    require_postgresql()
    return killed(POSTGRESQL, tmp_path_factory.mktemp("kinto-postgresql"))


@pytest.fixture(scope="module")
def on_pocketbase(environment: None, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """All the reports, twice as quickly: it is too quick for fewer to wait for it."""
    return killed(POCKETBASE, tmp_path_factory.mktemp("pocketbase-open"), scale=1, speed=200)


def forgotten(run: Path) -> set[str]:
    """Reports whose last yes came before the kill: memory holds none of them afterwards."""
    at = killed_at(run)
    last: dict[str, int] = {}
    for each in tries(run, kind="submit_report", outcome="ok"):
        last[each["op"]] = max(each["done"], last.get(each["op"], 0))
    # Nothing is answered between the kill and the start after it, so a little more is no matter.
    return {op for op, done in last.items() if done < at + 100_000_000}


def in_kinto(run: Path) -> Stored:
    """Reports by operation key as Kinto's own table has them."""
    server = Server(run / "services" / "database")
    server.start()
    engine = create_engine(server.url)
    query = "SELECT id, data FROM objects WHERE resource_name = 'record' AND NOT deleted"
    try:
        with engine.connect() as connection:
            rows = connection.execute(text(query)).all()
    finally:
        engine.dispose()
        server.stop()
    return {key: [(data["precinct"], data["cells"])] for key, data in rows}


def in_pocketbase(run: Path) -> Stored:
    """Reports by operation key as PocketBase's own file has them."""
    with sqlite3.connect(f"file:{run}/app-data/data.db?mode=ro", uri=True) as store:
        rows = store.execute("SELECT operation, precinct, cells FROM reports").fetchall()
    return {key: [(precinct, json.loads(cells))] for key, precinct, cells in rows}


@pytest.mark.parametrize("target", [MEMORY, POCKETBASE], ids=lambda path: path.stem)
def test_probes_come_out_as_declared(environment: None, target: Path) -> None:
    """A good write, its repeat and reading back do what the description says."""
    probes = {probe["name"]: probe["found"] for probe in check_target(target)}
    assert probes["repeat"].startswith("already_have_it")
    assert probes["read_back.reports"].endswith("the good write among them")


@pytest.mark.parametrize("played", ["on_memory", "on_postgresql", "on_pocketbase"])
def test_at_least_fifty_writes_are_in_flight_at_the_kill(
    request: pytest.FixtureRequest, played: str
) -> None:
    """Each kill strikes the burst: over fifty tries were sent and not yet answered."""
    run: Played = request.getfixturevalue(played)
    told = reports_told(run.path)
    assert in_flight(told, killed_at(run.path)) >= 50, run.said
    assert any("unknown" in each.answers for each in told.values())


def test_what_kinto_forgot_is_named_record_by_record(on_memory: Played) -> None:
    """Exactly the reports accepted before the kill and not sent again: NO-GO for that alone."""
    lost = forgotten(on_memory.path)
    assert lost
    assert found_lost(on_memory.path) == lost
    assert on_memory.finding("lost")["offenders"] == len(lost)
    assert (on_memory.word, on_memory.code) == ("NO-GO", 1)
    assert on_memory.states("fail") - {"completeness"} == {"lost"}
    told = reports_told(on_memory.path)
    named = {each["record"] for each in on_memory.finding("lost")["witnesses"]}
    assert named <= {told[op].record for op in lost}


def test_whom_kinto_forgot_signs_in_again(on_memory: Played) -> None:
    """Its accounts are gone with its reports; each try then makes the account anew, and goes in."""
    at = killed_at(on_memory.path)
    later = [
        each
        for each in tries(on_memory.path, kind="submit_report", outcome="ok")
        if each["done"] > at
    ]
    assert later, "nobody came in after the kill"


def test_kinto_on_postgresql_loses_nothing(on_postgresql: Played) -> None:
    """What it accepted is in its own table once and as sent; what it asked to be sent again is a
    certain no."""
    assert on_postgresql.states("pass") >= ALL_BUT_COMPLETENESS
    assert on_postgresql.states("fail") <= {"completeness"}
    told = reports_told(on_postgresql.path)
    assert disagreements(told, in_kinto(on_postgresql.path)) == []
    asked_again = tries(on_postgresql.path, answer_class="retry")
    assert {each["outcome"] for each in asked_again} <= {"refused"}


def test_pocketbase_loses_nothing(on_pocketbase: Played) -> None:
    """What it accepted before and after the kill is in its own file once and as sent."""
    assert on_pocketbase.word in ("GO", "GO WITH CONDITIONS"), on_pocketbase.said
    assert on_pocketbase.states("pass") >= ALL_BUT_COMPLETENESS
    assert disagreements(reports_told(on_pocketbase.path), in_pocketbase(on_pocketbase.path)) == []
