"""What a live drill is made of: volunteers, their cards, and everything that happened to them.

Whatever happens is an :class:`Event` that is never changed. All figures are worked out from the
events, so a server that was killed goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Happening(StrEnum):
    """What an event says has happened."""

    INVITED = "invited"  # the invitation was handed out or sent
    NOT_DELIVERED = "not_delivered"  # it came back
    OPENED = "opened"  # they looked at their own page for the first time
    AGREED = "agreed"  # they read the notice and agreed to take part
    SIGNED_IN = "signed_in"  # they say that they are in the app
    PRACTISED = "practised"  # they say that they have tried the app's form
    SENT = "sent"  # they say that they have sent their report
    SEEN = "seen"  # the target was seen to hold a report for their record: detail as Sighting
    GONE = "gone"  # the target no longer holds it: detail {"card", "record"}; back is SEEN again
    HELP = "help"  # they asked for help: detail {"step": ...}
    CALLED = "called"  # staff called back: detail {"whom": one of CALLS, "reached": bool}
    SURVEYED = "surveyed"  # detail {"sus": ten answers 1 to 5 or null, "comment": text}
    AGAIN = "again"  # they were given a new card to try again with: detail {"record": ...}
    ERASED = "erased"  # they asked for their data to go: what they wrote is gone
    WATCH = "watch"  # the target was lost or found again: detail {"ok", "problem"}; no volunteer
    TROUBLE = "trouble"  # the organizer made trouble: detail {"what", "on": bool}; no volunteer
    OPEN = "open"  # the drill was opened; no volunteer
    CLOSED = "closed"  # the drill was closed; no volunteer


CALLS = ("volunteer", "coordinator", "back_up")
"""Whom staff call about a missing report, in this order: the three-call rule of quick counts
(NDI; S19 of simulators/data/SOURCES.md)."""


class Role(StrEnum):
    """What somebody who signs in to the drill's own pages may do."""

    ORGANIZER = "organizer"  # everything
    HELPER = "helper"  # the missing-reports list and call-backs; no export, no deletion
    OBSERVER = "observer"  # the board alone


@dataclass(frozen=True)
class Volunteer:
    """Somebody invited. Names and contacts stay in the organizer's own file.

    Attributes:
        id: Eight characters without look-alikes, printed on the card: who it is, to staff.
        token: Ends the address of their own page; nobody can guess it.
        number: Position in the drill, from 0.
        record: Key of the precinct whose worksheet is on their card.
        account: Key of the account in the target that their card signs in with.
        county, language, age_band, device, training: The cohorts they are counted in.
        insider: Builds or runs the app: told apart, and never counted as evidence.
        source: ``volunteer`` for people, ``robot`` for simulated ones: never both in one figure.
    """

    id: str
    token: str
    number: int
    record: str
    account: str
    county: str = ""
    language: str = "en"
    age_band: str = ""
    device: str = ""
    training: str = ""
    insider: bool = False
    first_time: bool = True
    source: str = "volunteer"


@dataclass(frozen=True)
class Card:
    """What a volunteer's practice card says: their precinct's synthetic worksheet.

    Attributes:
        record: Key of the precinct.
        place: Its name, as printed.
        values: One whole number a field, in the order of the world's ``fields``.
        codes: What they sign in to the target with.
        difficulty: What is hard about the numbers: one of ``harness.live.deck.KINDS``.
        struck: A cell and the number first written in it and crossed out, if there is one.
    """

    record: str
    place: str
    values: tuple[int, ...]
    codes: tuple[str, ...]
    difficulty: str = ""
    struck: tuple[int, int] | None = None


@dataclass(frozen=True)
class Event:
    """One thing that happened. Never changed once it is stored.

    Attributes:
        at: Unix seconds by the drill server's own clock; no other clock counts.
        volunteer: Whose; empty for what happens to the drill as a whole.
        detail: Plain JSON. What volunteers wrote is hostile text.
        number: Given by the store, from 1, without gaps.
    """

    at: float
    what: Happening
    volunteer: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    number: int = 0


@dataclass(frozen=True)
class Sighting:
    """A report of a record, as the target was seen to hold it: ``detail`` of ``SEEN``.

    Attributes:
        values: As stored; None for a cell that is missing.
        key: The operation key, where the target keeps one.
        channel: How it came, where that is known; else empty.
        stored_id: The target's own name of it.
        record: Where the target holds it, if that is not the record of the volunteer's card.
    """

    values: tuple[int | None, ...]
    key: str = ""
    channel: str = ""
    stored_id: str = ""
    record: str = ""
