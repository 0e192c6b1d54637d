"""The lists that door knockers carry: who is still to be visited, and who was struck off."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from simulators.apps.strikes import strikes
from simulators.apps.strikes.directory import Precinct


@dataclass(frozen=True, slots=True)
class DoorList:
    """One precinct's list.

    Attributes:
        made: Unix time, wall seconds.
        still_to_visit, struck_off: Codes, in order; together all voters of the precinct.
    """

    precinct: Precinct
    made: float
    still_to_visit: tuple[str, ...]
    struck_off: tuple[str, ...]


class DoorLists:
    """Makes lists.

    Args:
        stale: Make each list once and hand the same one out ever after, as the defect
            ``strike_list_stale`` does.
    """

    def __init__(self, *, stale: bool) -> None:
        self._kept: dict[str, DoorList] | None = {} if stale else None

    def make(
        self, connection: Connection, wanted: Sequence[Precinct], now: float
    ) -> list[DoorList]:
        """The lists of these precincts as they are now."""
        if self._kept is None:
            return _make(connection, wanted, now)
        missing = [each for each in wanted if each.number not in self._kept]
        self._kept |= {each.precinct.number: each for each in _make(connection, missing, now)}
        return [self._kept[each.number] for each in wanted]


def _make(connection: Connection, wanted: Collection[Precinct], now: float) -> list[DoorList]:
    struck = strikes.struck(connection, [each.number for each in wanted])
    return [
        DoorList(
            each,
            now,
            tuple(sorted(each.codes - struck[each.number])),
            tuple(sorted(struck[each.number])),
        )
        for each in wanted
    ]
