"""The browser's process of one drill, as the bench starts and ends it.

It ends with the drill, however that ends: it reads its standard input and goes when that closes.
"""

from __future__ import annotations

import contextlib
import select
import socket
import subprocess
from pathlib import Path

import orjson

from harness.channels.web.errand import Config, as_line
from harness.channels.web.traces import take_out
from harness.engine.launch import launch_command
from harness.ledger import trailer, web_log

MODULE = "harness.channels.web"
_LOOKS = 90.0  # wall seconds for looks after the drill, which end by themselves before that
_READY = 60.0  # wall seconds for a browser to start
_ORDERLY = 8.0  # wall seconds to end by itself


class BrowserError(RuntimeError):
    """The browser does not start."""


class BrowserProcess:
    """Starts the browser's process and ends it.

    Attributes:
        control: Its control socket, ``host:port``; empty before it has started.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.folder = Path(config.folder)
        self.log = self.folder / "ledger" / web_log.NAME
        self.control = ""
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready.

        Raises:
            BrowserError: If it does not start.
        """
        own = self.folder / web_log.FOLDER
        own.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(exist_ok=True)
        with (own / "output.log").open("ab") as output:
            self._child = subprocess.Popen(
                launch_command(MODULE),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for the drill, which then ends it
            )
        assert self._child.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it is gone, and the next line says so
            self._child.stdin.write(as_line(self.config))
            self._child.stdin.flush()
        self.control = self._first_line(own / "output.log")

    def _first_line(self, log: Path) -> str:
        assert self._child is not None
        assert self._child.stdout is not None
        readable, _, _ = select.select([self._child.stdout], [], [], _READY)
        line = self._child.stdout.readline() if readable else b""
        if not line:
            self.close()
            said = " ".join(log.read_text("utf-8", "replace")[-400:].split())
            raise BrowserError(f"the browser did not start: {said or 'it said nothing'}")
        return str(orjson.loads(line)["control"])

    def look_further(self, within: float = _LOOKS) -> None:
        """Let it look at the states of pages that nobody came to by themselves."""
        host, _, port = self.control.rpartition(":")
        with (
            contextlib.suppress(OSError),  # it is gone, or too slow: its journal has what it saw
            socket.create_connection((host, int(port)), timeout=within) as control,
        ):
            control.sendall(b'{"do":"look"}\n')
            control.makefile("rb").readline()

    def close(self) -> None:
        """End it: its standard input closes, and whatever is left after a while is killed."""
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None
        assert child.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it was gone already
            child.stdin.close()
        try:
            orderly = child.wait(_ORDERLY) == 0
        except subprocess.TimeoutExpired:
            orderly = False
            child.kill()
            child.wait()
        child.stdout.close()
        take_out(self.folder / "evidence" / "web", self.config.secrets)
        if orderly:
            with contextlib.suppress(OSError):  # a full disk: the log then has no last line
                trailer.finish(self.log)

    def __enter__(self) -> BrowserProcess:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
