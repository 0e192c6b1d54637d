"""The lists that door knockers carry: who is still to be visited, and who was struck off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from simulators.apps.strikes import strikes
from simulators.apps.strikes.directory import Precinct
from simulators.apps.strikes.schema import kept_lists


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


def make(connection: Connection, wanted: Sequence[Precinct], now: float) -> list[DoorList]:
    """The lists of these precincts as they are now."""
    struck = strikes.struck(connection, [each.number for each in wanted])
    return [_list(each, now, struck[each.number]) for each in wanted]


def make_once(connection: Connection, wanted: Sequence[Precinct], now: float) -> list[DoorList]:
    """The lists as they were when each was first asked for: the defect ``strike_list_stale``."""
    numbers = [each.number for each in wanted]
    rows = connection.execute(select(kept_lists).where(kept_lists.c.precinct.in_(numbers)))
    kept = {row.precinct: row for row in rows}
    new = make(connection, [each for each in wanted if each.number not in kept], now)
    for made in new:
        row = {"made": now, "struck_off": " ".join(made.struck_off)}
        connection.execute(insert(kept_lists), row | {"precinct": made.precinct.number})
    lists = {made.precinct.number: made for made in new}
    for each in wanted:
        if (old := kept.get(each.number)) is not None:
            lists[each.number] = _list(each, old.made, set(old.struck_off.split()))
    return [lists[number] for number in numbers]


def _list(precinct: Precinct, made: float, struck: set[str]) -> DoorList:
    still = tuple(sorted(precinct.codes - struck))
    return DoorList(precinct, made, still, tuple(sorted(struck)))
