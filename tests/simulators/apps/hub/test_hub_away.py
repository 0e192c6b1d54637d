"""What the hub leans on goes away and comes back: PostgreSQL, its replica, Redis."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub_day import SECRET, Day, Open, cells
from postgres_server import Server, free_port

from simulators.apps.hub.room import WorkRoom
from simulators.apps.hub.settings import Settings


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A PostgreSQL server of a test's own."""
    server = Server(tmp_path / "postgres")
    server.start()
    yield server
    server.stop()


def health(day: Day) -> tuple[int, str, str]:
    found = day.get("/health")
    return found.status, found.json()["status"], found.json()["database"]


@pytest.mark.live
def test_nothing_acknowledged_is_lost_with_the_database(open_day: Open, server: Server) -> None:
    """PostgreSQL is killed under the hub and started again: contacts are refused meanwhile, what
    was acknowledged is there, and everything goes on by itself, merging too."""
    day = open_day(database=server.url, queue="inside")
    assert day.send("OH-000001.field", cells(1, contacts=2), key="k-1").status == 201
    assert day.person("OH-000001")["contacts"] == 2
    assert health(day) == (200, "ok", "ok")
    server.kill()
    day.until(lambda: day.send("OH-000002.field", cells(1)).status == 503)
    reply = day.send("OH-000002.field", cells(1))
    assert (reply.json()["error"], reply.headers["retry-after"]) == ("database_away", "1")
    assert day.get("/api/people/OH-000001", day.token("ann")).status == 503
    assert health(day) == (503, "ill", "away")
    server.start()
    day.until(lambda: health(day) == (200, "ok", "ok"), within=20)
    assert day.send("OH-000001.field", cells(1, contacts=2), key="k-1").status == 200
    assert day.send("OH-000001.web", cells(1, contacts=1)).status == 201
    assert day.amend("OH-000001.web", cells(1, contacts=4)).status == 201
    day.until(lambda: day.get("/api/people").json()["people"][0]["sources"] == 2)
    assert day.totals()["cells"]["contacts"] == 6
    assert day.person("OH-000001")["contacts"] == 6


class Redis:
    """A Redis server of a test's own."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("redis-server is not installed (apt-get install redis-server)")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = [program, "--port", str(self.port), "--save", "", "--dir", str(folder)]
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._child = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self._child is not None:
            self._child.send_signal(how)
            self._child.wait(timeout=10)
            self._child = None


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    found = Redis(tmp_path)
    found.start()
    yield found
    found.end()


@pytest.mark.live
def test_without_redis_it_is_slower_and_not_wrong(
    open_day: Open, redis: Redis, tmp_path: Path
) -> None:
    """Cache and queue are killed: contacts are taken, totals are right, /health says so; what was
    not told is merged all the same, and once Redis is back all is well."""
    database = f"sqlite:///{tmp_path}/hub.db"
    day = open_day(cache=redis.url, queue=redis.url)

    async def hire() -> WorkRoom:
        room = WorkRoom(Settings(database, SECRET, queue=redis.url))
        await room.begin("127.0.0.1", None)
        return room

    room = day.asgi.run(hire())
    day.until(lambda: day.get("/health").json()["status"] == "ok")
    day.send("OH-000001.field", cells(1))
    day.until(lambda: day.get("/api/people").json()["total"] == 1)
    assert day.get("/api/totals", {}).json()["records"] == 1
    redis.end()
    day.send("OH-000002.field", cells(1))
    day.until(lambda: day.get("/health").json()["cache"] == "away")
    assert day.get("/health").status == 200
    assert day.get("/health").json()["queue"] == "away"
    assert day.get("/api/totals", {}).json()["records"] == 2
    day.until(lambda: day.get("/api/people").json()["total"] == 2)
    redis.start()
    day.until(lambda: day.get("/health").json()["cache"] == "ok")
    day.until(lambda: day.send("OH-000003.field", cells(1)).status == 201 and day.office.queue.well)
    day.until(lambda: day.get("/health").json()["status"] == "ok")
    day.until(lambda: day.get("/api/people").json()["total"] == 3)
    day.asgi.run(room.close())


def test_people_are_read_from_the_replica_meanwhile(
    open_day: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the primary is away people and totals are read from its copy; contacts are refused."""
    day = open_day()
    day.send("OH-000001.field", cells(3))
    day.merge()
    shutil.copy(tmp_path / "hub.db", tmp_path / "copy.db")
    shutil.copy(tmp_path / "hub.db-wal", tmp_path / "copy.db-wal")
    monkeypatch.setattr("simulators.apps.hub.copies.LAG", 0.0)
    day = open_day(replica=f"sqlite:///{tmp_path}/copy.db")
    token = day.token("olga")
    day.until(lambda: day.office.replica is not None and not day.office.replica.well)  # it is old
    assert day.get("/health").json()["replica"] == "away"
    monkeypatch.setattr(day.office.pulse, "_heard", time.monotonic() - 100)
    monkeypatch.setattr(type(day.office.pulse), "well", property(lambda pulse: False))
    day.until(lambda: day.office.replica is not None and day.office.replica.well)
    assert day.get("/api/people/OH-000001", token).json()["support"] == 3
    assert day.get("/api/totals", {}).json()["records"] == 1
    assert day.send("OH-000001.web", cells()).status == 503


def test_the_last_totals_are_shown_while_nothing_answers(
    open_day: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any database the dashboard shows what it last showed, and says that it is old."""
    day = open_day()
    day.send("OH-000001.field", cells(3))
    assert "warning" not in day.get("/api/totals", {}).headers
    monkeypatch.setattr(type(day.office.pulse), "well", property(lambda pulse: False))
    day.asgi.run(day.office.board.corrected())
    found = day.get("/api/totals", {})
    assert (found.status, found.headers["warning"][:3]) == (200, "110")
    assert found.json()["records"] == 1
