"""The drill hall: what every page of a live drill is served from."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request

from harness.live.cards import Handout
from harness.live.deck import Deck
from harness.live.limits import Limits
from harness.live.marking import Mark, Marker
from harness.live.model import Card
from harness.live.roll import Dealt, Journey
from harness.live.scoring import Terms
from harness.live.store import Live


def _tell(password: str) -> None:
    """Say a drawn password once, beside the server's own output."""
    print(f"Sign in as organizer with this password: {password}", file=sys.stderr)  # noqa: T201


@dataclass(frozen=True)
class LiveSettings:
    """What a live drill is started with.

    Attributes:
        database: The SQLite file; made if it is not there.
        deck: Every card of the scenario.
        handout: What cards and pages say alike: title, the app and where it is, links.
        terms: When a report is on time.
        languages: That volunteers may choose from; the first where nobody chooses.
        seed: Decides who is dealt which card.
        password: Of the account ``organizer``; empty draws one at the first start.
        told: Told the drawn password, once.
    """

    database: Path
    deck: Deck
    handout: Handout
    terms: Terms = field(default_factory=Terms)
    languages: tuple[str, ...] = ("en", "es", "fr")
    seed: int = 1
    password: str = field(default="", repr=False)
    told: Callable[[str], None] = _tell

    @property
    def secure(self) -> bool:
        """Whether people reach the pages over HTTPS, and cookies may insist on it."""
        return self.handout.link.startswith("https://")


async def _nobody_looks() -> None:
    """Without a watcher there is nothing to look at."""


@dataclass
class Hall:
    """An open drill, at ``request.app.state.hall`` while the server runs.

    Attributes:
        key: Signs form tokens; drawn once a drill.
        look: Looks at what the target holds, at once; the watcher puts itself here.
        printing: Held while cards are printed: one browser at a time.
        inviting: Held while a list is dealt cards: two lists may not be dealt the same ones.
        opening: Held while the drill is opened, which takes a look at the target.
    """

    settings: LiveSettings
    live: Live
    marker: Marker
    limits: Limits
    key: bytes = field(repr=False)
    look: Callable[[], Awaitable[None]] = _nobody_looks
    printing: asyncio.Lock = field(default_factory=asyncio.Lock)
    inviting: asyncio.Lock = field(default_factory=asyncio.Lock)
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    async def open(cls, settings: LiveSettings) -> Hall:
        """Open the drill's database.

        Raises:
            StoreError: If it cannot be opened.
        """
        live = await Live.open(settings.database)
        deck = settings.deck
        marker = Marker([deck.card(record) for record in deck.places], settings.terms)
        return cls(settings, live, marker, Limits(), await live.secret("form_key"))

    def card(self, dealt: Dealt) -> Card:
        """What a dealt card says."""
        return self.settings.deck.card(dealt.record, difficulty=dealt.difficulty)

    def mark(self, journey: Journey) -> Mark:
        """How far somebody came, and how well."""
        return self.marker.mark(journey, self.live.roll.opened)


Service = Callable[[Hall], AbstractAsyncContextManager[None]]
"""Something that runs beside the pages for as long as the server does, as the watcher."""


def hall_of(request: Request) -> Hall:
    """The drill that a request is for."""
    found: Hall = request.app.state.hall
    return found
