"""The browser's process of one drill, as the bench starts and ends it.

It ends with the drill, however that ends: it reads its standard input and goes when that closes.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from harness.channels.child import Child, ChildError
from harness.channels.web.errand import Config, as_line
from harness.channels.web.traces import take_out
from harness.ledger import trailer, web_log

MODULE = "harness.channels.web"
_TAKES = 30.0  # wall seconds to be told something
_LOOKS = 210.0  # wall seconds for looks after the drill, which end by themselves before that


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
        self._child = Child(MODULE, "the browser")

    def start(self) -> None:
        """Start it and wait until it is ready.

        Raises:
            BrowserError: If it does not start.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        try:
            ready = self._child.start(as_line(self.config), self.folder / web_log.FOLDER)
        except ChildError as error:
            raise BrowserError(str(error)) from error
        self.control = str(ready["control"])

    def look_further(self, within: float = _LOOKS) -> None:
        """Let it look at the states of pages that nobody came to by themselves."""
        with contextlib.suppress(OSError):  # it is gone, or too slow: its journal has what it saw
            self._tell({"do": "look"}, within)

    def take_ways(self, ways: Sequence[Mapping[str, Any]]) -> None:
        """Say who is on which network, as the engines are told; before anybody walks.

        Raises:
            BrowserError: If it does not answer.
        """
        try:
            self._tell({"do": "ways", "ways": list(ways)}, _TAKES)
        except OSError as error:
            raise BrowserError(f"the browser does not answer: {error}") from error

    def _tell(self, told: dict[str, Any], within: float) -> None:
        """Say one thing to it, and wait for its answer."""
        host, _, port = self.control.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=within) as control:
            control.sendall(orjson.dumps(told) + b"\n")
            control.makefile("rb").readline()

    def close(self) -> None:
        """End it: its standard input closes, and whatever is left after a while is killed."""
        orderly = self._child.close()
        take_out(self.folder / "evidence" / "web", self.config.secrets)
        if orderly:
            with contextlib.suppress(OSError):  # a full disk: the log then has no last line
                trailer.finish(self.log)

    def __enter__(self) -> BrowserProcess:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
