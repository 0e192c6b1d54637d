"""One persona: somebody the app must not shut out, as a robot in a real browser can play them.

Every number says where it comes from. Times are drill seconds; how long an answer takes is the
app's affair and passes in wall time. Sources are sections of simulators/data/SOURCES.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Mark(StrEnum):
    """How a number came to be."""

    PUBLISHED = "published"
    MEASURED = "measured"
    ASSUMED = "assumed"


@dataclass(frozen=True)
class Knob:
    """One number of a persona.

    Attributes:
        value: In the unit that the knob's name says.
        mark: Published, measured or assumed.
        source: Where it was published or measured; why it was assumed.
    """

    value: float
    mark: Mark
    source: str


@dataclass(frozen=True)
class Screen:
    """What they look at. ``width`` and ``height`` are CSS pixels.

    Attributes:
        zoom: Device pixels a CSS pixel. A page at 200 % is half as wide at twice the density.
        phone: A phone: touch, a mobile page, an on-screen keyboard that covers the lower part.
    """

    width: int = 390
    height: int = 844
    zoom: float = 1.0
    phone: bool = True


@dataclass(frozen=True)
class Display:
    """How their system draws pages."""

    color_scheme: Literal["light", "dark"] = "light"
    forced_colors: bool = False
    more_contrast: bool = False
    reduced_motion: bool = False


@dataclass(frozen=True)
class Network:
    """The line between them and the app, in wall time."""

    latency_ms: float
    kbit_per_second: float


class Habit(StrEnum):
    """What somebody does that most do not."""

    DOUBLE_TAP = "double_tap"  # taps each button twice, goes back after sending
    CUT_WHILE_SENDING = "cut_while_sending"  # the line goes dead while the report is on its way
    SWAPPED_CODES = "swapped_codes"  # first types the precinct ID in the PIN box
    SKIPPED_TRAINING = "skipped_training"  # one wrong turn: leaves the form once and comes back
    INTERRUPTED = "interrupted"  # a phone call hides the page, for half an hour of its clock
    SHARED_PHONE = "shared_phone"  # somebody else was signed in on this phone before
    PASTES_CODES = "pastes_codes"  # copies the codes from a message instead of typing them
    LETTER_SLIP = "letter_slip"  # types a letter among the digits once, and sees it


@dataclass(frozen=True)
class Persona:
    """Somebody who tries the app.

    Attributes:
        name: Unique, as ``slow-typist``.
        title: How officials call them, as "Slow typist, 76".
        who: One sentence: who they are and what is hard for them.
        asks: One sentence: what the app must do for them.
        hands: How they reach things: fingers, a mouse, or the keyboard alone.
        key_seconds: Mean from one key to the next.
        key_spread: Standard deviation of the logarithm of that, from key to key.
        look_seconds: To take in a page or a prompt before acting.
        number_errors: Chance that a number is keyed wrong.
        tap_misses: Chance to miss a button below 44 CSS pixels; one of 44 is always hit.
        patience_seconds: Without getting on, before they phone for help.
        tries: At one step, before they phone for help.
        language, locale: What they read, and what their browser says they do.
        age: Years.
        training: With the app: ``none``, ``read`` (the guide) or ``session``.
        away_seconds: How long a phone call keeps them from the page, for who is interrupted.
        looks: Names of the looks that are made of each page in their setting.
    """

    name: str
    title: str
    who: str
    asks: str
    screen: Screen
    hands: Literal["touch", "mouse", "keyboard"]
    key_seconds: Knob
    key_spread: Knob
    look_seconds: Knob
    number_errors: Knob
    tap_misses: Knob
    patience_seconds: Knob
    tries: Knob
    language: str = "en"
    locale: str = "en-US"
    age: int = 45
    training: Literal["none", "read", "session"] = "session"
    away_seconds: Knob | None = None
    display: Display = field(default_factory=Display)
    network: Network | None = None
    habits: frozenset[Habit] = frozenset()
    looks: tuple[str, ...] = ("axe", "reflow")

    @property
    def knobs(self) -> dict[str, Knob]:
        """Every number with its mark, by name, for reports."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Knob)}
