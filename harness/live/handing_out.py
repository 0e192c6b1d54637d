"""Handing out: volunteers are dealt their cards, and cards and invitations become files."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.document import DocumentError
from harness.live.cards import Dealt, Handout, cards_page, facilitator_page
from harness.live.deck import Deck
from harness.live.invitations import (
    Invitation,
    anonymous,
    invitations_csv,
    invite,
    write_invitations,
)
from harness.live.printing import PrintingError, print_page
from harness.live.roster_file import Entry, decode, read_entries
from harness.live.store import Live

INVITATIONS = "invitations.csv"
VOLUNTEERS = "/v/"
ORGANIZERS = "/organize"
"""Where on the live server their pages begin."""


@dataclass(frozen=True)
class Guests:
    """Who is to be invited.

    Attributes:
        roster: The organizer's list, or None.
        count: How many cards to make where there is no list.
        source: ``volunteer`` for people, ``robot`` for simulated ones.
        languages: Those that cards may be in.
    """

    roster: Path | None
    count: int
    source: str
    languages: tuple[str, ...]

    def entries(self, deck: Deck) -> tuple[list[Entry], str]:
        """Everybody to invite, and what complaints call their list.

        Raises:
            DocumentError: If there is a mistake in the list, or there are too few cards.
        """
        if self.roster is None:
            return anonymous(self.count, deck, self.languages), "--volunteers"
        name = str(self.roster)
        try:
            data = self.roster.read_bytes()
        except OSError as error:
            raise DocumentError(f"{name}: cannot be read: {error.strerror}.") from None
        return read_entries(decode(data, name), name), name


async def enlist(live: Live, deck: Deck, guests: Guests, seed: int) -> list[Invitation]:
    """Deal cards to guests and put them on the roll.

    Raises:
        DocumentError: If there is a mistake in their list, or there are too few cards.
    """
    entries, name = guests.entries(deck)
    taken = [each.volunteer for each in live.roll]
    invited = invite(entries, deck, seed=seed, name=name, source=guests.source, taken=taken)
    difficulties = {each.volunteer.id: each.difficulty for each in invited}
    await live.add_volunteers([each.volunteer for each in invited], difficulties)
    return invited


def hand_out(
    folder: Path,
    invited: Sequence[Invitation],
    deck: Deck,
    handout: Handout,
    *,
    paper: str,
    say: Callable[[str], None],
) -> None:
    """Write invitations.csv and the cards to print; what cannot be printed stays as a page.

    Args:
        say: Told what was written, and why something was not.
    """
    folder.mkdir(parents=True, exist_ok=True)
    volunteers = [each.volunteer for each in invited]
    text = invitations_csv(volunteers, deck, handout.link, [each.id for each in invited])
    say(f"invitations: {write_invitations(folder / INVITATIONS, text)}")
    dealt = [
        Dealt(
            each.volunteer,
            deck.card(each.volunteer.record, difficulty=each.difficulty),
            deck.places[each.volunteer.record].county,
        )
        for each in invited
    ]
    for name, page in (
        ("cards", cards_page(dealt, handout, paper)),
        ("facilitator", facilitator_page(dealt, handout, paper)),
    ):
        at = _private(folder / f"{name}.html", page)
        try:
            print_page(page, folder / f"{name}.pdf")
        except PrintingError as error:
            say(str(error))
        else:
            at.unlink()
            say(f"{name}: {folder / name}.pdf")


def _private(path: Path, text: str) -> Path:
    """Write a file that its owner alone reads: cards hold codes and links."""
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    partial.touch(mode=0o600)
    partial.write_text(text, encoding="utf-8")
    return partial.replace(path)
