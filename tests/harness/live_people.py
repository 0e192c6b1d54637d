"""Small rolls of volunteers for tests of watching, marking and the board."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness.live.model import Card, Event, Happening, Sighting, Volunteer
from harness.live.roll import Roll
from harness.live.scoring import detail_of
from simulators.world.preferences import FIELDS

OPENED = 1_800_000_000.0  # Unix seconds at which these drills are opened


def card_of(number: int) -> Card:
    """A card unlike every other: its numbers are not a slip away from anybody else's."""
    values = [0] * len(FIELDS)
    values[0] = 100 + number
    for place in range(8):
        values[1 + (number * 5 + place * 3) % 42] = 11 + (number * 37 + place * 53) % 88
    return Card(f"IA-{number:04d}", f"Precinct {number}", tuple(values), (f"{number:06d}",))


def cards(count: int) -> list[Card]:
    """So many cards."""
    return [card_of(number) for number in range(count)]


def volunteer(number: int, **about: Any) -> Volunteer:
    """Somebody; ``about`` changes their cohorts."""
    given = {"county": "Adair" if number % 2 else "Polk", "device": "android"} | about
    return Volunteer(
        f"V{number:07d}", f"token-{number:032d}", number, f"IA-{number:04d}", f"chair-{number}",
        **given,
    )  # fmt: skip


def roll_of(volunteers: Iterable[Volunteer], *, opened: bool = True) -> Roll:
    """A roll of them, of a drill that is open."""
    roll = Roll()
    for each in volunteers:
        roll.add(each)
    if opened:
        happen(roll, 0.0, Happening.OPEN)
    return roll


def happen(
    roll: Roll, after: float, what: Happening, number: int | None = None, **detail: Any
) -> None:
    """Something happens ``after`` seconds, to the volunteer of a number or to all."""
    whose = "" if number is None else f"V{number:07d}"
    roll.apply(Event(OPENED + after, what, whose, detail, roll.version + 1))


def seen(
    roll: Roll, after: float, number: int, changes: dict[int, int | None] | None = None, **told: Any
) -> None:
    """The target is seen to hold a volunteer's report: their card, with some cells changed."""
    values: list[int | None] = list(card_of(number).values)
    for cell, value in (changes or {}).items():
        values[cell] = value
    sighting = Sighting(tuple(values), record=f"IA-{number:04d}", **told)
    happen(roll, after, Happening.SEEN, number, **detail_of(sighting))
