"""A poll watcher's sheet: the codes that have voted and are not in yet.

Watcher and agent have it in common while they talk: what an agent has keyed is struck off it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from simulators.behaviours.errand import operation_key
from simulators.behaviours.protocol import Keyed
from simulators.people.person import Person
from simulators.people.watching import Watching

STRIKE = "strike"
"""The line that the app answers, for calls and texts."""

HELP = "help"
"""The line on which the app has callers wait for somebody."""

HEADQUARTERS = "headquarters"
"""The line that people answer."""


@dataclass(frozen=True, slots=True)
class Round:
    """One time at which a watcher goes to the phone.

    Attributes:
        at: Drill second.
        codes: Records of those who have voted since the last time, in order of voting.
        keyed: The same as first keyed: a slip makes another record of one.
    """

    at: float
    codes: tuple[str, ...]
    keyed: tuple[Keyed, ...]


@dataclass(frozen=True, slots=True)
class Beat:
    """One watcher's day, as planned.

    Attributes:
        person: The watcher.
        watching: How watchers of this cast go about it.
        mistyped: Chance that the PIN is mistyped at a sign-in.
        tag: Begins every operation key of this plan.
        arrives: Drill second of their first action.
        rounds: When they report what, in order of time.
        knows_at: From this drill second on they know another way; None if never.
        stops_calling: Whether from then on they call the line no more.
        asks_for_help: Drill seconds for which they phone the help line first; 0 if they do not.
        way: That other way: ``web``, ``text`` or ``headquarters``.
    """

    person: Person
    watching: Watching
    mistyped: float
    tag: str
    arrives: float
    rounds: tuple[Round, ...]
    knows_at: float | None
    stops_calling: bool
    way: str
    asks_for_help: float = 0.0


@dataclass(slots=True)
class Line:
    """One code on a sheet.

    Attributes:
        record: The voter's record.
        keyed: As it is keyed next.
    """

    record: str
    keyed: Keyed

    @property
    def wrong(self) -> bool:
        """Whether it is keyed wrong."""
        return self.keyed.record != self.record


class Sheet:
    """The codes that are not in yet, the oldest first.

    Args:
        tag: Begins every operation key of the plan.
    """

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self._lines: dict[str, Line] = {}  # by the voter's record

    def __len__(self) -> int:
        """How many codes are not in yet."""
        return len(self._lines)

    def __iter__(self) -> Iterator[Line]:
        """The lines as they stand now: whoever goes through them may strike them off."""
        return iter(list(self._lines.values()))

    def add(self, round_: Round) -> None:
        """Take down who has voted since the last time."""
        for record, keyed in zip(round_.codes, round_.keyed, strict=True):
            self._lines[record] = Line(record, keyed)

    def strike(self, *lines: Line) -> None:
        """These are in, or will never be: off the sheet with them."""
        for line in lines:
            self._lines.pop(line.record, None)

    def look_again(self, *lines: Line) -> bool:
        """Compare what was keyed with the sheet. True if any was wrong; all are right from now."""
        wrong = [line for line in lines if line.wrong]
        for line in wrong:
            line.keyed = self.keyed(line.record)
        return bool(wrong)

    def keyed(self, record: str, channel: str = "api") -> Keyed:
        """A voter's code, keyed right."""
        return Keyed(record, 1, (1,), operation_key(self._tag, record, 1, channel))

    def first(self, count: int) -> Sequence[Line]:
        """The oldest lines, at most so many."""
        return list(self._lines.values())[:count]


def slipped(keyed: Keyed, record: str, tag: str) -> Keyed:
    """The same key strokes for another record: what a slip makes of them."""
    return replace(keyed, record=record, operation=operation_key(tag, record, 1))
