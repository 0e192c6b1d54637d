"""Marking: every volunteer's reports scored against their card.

The roll says what happened; the marks say what it is worth. A mark is worked out anew only when
something happened to its volunteer, so that a board can ask for all of them every second.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from harness.live.model import Card, Happening, Sighting, Volunteer
from harness.live.roll import Journey, Roll
from harness.live.scoring import Cards, Score, Terms, score

STATES = ("invited", "opened", "signed_in", "practised", "reported", "correct")
"""How far somebody has come, in the order of the funnel."""

_ORDER = (
    Happening.OPENED, Happening.AGREED, Happening.SIGNED_IN, Happening.PRACTISED, Happening.SENT,
)  # fmt: skip
"""What volunteers say of themselves, in order: each shows that they came past what is before it."""


@dataclass(frozen=True)
class Report:
    """One report that the target was seen to hold.

    Attributes:
        at: When it was seen, in Unix seconds.
        card: Record of the card that it is scored against.
    """

    at: float
    card: str
    sighting: Sighting
    score: Score


@dataclass(frozen=True)
class Mark:
    """How far one volunteer came, and how well. Times are Unix seconds; None: not yet.

    Attributes:
        reports: All that the target was seen to hold, in order; those of a second card too.
    """

    journey: Journey
    reports: tuple[Report, ...] = ()

    @property
    def volunteer(self) -> Volunteer:
        """Whose mark it is."""
        return self.journey.volunteer

    def _since(self, step: Happening) -> float | None:
        """When they had come as far as ``step``: they said so, or what came after shows it."""
        times = self.journey.times
        found = [times[each] for each in _ORDER[_ORDER.index(step) :] if each in times]
        if self.reported is not None:
            found.append(self.reported)
        return min(found, default=None)

    @cached_property
    def opened(self) -> float | None:
        """When they opened their card; whoever signs in or reports has it in print."""
        return self._since(Happening.OPENED)

    @cached_property
    def signed_in(self) -> float | None:
        """When they were in the app."""
        return self._since(Happening.SIGNED_IN)

    @cached_property
    def practised(self) -> float | None:
        """When they had the app's form before them."""
        return self._since(Happening.PRACTISED)

    @cached_property
    def scored(self) -> tuple[Report, ...]:
        """Reports of the first card: later ones are for learning, and count nowhere."""
        record = self.journey.cards[0].record
        return tuple(each for each in self.reports if each.card == record)

    @property
    def first(self) -> Report | None:
        """The report that accuracy is measured by."""
        return self.scored[0] if self.scored else None

    @property
    def last(self) -> Report | None:
        """The report that would have been counted."""
        return self.scored[-1] if self.scored else None

    @property
    def reported(self) -> float | None:
        """When the target was first seen to hold their report; their word is not enough."""
        return self.first.at if self.first else None

    @property
    def correct(self) -> bool | None:
        """Whether the first report said what the card says; None without one to judge."""
        return self.first.score.correct if self.first else None

    @property
    def on_time(self) -> bool | None:
        """Whether the first report came in time; None without one."""
        return self.first.score.on_time if self.first else None

    @property
    def recovered(self) -> float | None:
        """When their report came in after staff had called about it."""
        called, reported = self.journey.times.get(Happening.CALLED), self.reported
        return reported if called and reported and called <= reported else None

    @property
    def state(self) -> str:
        """How far they have come: the last of :data:`STATES` that is true of them."""
        if self.reported is not None:
            return "correct" if self.correct else "reported"
        steps = (self.practised, self.signed_in, self.opened)
        names = ("practised", "signed_in", "opened")
        return next((n for n, at in zip(names, steps, strict=True) if at is not None), "invited")


class Marker:
    """Marks journeys, and keeps the marks for as long as nothing happens to them.

    Args:
        cards: Every card that there is, also those that nobody has: a report may be copied from
            any of them.
        terms: When a report is on time.
    """

    def __init__(self, cards: Iterable[Card], terms: Terms | None = None) -> None:
        self.cards = Cards(cards)
        self.terms = terms or Terms()
        self._kept: dict[str, tuple[tuple[int, int, float | None], Mark]] = {}

    def marks(self, roll: Roll) -> list[Mark]:
        """Everybody's mark, in the order of the roll."""
        return [self.mark(each, roll.opened) for each in list(roll)]

    def mark(self, journey: Journey, drill_opened: float | None) -> Mark:
        """One volunteer's mark.

        Args:
            drill_opened: When the drill was, in Unix seconds.
        """
        now = (journey.last, len(journey.seen), drill_opened)
        kept = self._kept.get(journey.volunteer.id)
        if kept is not None and kept[0] == now and kept[1].journey is journey:
            return kept[1]
        made = Mark(journey, tuple(self._reports(journey, drill_opened)))
        self._kept[journey.volunteer.id] = (now, made)
        return made

    def _reports(self, journey: Journey, drill_opened: float | None) -> Iterable[Report]:
        opened = journey.times.get(Happening.OPENED, drill_opened)
        for seen in journey.seen:
            card = self.cards.by_record.get(seen.record)
            if card is None:
                continue
            began = opened
            if opened is not None and drill_opened is not None and drill_opened <= seen.at:
                began = max(opened, drill_opened)  # nobody's time runs before the drill is open
            dealt = next(each for each in journey.cards if each.record == seen.record)
            if dealt.number:
                began = dealt.at
            source = self.cards.source_of(seen.sighting, seen.record)
            judged = score(
                seen.sighting, card, at=seen.at, opened=began, terms=self.terms,
                elsewhere=source != seen.record,
            )  # fmt: skip
            yield Report(seen.at, seen.record, seen.sighting, judged)
