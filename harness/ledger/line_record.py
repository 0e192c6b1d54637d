"""The record of a line test: what was claimed, every call, and how the caller fared.

One file of JSON lines a line, ``ledger/sip-<line>.jsonl``, written by the caller's process while
it calls. Nothing here places a call; checks and sealing read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from harness.record import CALLS
from simulators.phones.trace import CallTrace, TracedCall

PATTERN = "sip-*.jsonl"
ROLE = "line_test"
LOST = ("busy", "failed", "no_answer")  # calls that did not get through


@dataclass(frozen=True)
class LineRecord:
    """One line as tested.

    Attributes:
        line: Its name.
        trunk: The trunk group it is part of; empty if none is named.
        address: Where calls went, ``host:port``.
        lines: Calls it is claimed to carry at once.
        load: Erlangs offered, as drawn.
        speed: Drill seconds in a wall second.
        begins: Drill seconds at which the trace began.
        caller: ``ours`` or ``sipp``.
        calls: One dictionary a call, as the caller's process wrote them.
        trailer: How the caller fared; empty if its process did not end in good order.
    """

    line: str
    trunk: str
    address: str
    lines: int
    load: float
    speed: float
    begins: float
    caller: str
    calls: tuple[dict[str, Any], ...]
    trailer: dict[str, Any] = field(default_factory=dict)
    planned: tuple[TracedCall, ...] = ()

    @property
    def placed(self) -> CallTrace:
        """The part of the trace that was dialled, to be played through a perfect line."""
        dialled = {call["position"] for call in self.calls if call["cause"] not in ("shed", "cut")}
        return CallTrace(tuple(each for place, each in enumerate(self.planned) if place in dialled))

    @property
    def lost(self) -> int:
        """Calls that did not get through."""
        return sum(call["cause"] in LOST for call in self.calls)

    @property
    def table(self) -> pl.DataFrame:
        """The calls as rows of ``calls.parquet``; times are drill seconds."""
        rows = [self._row(call) for call in self.calls]
        return pl.DataFrame(rows, schema=CALLS) if rows else CALLS.to_frame()

    def _row(self, call: dict[str, Any]) -> dict[str, Any]:
        def drill(seconds: float | None) -> float | None:
            return None if seconds is None else self.begins + seconds * self.speed

        row = {
            "caller": call["caller"],
            "role": ROLE,
            "line": self.line,
            "record": "",
            "dialled_drill": drill(call["dialled"]),
            "answered_drill": drill(call["answered"]),
            "ended_drill": drill(call["ended"]),
            "agent": None,
            "cause": call["cause"],
            "id": f"sip-{self.line}-{call['position']}",
            "trunk": self.trunk,
            "digits": len(call["digits"]),
            "sid": call["id"],
        }
        return {name: row[name] for name in CALLS}


def line_records(folder: Path) -> list[LineRecord]:
    """Every line test of a run folder, by name of line; of a torn file, what is whole.

    Raises:
        OSError: If a file cannot be read.
    """
    return [_read(path) for path in sorted((folder / "ledger").glob(PATTERN))]


def calls_of_lines(folder: Path) -> pl.DataFrame:
    """The calls of all line tests of a run folder as rows of ``calls.parquet``."""
    return pl.concat([CALLS.to_frame(), *(each.table for each in line_records(folder))])


def _read(path: Path) -> LineRecord:
    lines = [_object(line) for line in path.read_bytes().splitlines()]
    whole = [line for line in lines if line]
    header = next((line for line in whole if line.get("k") == "header"), {})
    trailer = next((line for line in whole if line.get("k") == "trailer"), {})
    calls = tuple(line for line in whole if line.get("k") == "call")
    trace = path.with_suffix(".csv")
    planned = CallTrace.read(trace).calls if trace.is_file() else ()
    return LineRecord(
        line=str(header.get("line", path.stem.removeprefix("sip-"))),
        trunk=str(header.get("trunk", "")),
        address=str(header.get("to", "")),
        lines=int(header.get("lines", 0)),
        load=float(header.get("load", 0.0)),
        speed=float(header.get("speed", 1.0)),
        begins=float(header.get("begins", 0.0)),
        caller=str(header.get("caller", "ours")),
        calls=calls,
        trailer=trailer,
        planned=planned,
    )


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
