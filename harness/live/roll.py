"""The roll: everybody invited and how far they have come, in memory.

Pages, board and harvest read the roll and never the database. It is worked out from volunteers
and events alone, and the order in which events of one volunteer arrive decides nothing but which
of two equal ones came first: a server that starts again has the same roll.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from harness.live.model import Event, Happening, Sighting, Volunteer
from harness.live.scoring import sighting_of

QUESTIONS = 10  # of the System Usability Scale


@dataclass(frozen=True)
class Dealt:
    """A card that a volunteer was given.

    Attributes:
        number: 0 for the first; the one that counts.
        difficulty: What it was dealt as, one of ``harness.live.deck.KINDS``.
    """

    at: float
    record: str
    account: str
    difficulty: str = ""
    number: int = 0


@dataclass(frozen=True)
class Seen:
    """A report that the target was seen to hold.

    Attributes:
        record: Key of the card that it was read from.
    """

    at: float
    record: str
    sighting: Sighting


@dataclass(frozen=True)
class Help:
    """Somebody was stuck.

    Attributes:
        step: The page on which they said so.
    """

    at: float
    step: str


@dataclass(frozen=True)
class CallBack:
    """Staff tried to reach somebody about a missing report.

    Attributes:
        whom: One of ``harness.live.model.CALLS``.
        by: Name of the account that wrote it down.
    """

    at: float
    whom: str
    reached: bool
    by: str = ""


@dataclass(frozen=True)
class Survey:
    """What a volunteer answered. The comment is hostile text."""

    at: float
    sus: tuple[int | None, ...]
    comment: str = ""


@dataclass
class Journey:
    """One volunteer and everything that happened to them.

    Attributes:
        times: When each thing first happened, in Unix seconds.
        since_card: What has happened since they were given the card that they now have.
        gone: Cards whose report the target was seen to hold and holds no longer, each with the
            record at which it stood.
        last: Number of the latest event.
    """

    volunteer: Volunteer
    times: dict[Happening, float] = field(default_factory=dict)
    since_card: set[Happening] = field(default_factory=set)
    cards: list[Dealt] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)
    helps: list[Help] = field(default_factory=list)
    calls: list[CallBack] = field(default_factory=list)
    survey: Survey | None = None
    last: int = 0

    @property
    def card(self) -> Dealt:
        """The card in their hands now: the latest."""
        return self.cards[-1]

    @property
    def erased(self) -> bool:
        """Whether they had their data deleted."""
        return Happening.ERASED in self.times

    def seen_of(self, record: str) -> list[Seen]:
        """Reports of one card, the first (which counts for accuracy) first."""
        return [each for each in self.seen if each.record == record]

    def apply(self, event: Event) -> None:
        """Take in one event."""
        self.last = max(self.last, event.number)
        earliest = self.times.get(event.what, event.at)
        self.times[event.what] = min(earliest, event.at)
        self.since_card.add(event.what)
        detail = event.detail
        match event.what:
            case Happening.INVITED if detail.get("difficulty"):
                first = self.cards[0]
                self.cards[0] = Dealt(
                    event.at, first.record, first.account, str(detail["difficulty"])
                )
            case Happening.AGAIN:
                record, account = str(detail["record"]), str(detail.get("account", ""))
                difficulty = str(detail.get("difficulty", ""))
                self.cards.append(Dealt(event.at, record, account, difficulty, len(self.cards)))
                self.since_card.clear()
            case Happening.SEEN:
                self.seen.append(self._sighting(event))
                self.gone.pop(self.seen[-1].record, None)
            case Happening.GONE if card := str(detail.get("card", "")):
                self.gone[card] = str(detail.get("record", ""))
            case Happening.HELP:
                self.helps.append(Help(event.at, str(detail.get("step", ""))))
            case Happening.CALLED:
                whom, by = str(detail.get("whom", "")), str(detail.get("by", ""))
                self.calls.append(CallBack(event.at, whom, bool(detail.get("reached")), by))
            case Happening.SURVEYED if detail and not self.erased:
                self.survey = _survey(event)
            case Happening.ERASED:
                self.survey = None
            case _:
                pass

    def _sighting(self, event: Event) -> Seen:
        """A report, put beside the card it was read from: whichever the event names, else the
        one of the record it stands at, else the one in their hands.
        """
        sighting = sighting_of(event.detail)
        mine = {each.record for each in self.cards}
        named = (str(event.detail.get("card", "")), sighting.record, self.card.record)
        return Seen(event.at, next(each for each in named if each in mine), sighting)


def _survey(event: Event) -> Survey:
    answers: list[Any] = list(event.detail.get("sus") or ())[:QUESTIONS]
    answers += [None] * (QUESTIONS - len(answers))
    return Survey(event.at, tuple(answers), str(event.detail.get("comment", "")))


class Roll:
    """Everybody invited, by id, in the order of their numbers.

    Attributes:
        journeys: By volunteer's id.
        version: Number of the latest event taken in; whoever keeps figures compares it.
        opened, closed: When the drill was last opened and closed; None if it never was.
        troubles: Events of trouble, oldest first.
    """

    def __init__(self) -> None:
        self.journeys: dict[str, Journey] = {}
        self.version = 0
        self.opened: float | None = None
        self.closed: float | None = None
        self.troubles: list[Event] = []
        self._by_token: dict[bytes, Journey] = {}
        self._by_record: dict[str, Journey] = {}
        self._reserved: set[str] = set()

    def __iter__(self) -> Iterator[Journey]:
        return iter(self.journeys.values())

    def __len__(self) -> int:
        return len(self.journeys)

    @property
    def is_open(self) -> bool:
        """Whether volunteers may take part now."""
        return self.opened is not None and self.closed is None

    def add(self, volunteer: Volunteer) -> Journey:
        """Put somebody on the roll, or take in what is now known of them."""
        if journey := self.journeys.get(volunteer.id):
            journey.volunteer = volunteer
            return journey
        journey = Journey(volunteer, cards=[Dealt(0.0, volunteer.record, volunteer.account)])
        self.journeys[volunteer.id] = journey
        self._by_token[_digest(volunteer.token)] = journey
        self._by_record[volunteer.record] = journey
        return journey

    def by_token(self, token: str) -> Journey | None:
        """Whose page an address leads to. Looked up by digest: time tells nothing of a token."""
        return self._by_token.get(_digest(token))

    def by_id(self, code: str) -> Journey | None:
        """Whose card code this is, as somebody typed it."""
        return self.journeys.get("".join(code.split()).replace("-", "").upper())

    def by_record(self, record: str) -> Journey | None:
        """Who holds, or held, the card of a record."""
        return self._by_record.get(record)

    def has(self, record: str) -> bool:
        """Whether a card of this record was dealt, or is being dealt now."""
        return record in self._by_record or record in self._reserved

    def reserve(self, record: str) -> None:
        """Keep a record's card from everybody else until the event that deals it is stored."""
        self._reserved.add(record)

    def apply(self, event: Event) -> None:
        """Take in one event; one of somebody unknown counts for nothing."""
        self.version = max(self.version, event.number)
        if event.volunteer:
            if journey := self.journeys.get(event.volunteer):
                journey.apply(event)
                if event.what is Happening.AGAIN:
                    self._by_record[journey.card.record] = journey
            return
        match event.what:
            case Happening.OPEN:
                self.opened, self.closed = event.at, None
            case Happening.CLOSED:
                self.closed = event.at
            case Happening.TROUBLE:
                self.troubles.append(event)
            case _:
                pass


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
