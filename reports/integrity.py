"""Is what the app holds what was sent? The integrity findings, laid out reader by reader."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.record import Finding, Status, Witness

# The ways a report can be wrong, with what each means to a lay reader.
CLASSES = {
    "lost": "the app said yes, and does not hold it",
    "phantom": "the app holds it, and nobody sent it",
    "duplicate": "counted more than once",
    "altered": "held with other numbers than anyone sent",
    "misattributed": "what is of one record held under another",
    "stale": "an older report shown after a newer was accepted",
    "resurrected": "the app said no, and holds it all the same",
    "late": "visible only after its deadline",
    "mis-totalled": "published totals that the reports cannot add up to",
}
_ALSO = {
    "totals": "mis-totalled",
    "mistotalled": "mis-totalled",
    "duplicated": "duplicate",
    "wrong": "altered",
}
SHOWN = 60  # offending records in one report; findings.json and the tables have the rest


@dataclass(frozen=True)
class Reader:
    """What one way of reading the app back showed.

    Attributes:
        name: As in the target's ``read_back`` section.
        cells: One finding a class, in the order of :data:`CLASSES`; None where it was not asked.
    """

    name: str
    cells: tuple[Finding | None, ...]


@dataclass(frozen=True)
class Offence:
    """A failed finding with its offending records.

    Attributes:
        finding: What failed.
        shown: The witnesses shown here.
        replay: For each of them the command that shows it again; None where it has no record.
    """

    finding: Finding
    shown: tuple[Witness, ...]
    replay: tuple[str | None, ...]

    @property
    def left_out(self) -> int:
        """Offending records that are not shown here."""
        return max(self.finding.offenders - len(self.shown), 0)


def class_of(check: str) -> str | None:
    """The integrity class a check is about, None where it is about something else.

    Example:
        >>> class_of("mis_totalled"), class_of("lost"), class_of("response_time")
        ('mis-totalled', 'lost', None)
    """
    name = check.replace("_", "-")
    name = _ALSO.get(name, name)
    return name if name in CLASSES else None


def readers_of(findings: Iterable[Finding]) -> tuple[Reader, ...]:
    """The integrity findings as a table: a row a reader, a column a class."""
    by_reader: dict[str, dict[str, Finding]] = {}
    for finding in findings:
        sort = class_of(finding.check)
        if sort:
            by_reader.setdefault(finding.subject, {})[sort] = finding
    return tuple(
        Reader(name or "all readers", tuple(cells.get(sort) for sort in CLASSES))
        for name, cells in by_reader.items()
    )


OF_PEOPLE = ("funnel", "gone", "missing")
"""Checks of a live drill whose witnesses name the records of people's cards."""


def offences_of(findings: Sequence[Finding], run: Path, shown: int = SHOWN) -> tuple[Offence, ...]:
    """Failed findings that name records, integrity first, with ``shown`` records among them."""
    failed = [each for each in findings if each.status is Status.FAIL and each.witnesses]
    failed.sort(key=lambda each: class_of(each.check) is None)
    offences = []
    for left, finding in zip(range(len(failed), 0, -1), failed, strict=True):
        # A fair part of the room; what one finding does not need, the later ones may have.
        witnesses = finding.witnesses[: -(-shown // left)]
        shown -= len(witnesses)
        # What people sent themselves cannot be played again.
        again = finding.check not in OF_PEOPLE
        replay = tuple(
            replay_command(run, witness.record) if again else None for witness in witnesses
        )
        offences.append(Offence(finding, witnesses, replay))
    return tuple(offences)


def replay_command(run: Path, record: str) -> str | None:
    """The command that plays one record's operations again, safe to paste into a shell.

    The folder is given as seen from here where it lies below, else by its name alone: a report
    is passed on, and where it was made is nobody's business.

    Example:
        >>> replay_command(Path("runs/a night"), "IA-0012")
        "drillhall replay 'runs/a night' --record IA-0012"
    """
    if not record:
        return None
    return f"drillhall replay {shlex.quote(folder_name(run))} --record {shlex.quote(record)}"


def folder_name(run: Path) -> str:
    """The run folder as a reader in this directory would name it."""
    if not run.is_absolute():
        return run.as_posix()
    try:
        return run.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return run.name
