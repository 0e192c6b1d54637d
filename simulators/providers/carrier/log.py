"""What the carrier did on the wire: one JSON line for each try of a webhook, each REST request.

A line is in the kernel before the next one is made, so that a killed carrier leaves what it did.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import orjson

from simulators.quick import record

__all__ = ["Entry", "FileLog", "ListLog", "Log"]


@record(frozen=True, slots=True)
class Entry:
    """One line of the log.

    Attributes:
        at: When it was sent, in seconds since 1970.
        took: Wall seconds until the answer was read, or given up.
        purpose: ``voice`` (a call begins), ``menu`` (a redirect), ``action``, ``wait``, ``status``,
            ``text``, ``text_status``, ``rest``, ``recording``, ``forged`` or ``unwanted`` (a text
            to a person who had texted STOP).
        line: Name of the number.
        sid: Of the call or message.
        status: HTTP status; None without an answer.
        error: The provider's code, 0 for none; 12200 and 13xxx are warnings.
        fallback: Whether the fallback URL was asked.
        token: The same for every try of one webhook.
        attempt: 1 for the first try; written as ``try``.
        fault: Names of the faults that touched it, joined by commas.
        detail: What went wrong, in words.
        keyed: Keys that went out, in a call in which the line has made others of some.
    """

    at: float
    took: float
    purpose: str
    line: str = ""
    sid: str = ""
    status: int | None = None
    error: int = 0
    fallback: bool = False
    token: str = ""
    attempt: int = 1
    fault: str = ""
    detail: str = ""
    keyed: str = ""


class Log(ABC):
    """Counts what it is told; subclasses keep it."""

    def __init__(self) -> None:
        self.purposes: Counter[str] = Counter()
        self.errors: Counter[int] = Counter()

    def write(self, entry: Entry) -> None:
        """Take one entry."""
        self.purposes[entry.purpose] += 1
        if entry.error:
            self.errors[entry.error] += 1
        self._keep(entry)

    @abstractmethod
    def close(self) -> None:
        """Nothing more comes."""

    @abstractmethod
    def _keep(self, entry: Entry) -> None:
        """Put it where it can be read again."""


class ListLog(Log):
    """Keeps entries in memory, and tells whoever listens."""

    def __init__(self, told: Callable[[Entry], None] | None = None) -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self._told = told

    def close(self) -> None:
        """What was told stays in memory."""

    def _keep(self, entry: Entry) -> None:
        self.entries.append(entry)
        if self._told is not None:
            self._told(entry)


class FileLog(Log):
    """Appends to a file.

    Raises:
        OSError: If the file cannot be opened, or a line cannot be written whole.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def _keep(self, entry: Entry) -> None:
        line = orjson.dumps(_written(entry), option=orjson.OPT_APPEND_NEWLINE)
        if os.write(self._file, line) != len(line):
            raise OSError("the carrier's log took only part of a line: is the disk full?")

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


def _written(entry: Entry) -> dict[str, object]:
    return {
        "at": entry.at,
        "took": entry.took,
        "purpose": entry.purpose,
        "line": entry.line,
        "sid": entry.sid,
        "status": entry.status,
        "error": entry.error,
        "fallback": entry.fallback,
        "token": entry.token,
        "try": entry.attempt,
        "fault": entry.fault,
        "detail": entry.detail,
        "keyed": entry.keyed,
    }
