"""A PostgreSQL server of a test's own, started by the launcher of practice apps."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulators.apps.serving.postgres import (
    ServerError,
    not_as_root,
    programs_of_postgresql,
    wait_for_the_dead,
)

ROOT = Path(__file__).parents[1]
_LONGEST = 30.0  # seconds until it must be up


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def require_postgresql() -> Path:
    """The programs' folder; skips, by name, where a server cannot run."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    try:
        not_as_root()
        return programs_of_postgresql()
    except ServerError as error:
        pytest.skip(str(error))


class Server:
    """One server and its data, started, stopped and killed."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.programs = require_postgresql()
        self.folder = folder
        self.port = free_port()
        self.url = f"postgresql+psycopg://practice@127.0.0.1:{self.port}/postgres"
        self._options = options
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        command = [sys.executable, "-P", "-m", "simulators.apps.serving.postgres"]
        command += ["--data", str(self.folder), "--port", str(self.port), *self._options]
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "server.log").open("ab") as log:
            self._child = subprocess.Popen(
                command,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        ready = [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        deadline = time.monotonic() + _LONGEST
        while subprocess.run(ready, check=False).returncode:
            said = (self.folder / "server.log").read_text()
            assert self._child.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut would, its children too, which follow by themselves."""
        self._end(signal.SIGKILL)
        wait_for_the_dead(self.folder / "server")

    def stop(self) -> None:
        """End it in good order; harmless when it is down."""
        self._end(signal.SIGINT)

    def _end(self, how: signal.Signals) -> None:
        if self._child is not None and self._child.poll() is None:
            os.killpg(self._child.pid, how)
            self._child.wait(timeout=20)
        self._child = None
