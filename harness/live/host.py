"""The live server as a process of its own: started, watched, started again where it dies.

It runs until its standard input is closed, so it never outlives whoever started it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import IO

_READY_WITHIN = 30.0  # seconds for the server to say where it listens
_STOP_WITHIN = 10.0  # seconds for it to bring what it does to an end
_TAIL = 300  # characters of a log's last line that are shown


class LiveServerError(Exception):
    """The live server does not run; the message says what it said last."""


class LiveServer:
    """Controls one live server.

    Args:
        order: The file that says what it serves; see ``harness.live.serve``.
        log: File that takes what it says.

    Attributes:
        url: Where it listens, once it does.
        starts: How often it was started.
    """

    def __init__(self, order: Path, log: Path) -> None:
        self.order, self.log = order, log
        self.url = ""
        self.starts = 0
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start it, and wait until it listens; returns where.

        Raises:
            LiveServerError: If it ends, or does not listen in time.
        """
        here = str(Path(__file__).parents[2])
        environment = dict(os.environ)
        paths = [here, *filter(None, [environment.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(paths)
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", "harness.live.serve", str(self.order.absolute())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        self.starts += 1
        assert self._child.stdout is not None
        line = _first_line(self._child.stdout, _READY_WITHIN)
        if not line.startswith("http"):
            self.stop()
            raise LiveServerError(
                f"the live server did not start: {last_words(self.log)} (all of it: {self.log})"
            )
        self.url = line.strip()
        return self.url

    @property
    def pid(self) -> int | None:
        """Its process id, None before it was started."""
        return None if self._child is None else self._child.pid

    @property
    def status(self) -> int | None:
        """Its exit status, None while it runs."""
        return None if self._child is None else self._child.poll()

    def stop(self) -> None:
        """End it in good order, or else at once."""
        child, self._child = self._child, None
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        try:
            child.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def last_words(log: Path) -> str:
    """The last line of a log that says something."""
    try:
        lines = log.read_text("utf-8", "replace").split("\n")
    except OSError as error:
        return f"it left no log: {error.strerror}"
    said = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
    return said[-_TAIL:]


def end_with_our_starter() -> None:
    """Stop this process in good order once nobody holds the other end of its standard input."""

    def wait() -> None:
        while os.read(0, 4096):  # not through sys.stdin, whose lock would outlast the interpreter
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="starter", daemon=True).start()


def _first_line(pipe: IO[bytes], within: float) -> str:
    """The first line that comes, or what there is of it when time is up or the pipe ends."""
    until, said = time.monotonic() + within, b""
    with DefaultSelector() as selector:
        selector.register(pipe, EVENT_READ)
        while b"\n" not in said and (left := until - time.monotonic()) > 0:
            if not selector.select(left):
                break
            part = os.read(pipe.fileno(), 4096)
            if not part:
                break
            said += part
    return said.decode("utf-8", "replace").partition("\n")[0]


def free_port(host: str) -> int:
    """A port of this address that nobody listens at."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
