"""The poll watchers of an election day, and the lines they report to.

Every number says where it comes from, as in ``simulators.people.cast``: a source, ``fitted`` or
``assumed``. Of the night of 4 November 2008 nobody has published how many lines, calls, precincts
or volunteers there were (SOURCES.md S14). Times are drill seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from simulators.people.shifts import WalkOut
from simulators.traffic.arrivals import Arrivals
from simulators.traffic.report_curve import Share

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Whole = Annotated[int, Field(ge=1)]
STRICT = ConfigDict(extra="forbid", use_attribute_docstrings=True)

HOUR = 3600.0

# Sixty calls an hour from half an hour before the polls open until half an hour after they
# close. Assumed.
OFFICES = Arrivals(rate=((0.0, 1 / 60), (14.0 * HOUR, 1 / 60)))


@dataclass(frozen=True)
class Thumbs:
    """How people key codes on a phone's keypad."""

    __pydantic_config__: ClassVar = STRICT

    press_seconds: Positive = 0.6
    """Median seconds from one key to the next, log-normal. Assumed: four digits in two to three
    seconds."""
    think_seconds: Positive = 1.5
    """Median seconds to find the next code on the sheet, log-normal. Assumed."""
    sigma: NotNegative = 0.3
    """Spread of both over people, of the logarithm. Assumed."""
    slip: Share = 0.004
    """Chance that a code is keyed wrong: 0.1 to 1 % a digit is said (unverified; SOURCES.md S14);
    the lower end, for four digits."""
    aged: Annotated[float, Field(ge=1)] = 1.5
    """Factor on slips and seconds for people above 60. That they differ is published, by how much
    is not (SOURCES.md S14): assumed."""
    cold: Share = 0.5
    """Share of watchers who key out of doors. Assumed."""
    cold_factor: Annotated[float, Field(ge=1)] = 1.4
    """Factor on their slips and seconds: assumed."""


@dataclass(frozen=True)
class Fallback:
    """What watchers do when the line is dead: shares of those who know of another way."""

    __pydantic_config__: ClassVar = STRICT

    trained: Share = 1.0
    """Share of watchers who know another way from the start."""
    told: Share = 1.0
    """Share of the others who are told of one on the day."""
    told_from: NotNegative = 3.5 * HOUR
    """When the first of them are told; 10 am, drill second 0 being 6:30. Some states told their
    volunteers to stop calling by 10 am (SOURCES.md S14)."""
    told_until: NotNegative = 5.0 * HOUR
    """When the last of them are told; 11:30 am. Assumed."""
    web: Share = 0.5
    """Share who key the codes on a web page. Assumed."""
    text: Share = 0.3
    """Share who text them to the app. Assumed. The rest phone headquarters, where agents key
    them."""
    at_once: Share = 0.0
    """Share of those who know another way from the start and take it at once, without a call:
    so that a drill tries the other ways even though the line holds."""
    codes_a_text: Annotated[int, Field(ge=1, le=30)] = 10
    """Codes in one message: with precinct and PIN they fit one of 160 characters."""

    def __post_init__(self) -> None:
        """Refuse shares and hours that cannot be.

        Raises:
            ValueError: If the shares are above 1 together, or the hours are out of order.
        """
        if self.web + self.text > 1 + 1e-9:
            raise ValueError(
                f"web={self.web:g} and text={self.text:g} are more than everybody: together they "
                "are at most 1; the rest phone headquarters."
            )
        if self.told_until < self.told_from:
            raise ValueError(
                f"told_until={self.told_until:g} comes before told_from={self.told_from:g}."
            )


@dataclass(frozen=True)
class Watching:
    """Poll watchers, their phone line, and headquarters' own phones on the same trunks."""

    __pydantic_config__: ClassVar = STRICT

    lines: Whole | None = 60
    """Calls that the strike line and headquarters' phones carry together; None for no limit.
    Assumed: nobody has published it."""
    rounds: tuple[NotNegative, ...] = tuple((1.5 + 2.0 * each) * HOUR for each in range(6))
    """When the clock says that it is time to call: 8 am and every two hours until 6 pm, drill
    second 0 being 6:30. That calls came at set times is published (SOURCES.md S14), the times are
    assumed."""
    spread_minutes: NotNegative = 30.0
    """Minutes after that within which watchers begin to phone, evenly. Assumed."""
    tries: Whole = 6
    """Calls to a busy or dead line in a round before a watcher gives up, or takes another way.
    Assumed."""
    asks_for_help: Share = 0.1
    """Share of watchers who phone the help line before their first round. Assumed."""
    help_seconds: Positive = 90.0
    """Mean seconds they stay on it, exponential. Assumed."""
    redial_seconds: Positive = 60.0
    """Mean seconds before a busy line is dialled again, exponential. Assumed: a busy signal is
    redialled sooner than a hotline that holds callers."""
    ring_seconds: Positive = 45.0
    """Seconds one listens to the ringing. Assumed."""
    tries_a_way: Whole = 4
    """Tries at one other way before the next one, or the next round. Assumed."""
    web_seconds: Positive = 4.0
    """Mean seconds to key one code on a web page. Assumed."""
    thumbs: Thumbs = Thumbs()
    """How they key."""
    fallback: Fallback = Fallback()
    """Their other ways."""
    out_of_service: tuple[tuple[NotNegative, NotNegative], ...] = ()
    """When the strike line is taken out of service, from and until, in drill seconds."""
    agents: Annotated[int, Field(ge=0)] = 8
    """People at headquarters who answer the phone. Assumed. 0: no such line."""
    walk_outs: tuple[WalkOut, ...] = ()
    """Of them, those who leave, for good or for a while. None are on record."""
    office_calls: Arrivals = OFFICES
    """Calls of field offices and staff to headquarters, on the same trunks."""
    agent_seconds: Positive = 2.5
    """Mean seconds in which an agent takes down and keys one code. Assumed: half of what a
    watcher needs outside."""
    greeting_seconds: NotNegative = 20.0
    """Seconds until an agent knows who calls. Assumed."""
    office_minutes: Positive = 4.0
    """Mean length of the calls of headquarters' own people, log-normal. Assumed."""
    office_redials: Annotated[int, Field(ge=0)] = 2
    """How often they try again when the line is busy. Assumed."""
    hold_minutes: Positive | None = 10.0
    """Mean minutes on hold at headquarters before one hangs up, exponential; None for as long as
    it takes. Assumed."""

    def __post_init__(self) -> None:
        """Refuse rounds out of order.

        Raises:
            ValueError: If there is no round, or one is not after the one before.
        """
        if not self.rounds or any(
            later <= earlier for earlier, later in zip(self.rounds, self.rounds[1:], strict=False)
        ):
            raise ValueError(
                f"rounds={list(self.rounds)}, but watchers call at least once, and each round "
                "comes after the one before."
            )
