"""The cast: which people a night is played with, and how they err, persist and give up.

Every number says where it comes from: a source, ``fitted`` (chosen so that a published figure
comes out) or ``assumed`` (nobody has published it). Sources are sections of
simulators/data/SOURCES.md unless named. Drill time unless a name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from simulators.traffic.arrivals import Arrivals
from simulators.traffic.report_curve import ReportCurve, Share

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Whole = Annotated[int, Field(ge=1)]
STRICT = ConfigDict(extra="forbid", use_attribute_docstrings=True)


@dataclass(frozen=True)
class Codes:
    """How the three six-digit codes get mistyped at sign-in."""

    __pydantic_config__: ClassVar = STRICT

    swapped: Share = 0.03
    """Share of chairs who first type the precinct ID in the PIN box. Many did (SOURCES.md S2);
    the share is assumed."""
    mistyped: Share = 0.03
    """Share of chairs who first mistype a digit. 2 to 4 % a try (unverified; SOURCES.md S8)."""
    wrong_again: Share = 0.30
    """Chance that the second try is wrong too (assumed; SOURCES.md S8); the third is right."""


@dataclass(frozen=True)
class Keying:
    """Entry errors, for each number on the worksheet that is not zero."""

    __pydantic_config__: ClassVar = STRICT

    form: Share = 0.042
    """On a phone's form: 4.2 % an item (Patnaik, Brunskill, Thies, ICTD 2009; SOURCES.md S7)."""
    voice: Share = 0.0045
    """Read out to a live operator: 0.45 % an item (same)."""
    untrained: Annotated[float, Field(ge=1)] = 1.9
    """Factor on ``form`` for people without training: 31.4 to 16.4, of another skill
    (SOURCES.md S8)."""
    noticed: Share = 0.07
    """Share of wrong reports whose chair notices and sends a correction that night. Assumed."""


@dataclass(frozen=True)
class Habits:
    """What people do besides reporting."""

    __pydantic_config__: ClassVar = STRICT

    double_tap: Share = 0.03
    """Share who tap the send button twice. Assumed."""
    wrong_precinct: Share = 0.005
    """Share who first type another precinct's key, among those who report in the later half of the
    evening. Reports copied to another precinct were found at 0.2 % of sites (SOURCES.md S6); how
    many were refused nobody knows: assumed."""
    phones_at_once: Share = 0.02
    """Share of those with a working app who phone all the same: some counties advised it
    (SOURCES.md S3). The share is assumed; it also means that every rehearsal tries the phones."""
    photo: Share = 0.3
    """Share who send a photo of the signed worksheet. Assumed."""
    reads_back: Share = 0.2
    """Share who look at their own report once it is in. Assumed."""
    tries_on_hold: Share = 0.5
    """Share of callers who try the app again every five minutes while they hold. Assumed."""


@dataclass(frozen=True)
class Persistence:
    """How long people go on with an app that does not answer."""

    __pydantic_config__: ClassVar = STRICT

    tries: Whole = 8
    """Tries at one thing before the phone is picked up. Assumed: with the delays below it is
    about 20 minutes, what chairs are told in training."""
    first_delay: Positive = 30.0
    """Mean drill seconds before the second try; each further delay doubles. Assumed."""
    longest_delay: Positive = 300.0
    """Mean drill seconds that no delay exceeds. Assumed."""
    patience_wall_seconds: Positive = 10.0
    """Median wall seconds people look at a spinner, log-normal, cut at half and double: taps
    again at 8 s, reloads at 20 s (assumed; SOURCES.md S8)."""
    redial_delay: Positive = 180.0
    """Mean drill seconds before a busy or broken line is dialled again. Assumed (SOURCES.md
    S10)."""
    redials: Whole = 40
    """Calls before a chair gives up altogether. Chairs held for hours and came back (SOURCES.md
    S10): assumed to be many."""
    hold_minutes: Positive | None = None
    """Mean patience on hold, exponential; None for as long as it takes (SOURCES.md S10)."""


@dataclass(frozen=True)
class Staffing:
    """The people behind the results hotline."""

    __pydantic_config__: ClassVar = STRICT

    agents: Annotated[int, Field(ge=0)] = 50
    """People who answer: about 50 stations (Des Moines Register, SOURCES.md S4). 0: no line."""
    trunks: Whole | None = None
    """Calls the line carries, held and answered; None for no limit. The 85 lines were the
    room's; callers held at the phone company: fitted (SOURCES.md S12)."""
    talk_minutes: Positive = 5.0
    """Mean length of a call that reports. Assumed: people who were trained to read out a sheet are
    a minute slower than touch-tone, 4 min (SOURCES.md S5)."""
    talk_sigma: Positive = 0.4
    """Standard deviation of the logarithm of talk time: log-normal (Brown et al., JASA 2005;
    SOURCES.md S10); the value is assumed."""
    help_minutes: Positive = 5.0
    """Mean length of a call for help, of the same shape. Assumed like a report's."""
    nuisance_seconds: Positive = 20.0
    """Mean length of a nuisance call, exponential: hung up after the first words (SOURCES.md S4);
    the value is assumed."""
    wrap_up_seconds: NotNegative = 15.0
    """Seconds after a call before the next one. Assumed."""
    tries: Whole = 240
    """Tries an operator makes to key one report: it is on paper, so many. Assumed: with the delay
    below some four hours, the evening."""
    retry_delay: Positive = 60.0
    """Mean drill seconds between an operator's tries. Assumed."""


@dataclass(frozen=True)
class Cast:
    """Who plays the night."""

    __pydantic_config__: ClassVar = STRICT

    about: str = ""
    """One sentence on who these people are."""
    ready: Share = 1.0
    """Share of chairs for whom the app works."""
    trained: Share = 1.0
    """Share of chairs trained with the app, spread evenly over ready and not ready."""
    untrained_give_up: Share = 0.5
    """Share of untrained chairs with a working app who never get through it. Assumed."""
    struggle_minutes: NotNegative = 8.0
    """Mean minutes, exponential, that a chair without a way through the app fights it before
    dialling. Fitted to anchors A1 to A3 (SOURCES.md S12)."""
    weak_network: Share = 0.1
    """Share of sites with a weak signal. Assumed (SOURCES.md S2 has one account)."""
    codes: Codes = Codes()
    """Slips at sign-in."""
    keying: Keying = Keying()
    """Entry errors."""
    habits: Habits = Habits()
    """What people do besides."""
    persistence: Persistence = Persistence()
    """Retries, patience, redials."""
    hotline: Staffing = Staffing()
    """Who answers the phone."""
    caller_minutes: Positive | None = None
    """Mean patience of callers who have nothing to report, exponential; None for no limit.
    None: the fit of A1 to A3 has no abandonment (SOURCES.md S12)."""
    help_calls: Arrivals | None = None
    """Calls for help, if not as the night's traffic says."""
    nuisance_calls: Arrivals | None = None
    """Nuisance calls, if not as the night's traffic says."""
    reports: ReportCurve | None = None
    """When reports are ready, if not as the night's traffic says."""
    end: Positive | None = None
    """Drill second at which the drill ends for this cast, if not as the night's hours say."""
