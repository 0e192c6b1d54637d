"""The detection matrix: what was found of each seeded defect, and what was found where none was.

It is plain data, as ``matrix.json`` has it; ``matrix.schema.json`` beside this file is its schema.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter

from harness.prove.job import Played
from harness.record import Finding, Status
from simulators.apps.serving.defect import Defect

SCHEMA_PATH = Path(__file__).with_name("matrix.schema.json")


class Caught(StrEnum):
    """What became of a seeded defect."""

    MEANT = "caught"
    OTHER = "caught by another"
    MISSED = "missed"
    NOT_DRILLED = "not drilled"


class Quiet(StrEnum):
    """What became of an inject on the clean app."""

    QUIET = "no alarm"
    ALARM = "false alarm"
    UNKNOWN = "unknown"
    NOT_DRILLED = "not drilled"


@dataclass(frozen=True)
class Fired:
    """A finding that failed.

    Attributes:
        finding: Its name: the check, with its subject where it has one.
        answer: What it said.
        offenders: How many records it named.
        meant: Whether it is the one that is meant to catch the defect.
    """

    finding: str
    answer: str
    offenders: int = 0
    meant: bool = False

    @property
    def check(self) -> str:
        """The check."""
        return check_of(self.finding)


@dataclass(frozen=True)
class Row:
    """A seeded defect, and what was found of it.

    Attributes:
        meant: The finding that is meant to catch it.
        fired: What failed, without what is meant for those that shared the drill.
        beside: Defects that shared the drill.
        word: The verdict of the drill.
        why: Why it was missed or not drilled.
        run: Folder of the run, below that of the proof.
        again: The command that repeats the drill.
        seconds: Wall seconds that the drill took.
    """

    app: str
    defect: str
    history: str
    source: str
    does: str
    meant: str
    caught: Caught
    fired: tuple[Fired, ...] = ()
    beside: tuple[str, ...] = ()
    word: str = ""
    why: str = ""
    run: str = ""
    again: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class InjectRow:
    """A kind of inject on a clean app.

    Attributes:
        touched: How many things it touched.
        fired: False alarms.
        why: Why it was not drilled, or is unknown.
    """

    app: str
    kind: str
    quiet: Quiet
    touched: int = 0
    fired: tuple[Fired, ...] = ()
    word: str = ""
    why: str = ""
    run: str = ""
    again: str = ""


@dataclass(frozen=True)
class Alarm:
    """A false alarm."""

    seed: int
    finding: str
    answer: str
    again: str


@dataclass(frozen=True)
class CleanRow:
    """Drills of a clean app, live or in virtual time.

    Attributes:
        seeds: How many were played.
        alarms: What failed, each with its seed and the command that repeats it.
        undrilled: Seeds that could not be played to the end, and why.
        seconds: Wall seconds that they took together.
    """

    app: str
    scenario: str
    virtual: bool
    seeds: int
    alarms: tuple[Alarm, ...] = ()
    undrilled: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Matrix:
    """Everything that a proof found.

    Attributes:
        complete: Whether it came to its end.
        without: Checks that were left out of the judging.
        seconds: Wall seconds in all.
    """

    rows: tuple[Row, ...] = ()
    injects: tuple[InjectRow, ...] = ()
    clean: tuple[CleanRow, ...] = ()
    without: tuple[str, ...] = ()
    complete: bool = False
    began: str = ""
    seconds: float = 0.0
    jobs: int = 1
    version: str = ""
    schema: int = 1

    @property
    def counts(self) -> dict[str, int]:
        """Defects by what became of them."""
        return {str(each): sum(row.caught is each for row in self.rows) for each in Caught}

    @property
    def alarms(self) -> int:
        """False alarms, of all kinds."""
        clean = sum(len(each.alarms) for each in self.clean)
        return clean + sum(each.quiet is Quiet.ALARM for each in self.injects)

    @property
    def code(self) -> int:
        """The exit code: 1 for anything missed and any false alarm, 3 for anything left open."""
        counts = self.counts
        if counts[Caught.MISSED] or counts[Caught.OTHER] or self.alarms:
            return 1
        left = counts[Caught.NOT_DRILLED] or any(each.undrilled for each in self.clean)
        open_ = any(each.quiet in (Quiet.UNKNOWN, Quiet.NOT_DRILLED) for each in self.injects)
        return 3 if left or open_ or not self.complete else 0


def rows_of(
    defects: Iterable[Defect], played: Played, *, without: frozenset[str], root: Path
) -> list[Row]:
    """The rows of the defects that shared a drill."""
    shared = tuple(defects)
    failed = failing(played, without)
    rows = []
    for defect in shared:
        others = {check_of(each.caught_by) for each in shared if each is not defect}
        fired = tuple(
            Fired(each.name, each.answer, each.offenders, is_meant(each.name, defect))
            for each in failed
            if each.check == check_of(defect.caught_by) or each.check not in others
        )
        caught, why = _caught(defect, played, fired, without)
        rows.append(
            Row(
                played.job.app, defect.name, defect.history, defect.source, defect.does,
                defect.caught_by, caught, fired,
                tuple(each.name for each in shared if each is not defect),
                played.word, why, below(played.job.folder, root), played.job.again,
                round(played.seconds, 1),
            )
        )  # fmt: skip
    return rows


def _caught(
    defect: Defect, played: Played, fired: tuple[Fired, ...], without: frozenset[str]
) -> tuple[Caught, str]:
    if not played.judged:
        return Caught.NOT_DRILLED, played.why or f"the drill did not reach its end: {played.state}"
    if any(each.meant for each in fired):
        return Caught.MEANT, ""
    check = check_of(defect.caught_by)
    if check in without:
        why = f"the check {check} was left out"
    else:
        said = next((each for each in played.findings if is_meant(each.name, defect)), None)
        why = f"{said.status}: {said.answer}" if said else f"no finding {defect.caught_by} was made"
    return (Caught.OTHER if fired else Caught.MISSED), why


def failing(played: Played, without: frozenset[str]) -> list[Finding]:
    """The findings that failed, of the checks that are asked."""
    return [
        each for each in played.findings if each.status is Status.FAIL and each.check not in without
    ]


def is_meant(finding: str, defect: Defect) -> bool:
    """Whether a finding is meant to catch a defect: any of its check, if no subject is named."""
    return defect.caught_by in (finding, check_of(finding))


def check_of(finding: str) -> str:
    """The check that makes a finding.

    Example:
        >>> check_of("lost:records")
        'lost'
    """
    return finding.partition(":")[0]


def below(folder: Path, root: Path) -> str:
    """A run folder as pages beside the proof's folder link to it."""
    return folder.relative_to(root).as_posix()


def dump(matrix: Matrix) -> bytes:
    """``matrix.json``."""
    return orjson.dumps(as_info(matrix), option=orjson.OPT_INDENT_2) + b"\n"


def as_info(matrix: Matrix) -> dict[str, Any]:
    """The matrix as plain data, with its sums."""
    found: dict[str, Any] = _ADAPTER.dump_python(matrix, mode="json")
    return found | {"counts": matrix.counts, "alarms": matrix.alarms, "exit_code": matrix.code}


def schema_text() -> str:
    """The JSON Schema of ``matrix.json``, as published beside this module."""
    schema: dict[str, Any] = _ADAPTER.json_schema(mode="serialization")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Drillhall detection matrix"
    whole = {"type": "integer", "minimum": 0}
    schema["properties"] |= {
        "counts": {
            "description": "Defects by what became of them.",
            "type": "object",
            "properties": {str(each): whole for each in Caught},
            "required": [str(each) for each in Caught],
        },
        "alarms": whole | {"description": "False alarms, of all kinds."},
        "exit_code": {"description": "Of the command.", "enum": [0, 1, 3]},
    }
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode() + "\n"


_ADAPTER = TypeAdapter(Matrix)
