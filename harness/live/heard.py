"""What simulated volunteers heard a yes to: their own journal, to compare with what is stored."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from harness.live.model import Event, Happening

REPORTS = ("submit_report", "amend_report")
_TWICE = (Happening.HELP.value,)  # what may happen to somebody more than once


class Journal:
    """What was acknowledged, one JSON line each, in the kernel before anybody goes on."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.counts: Counter[str] = Counter()

    def note(self, volunteer: str, what: str, **detail: Any) -> None:
        """A yes was heard."""
        self.counts[what] += 1
        line = {"at": time.time(), "volunteer": volunteer, "what": what, **detail}
        os.write(self._file, orjson.dumps(line) + b"\n")

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


def read_journal(path: Path) -> list[dict[str, Any]]:
    """Every whole line of a journal; a last line that was cut short was never acknowledged."""
    lines = path.read_bytes().split(b"\n")
    return [orjson.loads(line) for line in lines[:-1]]


def done_in(path: Path) -> set[tuple[str, str]]:
    """What a journal says was done by whom; nothing if there is none yet."""
    if not path.is_file():
        return set()
    return {(each["volunteer"], each["what"]) for each in read_journal(path)}


def not_stored(
    journal: Iterable[Mapping[str, Any]], events: Iterable[Event]
) -> list[tuple[str, str]]:
    """What robots heard a yes to and the drill does not hold: volunteer's id and what it was.

    Of the reports that the target accepted, the last one of each volunteer must have been seen.

    Example:
        >>> heard = [{"volunteer": "K7", "what": "help"}, {"volunteer": "K7", "what": "help"}]
        >>> not_stored(heard, [Event(1.0, Happening.HELP, "K7")])
        [('K7', 'help')]
    """
    stored = Counter[tuple[str, str]]()
    seen: set[tuple[str, tuple[int, ...]]] = set()
    for event in events:
        stored[event.volunteer, event.what.value] += 1
        if event.what is Happening.SEEN:
            seen.add((event.volunteer, tuple(event.detail.get("values") or ())))
    heard = Counter[tuple[str, str]]()
    last: dict[str, tuple[int, ...]] = {}
    for each in journal:
        if each["what"] in REPORTS:
            last[each["volunteer"]] = tuple(each["values"])
        else:
            heard[each["volunteer"], each["what"]] += 1
    lost = [
        step for step, times in heard.items() if stored[step] < (times if step[1] in _TWICE else 1)
    ]
    return lost + [(who, "report") for who, values in last.items() if (who, values) not in seen]
