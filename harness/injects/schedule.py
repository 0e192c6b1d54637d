"""The schedule of injects: begins and ends each on the drill clock, and undoes every one.

An inject that was begun is always finished: at its end, when the drill is stopped, or when
anything fails on the way. The journal is one line a step, written before the step is taken.
"""

from __future__ import annotations

import heapq
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import orjson
import polars as pl

from harness.record import COULD_NOT_BEGIN, INJECTS


class Inject(Protocol):
    """A planned fault. ``begin`` and ``finish`` may block; ``finish`` is harmless when off."""

    name: str
    kind: str
    start: float
    end: float
    touched: int
    detail: str

    def begin(self) -> None:
        """Start the fault."""
        ...

    def finish(self) -> None:
        """Undo it."""
        ...

    def close(self) -> None:
        """Let go of everything it holds; harmless the second time."""
        ...


@dataclass
class _Row:
    """What became of one inject."""

    inject: Inject
    started: float | None = None
    ended: float | None = None
    undone: bool = True
    failed: str = ""
    trouble: str = ""

    @property
    def told(self) -> str:
        """What it did, and what was in its way; nothing of what never began."""
        did = "" if self.started is None else self.inject.detail
        return "; ".join(filter(None, (did, self.failed, self.trouble)))


class Schedule:
    """Plays injects in a thread of its own, on the drill clock.

    Args:
        injects: What to play. Those whose start never comes are recorded as not begun.
        speed: Drill seconds a wall second.
        journal: Append-only file for one JSON line a step.
    """

    def __init__(self, injects: Sequence[Inject], *, speed: float, journal: Path) -> None:
        self._rows = [_Row(inject) for inject in injects]
        self._zero = 0.0  # monotonic time of drill second 0
        self._speed = speed
        self._journal = journal
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._play, name="injects", daemon=True)

    def begin(self, start_at: float) -> None:
        """Play from Unix wall time ``start_at``, which is drill second 0."""
        # Converted once: the wall clock may be set while the drill runs, the monotonic one not.
        self._zero = time.monotonic() + (start_at - time.time())
        self._thread.start()

    @contextmanager
    def undone(self) -> Iterator[None]:
        """On leaving the block, however it is left, nothing plays and everything is undone."""
        try:
            yield
        finally:
            self._stop.set()
            with ExitStack() as each_of_them:  # whatever fails or interrupts one spares the rest
                for row in reversed(self._rows):
                    each_of_them.callback(row.inject.close)
                    each_of_them.callback(self._finish, row)
                each_of_them.callback(self._wait)
                self._wait()

    def table(self) -> pl.DataFrame:
        """What happened, one row an inject, with the schema of the run folder."""
        return pl.DataFrame(
            [
                {
                    "name": row.inject.name,
                    "kind": row.inject.kind,
                    "planned_start_drill": row.inject.start,
                    "planned_end_drill": row.inject.end,
                    "started_drill": row.started,
                    "ended_drill": row.ended,
                    # People's changes are planned, and those who would have left later did not.
                    "touched": 0 if row.started is None else row.inject.touched,
                    "undone": row.undone,
                    "detail": row.told,
                }
                for row in self._rows
            ],
            schema=INJECTS,
        )

    def _wait(self) -> None:
        """Until nothing plays: what is just being begun must be there to be finished."""
        if self._thread.is_alive():
            self._thread.join()

    def _play(self) -> None:
        # What ends in the second in which something begins ends first, wherever it stands.
        steps = [(row.inject.start, True, n, row) for n, row in enumerate(self._rows)]
        steps += [(row.inject.end, False, n, row) for n, row in enumerate(self._rows)]
        heapq.heapify(steps)
        while steps:
            due, begins, _, row = heapq.heappop(steps)
            if self._stop.wait(max(0.0, self._zero + due / self._speed - time.monotonic())):
                return
            (self._begin if begins else self._finish)(row)

    def _begin(self, row: _Row) -> None:
        try:
            self._note("begin", row)
        except OSError as error:  # what cannot be written down is not done
            row.trouble = f"was not begun: {error}"
            return
        row.started, row.undone = self._now(), False
        try:
            row.inject.begin()
        except Exception as error:  # whatever it is, the next ones are played and this is undone
            row.failed = f"{COULD_NOT_BEGIN}: {error}"

    def _finish(self, row: _Row) -> None:
        if row.started is None or row.undone:
            return
        with suppress(OSError):  # a full disk leaves nothing broken
            self._note("finish", row)
        try:
            row.inject.finish()
        except Exception as error:  # whatever it is, it is told, and the others are undone
            row.trouble = f"could not be undone: {error}"
        else:
            row.undone = True
        row.ended = self._now()

    def _now(self) -> float:
        return (time.monotonic() - self._zero) * self._speed

    def _note(self, step: str, row: _Row) -> None:
        line = {"t": "inject", "step": step, "name": row.inject.name, "drill": self._now()}
        descriptor = os.open(self._journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, orjson.dumps(line) + b"\n")
        finally:
            os.close(descriptor)
