"""A rehearsal of a live drill: simulated volunteers in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson

from harness.live.host import last_words
from harness.live.orders import RobotsOrder, write_order

_STOP_WITHIN = 5.0  # seconds


class RehearsalError(Exception):
    """The robots did not play; the message says what they said last."""


class Rehearsal:
    """Plays an order; see ``harness.live.robots``.

    Args:
        folder: The run folder: takes the order, the journal and what the robots say.
    """

    def __init__(self, folder: Path) -> None:
        self.journal = folder / "robots.jsonl"
        self._order, self._log = folder / ".robots.json", folder / "robots.log"
        self._said = folder / "robots.json"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, order: RobotsOrder) -> None:
        """Let them begin."""
        write_order(order, self._order)
        environment = dict(os.environ)
        paths = [str(Path(__file__).parents[2]), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        with self._log.open("ab") as log, self._said.open("wb") as said:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", "harness.live.robots", str(self._order.absolute())],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=log,
                env=environment,
                start_new_session=True,
            )

    @property
    def over(self) -> bool:
        """Whether they have all ended."""
        return self._child is not None and self._child.poll() is not None

    def figures(self) -> dict[str, Any]:
        """What they say of it in the end.

        Raises:
            RehearsalError: If they did not come to their end.
        """
        said = self._said.read_bytes() if self._said.is_file() else b""
        if not said.strip():
            raise RehearsalError(
                f"the simulated volunteers ended early: {last_words(self._log)} (all of it: "
                f"{self._log})"
            )
        figures: dict[str, Any] = orjson.loads(said)
        return figures

    def stop(self) -> None:
        """End them, if they have not."""
        child, self._child = self._child, None
        self._order.unlink(missing_ok=True)
        if child is None:
            return
        if child.stdin is not None:
            child.stdin.close()
        if child.poll() is not None:
            return
        child.terminate()
        try:
            child.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
