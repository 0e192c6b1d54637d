"""The browser's journal as tables: sessions of personas, their steps, and looks at pages.

``harness.channels.web`` writes one JSON line for whatever happens and ends in good order with a
digest (``trailer``). A journal that is not whole still gives the rows it has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from harness.ledger import trailer
from harness.record import BARRIERS, LOOKS, SESSIONS, STEPS

NAME = "web.jsonl"
FOLDER = "browser"
"""Below the run folder, where the browser's process has its own log: there was one."""
WRITER = "browser"
_OK = ("accepted", "already_have_it")
_SENDS = ("submit_report", "amend_report")
Line = Mapping[str, Any]


@dataclass
class Journal:
    """The lines of a journal, by kind.

    Attributes:
        problems: What is wrong with it; empty if it is whole.
    """

    problems: list[str]
    lines: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, path: Path) -> Journal:
        """Read what there is; what is no line of ours is left out."""
        journal = cls(trailer.problems(path, WRITER))
        if path.is_file():
            for line in path.read_bytes().splitlines():
                try:
                    told = orjson.loads(line)
                except orjson.JSONDecodeError:
                    continue
                if isinstance(told, dict):
                    journal.lines[str(told.get("k"))].append(told)
        journal.problems += [
            f"{path.name}: {each.get('detail')}" for each in journal.lines["broken"]
        ]
        return journal

    def table(self, kind: str, schema: pl.Schema) -> pl.DataFrame:
        """The lines of one kind with the columns of a table."""
        return _rows(self.lines[kind], schema)

    @property
    def steps(self) -> pl.DataFrame:
        """Rows of ``steps.parquet``."""
        return self.table("step", STEPS)

    @property
    def barriers(self) -> pl.DataFrame:
        """Rows of ``barriers.parquet``."""
        return self.table("barrier", BARRIERS)

    @property
    def looks(self) -> pl.DataFrame:
        """Rows of ``looks.parquet``."""
        return self.table("look", LOOKS)

    def sessions(self, calls: pl.DataFrame) -> pl.DataFrame:
        """Rows of ``sessions.parquet``.

        Args:
            calls: As in ``calls.parquet``: who phoned without a report to give asked for help.
        """
        asked = calls.filter(pl.col("record") == "")["caller"].to_list()
        rows = [self._session(line, asked.count(line["who"])) for line in self.lines["session"]]
        return _rows(rows, SESSIONS)

    def _session(self, line: Line, help_calls: int) -> dict[str, Any]:
        mine = {
            kind: [each for each in self.lines[kind] if each["session"] == line["session"]]
            for kind in ("step", "began", "walk")
        }
        steps, walks = mine["step"], mine["walk"]
        sent = _first(walks, _SENDS)
        return {
            **line,
            "source": "persona",
            "insider": False,
            "first_time": True,
            "opened": min((each["began_drill"] for each in mine["began"]), default=None),
            "signed_in": _signed_in(walks),
            "reported": sent,
            "finished": max((each["ended_drill"] for each in walks), default=None),
            "state": _state(steps, mine["began"], walks, help_calls),
            "channel": "" if sent is None else "web",
            "help_calls": help_calls,
            "comment": "",
            "drift": _drift(steps),
        }


def _rows(lines: Iterable[Line], schema: pl.Schema) -> pl.DataFrame:
    columns = {name: [line.get(name) for line in lines] for name in schema}
    return pl.DataFrame(
        [pl.Series(name, columns[name], dtype=kind, strict=False) for name, kind in schema.items()]
    )


def _first(walks: list[Line], kinds: tuple[str, ...]) -> float | None:
    """When one of these operations was first said to have gone well, in drill seconds."""
    return next(
        (
            each["ended_drill"]
            for each in walks
            if each["operation"] in kinds and each["answer_class"] in _OK
        ),
        None,
    )


def _signed_in(walks: list[Line]) -> float | None:
    """When they were in: said to be, or seen to be, since something behind the door went well.

    A page that comes late leaves nobody sure of it, and the report after it may still go through.
    """
    tried = [each for each in walks if each["operation"] == "sign_in"]
    behind = next(
        (
            each["began_drill"]
            for each in walks
            if each["operation"] in _SENDS and each["answer_class"] in _OK
        ),
        None,
    )
    said = _first(tried, ("sign_in",))
    known = [each for each in (said, behind) if each is not None]
    return min(known) if tried and known else None


def _state(steps: list[Line], began: list[Line], walks: list[Line], help_calls: int) -> str | None:
    """What a session came to; None where the drill ended before it was clear.

    A step that was given up and gone through later, as after a call for help, was a struggle; but
    nothing undoes that somebody else's numbers were shown (``lasting``).
    """
    if any(each.get("lasting") for each in steps):
        return "blocked"
    last = {(each["operation"], each["step"]): each["state"] for each in steps}
    ends = {each["operation"]: each["answer_class"] for each in walks}
    if "blocked" in last.values() and not all(each in _OK for each in ends.values()):
        return "blocked"
    if len(began) > len(walks):
        return None
    if not all(each in _OK for each in ends.values()):
        return "blocked"
    if not any(kind in _SENDS for kind in ends):
        return None
    easy = all(each["state"] == "passed" for each in steps) and not help_calls
    return "passed" if easy else "struggled"


def _drift(steps: list[Line]) -> float | None:
    planned = sum(each["planned_seconds"] for each in steps)
    return sum(each["keyed_seconds"] for each in steps) / planned - 1 if planned > 0 else None
