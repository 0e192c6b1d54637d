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
        self._order: list[int] = []
        self._known: dict[int, Sighting | None] = {}
        self._held: dict[Place, Sighting] = {}
        self._strays: set[Place] = set()
        self.tally = Tally()

    def remember(self, sightings: Iterable[Sighting]) -> None:
        """Take sightings for known: the baseline, then what the roll was told, in its order."""
        counted: Counter[tuple[str, str]] = Counter()
        for each in sightings:
            place = place_of(each)
            self._held[(*place, counted[place])] = each
            if place[0] in ("record", "values"):
                counted[place] += 1

    def news(self, rows: list[Row], at: float, roll: Roll, marker: Marker) -> list[Event]:
        """Events of what is new or has changed since the last look.

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
        fresh = self._fresh(sighting for each in digests if (sighting := known[each]) is not None)
        events = [self._event(place, each, at, roll, marker) for place, each in list(fresh)]
        return [event for event in events if event is not None]

    def _fresh(self, rows: Iterable[Sighting]) -> Iterator[tuple[Place, Sighting]]:
        """Rows that are new, or that say something else than they did."""
        counted: Counter[tuple[str, str]] = Counter()
        present: set[Place] = set()
        for sighting in rows:
            named = place_of(sighting)
            place = (*named, counted[named])
            counted[named] += 1
            present.add(place)
            if self._held.get(place) != sighting:
                self._held[place] = sighting
                yield place, sighting
        self.tally = Tally(len(present), len(self._strays & present), len({*self._held} - present))

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
            self.tally.strays += 1
            return None
        self._strays.discard(place)
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


def _has_not_begun(journey: Journey) -> bool:
    return not {Happening.OPENED, Happening.AGREED, Happening.SIGNED_IN} & journey.times.keys()


def _digest(row: Any) -> int:
    return hash(orjson.dumps(row, default=str, option=orjson.OPT_NON_STR_KEYS))
