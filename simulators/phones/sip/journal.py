"""A file of JSON lines that a caller or a hotline writes as calls end.

The first line is a header, then one line a call, and a trailer that says how it went; a file
without its trailer was cut short. ``k`` tells them apart.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from simulators.phones.sip.caller import CallReport, PlacedCall
from simulators.phones.sip.hotline import HotlineCounts, TakenCall


class Journal:
    """Writes lines; every call is in the kernel when its line is written.

    Args:
        path: A new file; one that exists is never written over. None writes nothing.
        header: What to say first.

    Raises:
        OSError: If the file exists or cannot be written.
    """

    def __init__(self, path: Path | None, header: dict[str, Any]) -> None:
        self._file = None if path is None else path.open("xb", buffering=0)
        self._write("header", header)

    def call(self, call: PlacedCall | TakenCall) -> None:
        """Note a call that is over."""
        self._write("call", asdict(call))

    def close(self, trailer: dict[str, Any]) -> None:
        """Note how it went, and close."""
        self._write("trailer", trailer)
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, k: str, fields: dict[str, Any]) -> None:
        if self._file is not None:
            self._file.write(orjson.dumps({"k": k, **fields}, option=orjson.OPT_APPEND_NEWLINE))


def summary_of(report: CallReport) -> dict[str, Any]:
    """A caller's trailer."""
    return {
        "calls": len(report.calls),
        "causes": report.causes,
        "late": report.late,
        "lag": asdict(report.lag),
        "void": report.void,
        "traffic": asdict(report.traffic),
    }


def counts_of(counts: HotlineCounts) -> dict[str, Any]:
    """A hotline's trailer."""
    return asdict(counts)
