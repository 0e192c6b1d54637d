"""Starts a PostgreSQL server for practice: ``python -P -m simulators.apps.serving.postgres``.

The machine's own programs do the work: a first start makes the database, or copies it from a
primary, and every start ends as the server itself, so that whoever kills this process kills the
postmaster as a power cut would.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

USER = "practice"
_PLACES = "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin"
_LOOK = 0.1  # seconds between looks at what keeps the server from starting
_PATIENCE = 10.0  # seconds in which the children of a killed server end by themselves
_NOBODY = "65534"
# A practice database is small, is reached over TCP alone and speaks to this machine, or to the
# private network of its Compose project; whoever may connect there may read it.
SETTINGS = (
    "unix_socket_directories=",
    "shared_buffers=32MB",
    "max_connections=100",
    "wal_keep_size=64MB",  # so that a replica that was away finds what it missed
    "wal_retrieve_retry_interval=500ms",
    "log_min_messages=warning",
)
# Settings that people have used to be quick, and with which the server says yes before anything is
# on disk. What a kill then loses is what the WAL writer has not written by itself: it comes by
# every 10 s at the most, or for so many bytes. Whoever writes a changed page or cleans up writes
# the log first. Each is put off as far as it goes: the usual window of 0.2 s is hard to hit.
CARELESS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_writer_delay=10s",
    "wal_writer_flush_after=1GB",
    "wal_buffers=64MB",
    "bgwriter_lru_maxpages=0",
    "autovacuum=off",
)


class ServerError(Exception):
    """A server that cannot be started; the message says what is missing."""


def main(arguments: list[str] | None = None) -> int:
    """Make the database where there is none, then become the server."""
    given = _parser().parse_args(arguments)
    data = Path(given.data).absolute() / "server"
    try:
        programs = programs_of_postgresql()
        runner = not_as_root()
        if not data.exists():
            _make(data, programs, runner, given.replica_of)
        wait_for_the_dead(data)
    except ServerError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the user's mistake, told in one line
        return 2
    own = [f"port={given.port}", f"listen_addresses={given.host}", *SETTINGS]
    own += [*(CARELESS if given.careless else ()), *given.set]
    words = [*runner, str(programs / "postgres"), "-D", str(data)]
    words += [word for setting in own for word in ("-c", setting)]
    return _become(words)


def _become(words: list[str]) -> NoReturn:
    os.execvp(words[0], words)  # noqa: S606 - no shell is wanted


def programs_of_postgresql() -> Path:
    """The folder of the newest PostgreSQL server programs, in PATH or where packages put them.

    Raises:
        ServerError: If there are none; says which package has them.
    """
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    places = [path for pattern in _PLACES for path in Path("/").glob(f"{pattern[1:]}/initdb")]
    if not places:
        raise ServerError(
            "PostgreSQL's server programs (initdb, postgres) are neither in PATH nor in "
            "/usr/lib/postgresql. Install them: apt-get install postgresql"
        )
    return max(places, key=_version).parent


def _version(path: Path) -> float:
    digits = "".join(each for each in path.parent.parent.name if each.isdigit() or each == ".")
    return float(digits or 0)


def not_as_root() -> list[str]:
    """What goes before a command of PostgreSQL's, which refuses to run as root.

    In a user namespace of its own root is somebody else, and keeps the files that are root's, so
    that a database can be below a folder that nobody else may enter.

    Raises:
        ServerError: If this is root and the machine allows no such namespace.
    """
    if os.geteuid() != 0:
        return []
    runner = ["unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}"]
    try:
        subprocess.run([*runner, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise ServerError(
            "PostgreSQL does not run as root, and `unshare --user` does not work here. "
            "Run this as an ordinary user."
        ) from error
    return runner


def _make(data: Path, programs: Path, runner: Sequence[str], primary: str | None) -> None:
    """Make an empty database, or copy a primary's; a half made one is never taken for a whole.

    Raises:
        ServerError: If it cannot be made.
    """
    half = data.with_name("half")
    half.parent.mkdir(parents=True, exist_ok=True)
    if primary is None:
        command = [
            *(str(programs / "initdb"), "-D", str(half), "-U", USER, "-A", "trust"),
            *("--no-sync", "--encoding=UTF8", "--locale=C"),
        ]
    else:
        host, _, port = primary.rpartition(":")
        command = [
            *(str(programs / "pg_basebackup"), "-D", str(half), "-U", USER, "-h", host, "-p", port),
            *("--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--no-password"),
        ]
    _until_done([*runner, *command], half, patient=primary is not None)
    if primary is None:
        with (half / "pg_hba.conf").open("a") as access:
            access.write("host all all samenet trust\nhost replication all samenet trust\n")
    half.rename(data)


def _until_done(command: Sequence[str], half: Path, *, patient: bool) -> None:
    """Run a command that fills a folder; a patient one until it succeeds.

    A primary may still be starting, and one that is away is waited for.

    Raises:
        ServerError: If it fails; its own last words.
    """
    while True:
        shutil.rmtree(half, ignore_errors=True)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        if not patient:
            raise ServerError(f"the database cannot be made: {last}")
        print(last, file=sys.stderr, flush=True)  # noqa: T201 - the log of whoever waits for us
        time.sleep(_LOOK)


def wait_for_the_dead(data: Path) -> None:
    """Wait until the children of a postmaster that was killed here have let its memory go.

    A new server refuses to start beside them. They end as soon as they notice; where the system
    does not list its shared memory (outside Linux), the server says so itself.
    """
    try:
        memory = (data / "postmaster.pid").read_text().splitlines()[6].split()[1]
    except (OSError, IndexError):
        return
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and _attached(memory):
        time.sleep(_LOOK)


def _attached(memory: str) -> bool:
    """Whether any process still has this shared memory, by its number."""
    try:
        rows = [line.split() for line in Path("/proc/sysvipc/shm").read_text().splitlines()]
    except OSError:
        return False
    return any(row[1] == memory and row[6] != "0" for row in rows[1:])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="simulators.apps.serving.postgres", description="A PostgreSQL server for practice."
    )
    parser.add_argument("--data", required=True, help="its folder; made at the first start")
    parser.add_argument("--port", type=int, default=5432)
    parser.add_argument("--host", default="127.0.0.1", help="addresses to listen on")
    parser.add_argument("--replica-of", metavar="HOST:PORT", help="be a replica of this server")
    parser.add_argument(
        "--careless", action="store_true", help="say yes before anything is on disk"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the server"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
