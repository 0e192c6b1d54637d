"""From rows of the target to sightings: what is new or changed, and whose it is.

A row is matched by its record, or by its key where the target shows no record, and never by a
name. What was there before the drill, and what was told already, is no news.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from harness.live.marking import Marker
from harness.live.model import Event, Happening, Sighting
from harness.live.roll import Journey, Roll
from harness.live.scoring import detail_of
from harness.target.readback import Record
from harness.target.rows import Row

Place = tuple[str, str, int]
Owner = tuple[str, str]
"""A volunteer's id, and the record of the card that their report was read from."""


def place_of(sighting: Sighting) -> tuple[str, str]:
    """Which of the target's rows a sighting is of: by the target's own name of it, or by ours."""
    for kind in ("stored_id", "record", "key"):
        name = getattr(sighting, kind)
        if name:
            return kind, name
    return "values", repr(sighting.values)


@dataclass
class Tally:
    """What the last look found.

    Attributes:
        rows: Rows in all.
        strays: Rows that were not there before, and that belong to nobody in the drill.
        gone: Rows that were there at some look and are no longer.
    """

    rows: int = 0
    strays: int = 0
    gone: int = 0


class Sightings:
    """Keeps what was seen, and says what is news.

    Args:
        records: From the target's rows to ours.
        tag: What our own operation keys begin with.
        shown: Whether the reader shows values.

    Attributes:
        tally: What the last look found.
    """

    def __init__(
        self, records: Callable[[list[Row]], list[Record]], *, tag: str = "", shown: bool = True
    ) -> None:
        self._records, self._tag, self._shown = records, tag, shown
        self._order: list[int] | None = None  # none yet: an empty app is news, too
        self._known: dict[int, Sighting | None] = {}
        self._held: dict[Place, Sighting] = {}
        self._strays: set[Place] = set()
        self._owners: dict[Place, Owner] = {}  # of what was told since the drill was opened
        self.tally = Tally()

    def remember(self, sightings: Iterable[tuple[Sighting, Owner | None]]) -> None:
        """Take sightings for known: the baseline, then what the roll was told, in its order.

        Args:
            sightings: Each with whose it is; nobody's if it is of the baseline.
        """
        counted: Counter[tuple[str, str]] = Counter()
        for each, owner in sightings:
            named = place_of(each)
            place = (*named, counted[named])
            self._held[place] = each
            if owner is not None:
                self._owners[place] = owner
            if named[0] in ("record", "values"):
                counted[named] += 1

    def news(self, rows: list[Row], at: float, roll: Roll, marker: Marker) -> list[Event]:
        """Events of what is new, has changed, is gone or is back since the last look.

        Args:
            rows: Everything that the target holds.
            at: When it was read, in Unix seconds.
        """
        digests = [_digest(row) for row in rows]
        if digests == self._order:
            return []
        self._order = digests
        # A row that says what it said before is not taken apart again.
        known = {each: self._known[each] for each in digests if each in self._known}
        for digest, row in zip(digests, rows, strict=True):
            if digest not in known:
                known[digest] = self._sighting(row)
        self._known = known
        present = _placed(sighting for each in digests if (sighting := known[each]) is not None)
        gone = {(each.volunteer.id, card) for each in roll for card in each.gone}
        fresh = [
            place for place, each in present.items()
            if self._held.get(place) != each or self._owners.get(place) in gone
        ]  # fmt: skip
        self._held |= present
        strays, missed = self._strays & present.keys(), self._held.keys() - present.keys()
        self.tally = Tally(len(present), len(strays), len(missed))
        events = [self._event(place, present[place], at, roll, marker) for place in fresh]
        told = [event for event in events if event is not None]
        return [*told, *self._gone(present, gone, at)]

    def _gone(self, present: dict[Place, Sighting], told: set[Owner], at: float) -> Iterator[Event]:
        """Reports that were told and are there no longer, each told once.

        One that stands under another name now, as some targets keep a correction, is still there;
        and so is one in whose place at its record there is another report.
        """
        here = [place for place in present if place in self._owners]
        owners, records = {self._owners[each] for each in here}, {present[p].record for p in here}
        for place, owner in self._owners.items():
            record = self._held[place].record
            if owner in owners or owner in told or (record and record in records):
                continue
            owners.add(owner)  # told now, wherever else it stood
            detail = {"card": owner[1], "record": record or owner[1]}
            yield Event(at, Happening.GONE, owner[0], detail)

    def _sighting(self, row: Row) -> Sighting | None:
        """A row in our terms; None if the description leaves it out."""
        found = self._records([row])
        if not found:
            return None
        (each,) = found
        values = tuple(each.values) if self._shown and each.values is not None else ()
        key = each.key or ""
        channel = each.channel or ("api" if self._is_ours(key) else "")
        record = each.record or self._record_in(key)
        return Sighting(values, key, channel, each.stored_id or "", record)

    def _is_ours(self, key: str) -> bool:
        return bool(self._tag) and key.startswith(f"{self._tag}-")

    def _record_in(self, key: str) -> str:
        """The record that a key of ours names: ``<tag>-<record>-<version>``."""
        if not self._is_ours(key):
            return ""
        return key.removeprefix(f"{self._tag}-").rpartition("-")[0]

    def _event(
        self, place: Place, sighting: Sighting, at: float, roll: Roll, marker: Marker
    ) -> Event | None:
        owner, card = whose(sighting, roll, marker)
        if owner is None:
            self._strays.add(place)
            self._owners.pop(place, None)
            self.tally.strays += 1
            return None
        self._strays.discard(place)
        if roll.opened is not None:
            self._owners[place] = (owner.volunteer.id, card)
        told = detail_of(sighting) | {"card": card}
        return Event(at, Happening.SEEN, owner.volunteer.id, told)


def whose(sighting: Sighting, roll: Roll, marker: Marker) -> tuple[Journey | None, str]:
    """Whose report a row is, and the record of the card that it was read from.

    It is that of whoever holds the record's card. Only if they have not so much as opened it,
    and the numbers are those of somebody who has and whose report is still missing, is it theirs,
    sent from the wrong precinct.

    Returns:
        None and an empty record if it is nobody's in this drill.
    """
    owner = roll.by_record(sighting.record) if sighting.record else None
    source = marker.cards.source_of(sighting, sighting.record)
    other = roll.by_record(source) if source != sighting.record else None
    if other is not None and other is not owner and (owner is None or _has_not_begun(owner)):
        misses = marker.mark(other, roll.opened)
        if misses.opened is not None and misses.reported is None:
            return other, source
        if owner is None and not sighting.record:
            return other, source  # a target that says of no row where it belongs
    return (owner, sighting.record) if owner is not None else (None, "")


def _placed(rows: Iterable[Sighting]) -> dict[Place, Sighting]:
    """Rows by their place; those of one name are told apart by their order."""
    counted: Counter[tuple[str, str]] = Counter()
    placed = {}
    for sighting in rows:
        named = place_of(sighting)
        placed[(*named, counted[named])] = sighting
        counted[named] += 1
    return placed


def _has_not_begun(journey: Journey) -> bool:
    return not {Happening.OPENED, Happening.AGREED, Happening.SIGNED_IN} & journey.times.keys()


def _digest(row: Any) -> int:
    return hash(orjson.dumps(row, default=str, option=orjson.OPT_NON_STR_KEYS))
