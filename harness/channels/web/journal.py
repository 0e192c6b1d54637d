"""The browser process's journal: one JSON line for whatever a persona did, met or was shown.

Append-only; ``harness.ledger.web_log`` finishes and reads it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import orjson


class Journal(Protocol):
    """Takes lines."""

    def note(self, kind: str, **told: Any) -> None:
        """Write one line down."""
        ...


class FileJournal:
    """Appends to a file; every line is in the kernel before anything goes on."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)

    def note(self, kind: str, **told: Any) -> None:
        """Write one line down.

        Raises:
            OSError: If it cannot be written.
        """
        self._file.write(orjson.dumps({"k": kind, **told}) + b"\n")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class ListJournal:
    """Keeps the lines, for who wants no file.

    Attributes:
        lines: As dictionaries, in order.
    """

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def note(self, kind: str, **told: Any) -> None:
        """Keep one line."""
        self.lines.append({"k": kind, **told})
