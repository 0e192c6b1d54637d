"""How to undo things, as data that another process can carry out from the disk alone.

Each way is one function of plain values. A drill undoes by the same functions as its guardian and
``drillhall doctor --undo`` do, so that what is tested every day is what mends after a crash. Every
one is harmless when there is nothing left to undo.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.injects import container_undo
from harness.injects.identity import end_tree
from harness.injects.toxiproxy import forget_proxies


class UndoError(RuntimeError):
    """Something cannot be undone now; the message says why."""


@dataclass(frozen=True)
class Undo:
    """One thing to do.

    Attributes:
        do: Which way, as in :data:`WAYS`.
        says: What it does, in words for people.
        needs: What the way is given: plain values, since it is written as JSON.
    """

    do: str
    says: str
    needs: dict[str, Any] = field(default_factory=dict)


def mend(undo: Undo) -> None:
    """Do it.

    Raises:
        UndoError: If it cannot be done.
    """
    way = WAYS.get(undo.do)
    if way is None:
        raise UndoError(f"nobody knows how to do {undo.do!r}: was it written by another version?")
    try:
        way(**undo.needs)
    except Exception as error:  # whatever it is, the leases after this one are undone as well
        raise UndoError(str(error) or type(error).__name__) from error


def _remove_file(path: str) -> None:
    Path(path).unlink(missing_ok=True)


def _write_file(path: str, text: str) -> None:
    if Path(path).parent.is_dir():
        Path(path).write_text(text)


WAYS: dict[str, Callable[..., None]] = {
    "process.end": end_tree,
    "file.remove": _remove_file,
    "file.write": _write_file,
    "toxiproxy.forget": forget_proxies,
    **container_undo.WAYS,
}
