"""A new card for whoever wants to try again: of a precinct that nobody has had."""

from __future__ import annotations

import secrets

from harness.live.deck import KINDS
from harness.live.hall import Hall
from harness.live.model import Event, Happening
from harness.live.roll import Journey
from simulators.apps.serving.refusal import Refusal

MOST = 5  # cards that one volunteer may have


async def new_card(hall: Hall, journey: Journey) -> None:
    """Deal one more card: in their own county and of another difficulty, where there is one.

    Raises:
        Refusal: 409 if they have had enough of them, or none is left.
    """
    if len(journey.cards) >= MOST:
        raise Refusal(409, "enough_cards", "There are no more cards for one volunteer.")
    deck, roll = hall.settings.deck, hall.live.roll
    free = [each for each in deck.places.values() if not roll.has(each.record)]
    if not free:
        raise Refusal(409, "no_card", "No card is left.")
    county = deck.places[journey.card.record].county
    near = [each for each in free if each.county == county] or free
    had = {each.difficulty for each in journey.cards}
    other = [each for each in near if not had.issuperset(each.kinds)] or near
    place = secrets.choice(other)
    difficulty = next((k for k in KINDS if k in place.kinds and k not in had), "correction")
    detail = {"record": place.record, "account": place.account, "difficulty": difficulty}
    roll.reserve(place.record)  # before anything is awaited: two may ask at the same time
    await hall.live.append(Event(0.0, Happening.AGAIN, journey.volunteer.id, detail))
