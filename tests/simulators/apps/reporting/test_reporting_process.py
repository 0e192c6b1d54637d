"""The practice app as a process: started, stopped, killed, and on PostgreSQL."""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

import pytest
from reporting_http import Http
from reporting_night import ADMIN, REPORT, ROSTER, SECRET, Practice, Start

ROOT = Path(__file__).parents[4]
COMMAND = [sys.executable, "-P", "-m", "simulators.apps.reporting"]
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


class Process:
    """The app in a process of its own."""

    def __init__(self, database: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "--port", "0", "--database", database, *arguments],
            env={**os.environ, "REPORTING_SECRET": SECRET, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline().strip()
        self.http = Http(int(self.line.rpartition(":")[2]))

    def end(self, how: signal.Signals) -> tuple[int, str, str]:
        """Send a signal; returns exit code and what was printed."""
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=15)
        return self.process.returncode, out, err


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/reporting.db"


@pytest.mark.live
def test_it_prints_its_address_and_stops_in_good_order(database: str) -> None:
    """One line with the address, then nothing; SIGTERM ends it with 0."""
    app = Process(database)
    assert app.line == f"http://127.0.0.1:{app.http.port}"
    assert app.http.get("/health").json()["status"] == "ok"
    assert app.end(signal.SIGTERM) == (0, "", "")


@pytest.mark.live
def test_kill_loses_nothing_that_was_acknowledged(database: str) -> None:
    """Killed in the middle of a burst, it comes back with every report it had said yes to."""
    app = Process(database)
    assert app.http.post("/admin/roster", ROSTER, ADMIN).status == 200
    practice, yes = Practice(app.http), []

    def keep_sending(person: int) -> None:
        for index in range(10_000):
            key = f"op-{person}-{index}"
            try:
                if practice.submit(key, REPORT | {"attendance": index}).status == 201:
                    yes.append(key)
            except (OSError, HTTPException):  # killed before or in the middle of an answer
                return

    people = [threading.Thread(target=keep_sending, args=(person,)) for person in range(8)]
    for each in people:
        each.start()
    while len(yes) < 100 and any(each.is_alive() for each in people):
        time.sleep(0.01)
    app.end(signal.SIGKILL)
    for each in people:
        each.join()
    again = Process(database)
    versions = again.http.get("/api/reports/IA-0001/history", ADMIN).json()["versions"]
    totals = again.http.get("/api/results").json()
    again.end(signal.SIGTERM)
    assert len(yes) >= 100
    assert set(yes) <= {row["operation"] for row in versions}
    assert totals["cells"]["attendance"] == versions[-1]["cells"]["attendance"]


@pytest.mark.live
def test_defects_are_switched_on_from_the_command_line(database: str) -> None:
    """Two defects at once, and one that does not exist."""
    app = Process(database, "--defect", "partial_export", "--defect", "cross_precinct_write")
    assert app.http.post("/admin/roster", ROSTER, ADMIN).status == 200
    practice = Practice(app.http)
    assert practice.submit("op-1", record="IA-0002", who=practice.sign_in(0)).status == 201
    assert "final_biden" not in practice.exported()[0]
    app.end(signal.SIGTERM)
    wrong = subprocess.run(
        [*COMMAND, "--defect", "bad_weather"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "REPORTING_SECRET": SECRET},
        capture_output=True,
        text=True,
        check=False,
    )
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("--defect bad_weather: the reporting app has no such defect.")


@pytest.mark.live
@pytest.mark.parametrize("url", ["sqlite:////no/such/folder/a.db", "mongo://x", "nonsense"])
def test_a_bad_database_is_one_line(url: str) -> None:
    """A database that cannot be opened is told without a traceback, with exit code 2."""
    found = subprocess.run(
        [*COMMAND, "--database", url],
        env={**os.environ, "PYTHONPATH": str(ROOT), "REPORTING_SECRET": SECRET},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 2
    assert found.stderr.startswith("--database")
    assert found.stderr.count("\n") == 1


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of our own; its URL."""
    if not PROGRAMS:
        pytest.skip("no PostgreSQL server programs in /usr/lib/postgresql")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    programs = PROGRAMS[-1].parent
    folder = tmp_path_factory.mktemp("postgresql")
    owner = "nobody" if os.geteuid() == 0 else getpass.getuser()  # initdb refuses root
    if os.geteuid() == 0:
        for each in (folder, *folder.parents[:3]):
            each.chmod(0o755)
        shutil.chown(folder, owner)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    as_owner = {"user": pwd.getpwnam(owner).pw_uid, "cwd": "/", "stdout": subprocess.DEVNULL}
    data = folder / "data"
    initdb = [programs / "initdb", "-D", data, "-U", "practice", "-A", "trust", "--no-sync"]
    subprocess.run(initdb, check=True, **as_owner)  # type: ignore[call-overload]
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1"],
        stderr=subprocess.DEVNULL,
        **as_owner,
    )  # type: ignore[call-overload]
    try:
        ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        for _ in range(100):
            if subprocess.run(ready, check=False).returncode == 0:
                break
            time.sleep(0.1)
        yield f"postgresql+psycopg://practice@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=20)


@pytest.mark.live
def test_it_runs_on_postgresql(postgresql: str, start: Start) -> None:
    """Reports, repeats, amendments, photos and a restart do on PostgreSQL as on SQLite."""
    practice = start(database=postgresql)
    chair = practice.sign_in(0)
    assert [practice.submit("op-1", who=chair).status for _ in range(2)] == [201, 200]
    assert practice.amend("op-2", REPORT | {"attendance": 120}).status == 201
    assert {answer.status for answer in practice.submit_at_once(list("abcdef"))} == {201}
    picture = b"\x89PNG\r\n\x1a\n"
    photo = {**chair, "Idempotency-Key": "photo-1"}
    path = "/api/reports/IA-0001/photo"
    assert [practice.http.send("POST", path, photo, picture).status for _ in "ab"] == [201, 200]
    before = practice.stored(), practice.totals()
    assert before[1]["precincts_reporting"] == 6
    again = start(database=postgresql)
    assert (again.stored(), again.totals()) == before
