"""The cast: which people a night is played with, and how they err, persist and give up.

Every number says where it comes from: a source, ``fitted`` (chosen so that a published figure
comes out) or ``assumed`` (nobody has published it). Sources are sections of
simulators/data/SOURCES.md unless named. Drill time unless a name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from simulators.people.campaigning import Campaigning
from simulators.people.personas.dealing import Personas
from simulators.people.shifts import Shift, WalkOut
from simulators.people.watching import Watching
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
    paper: Share = 0.00037
    """Keyed by a reader from a photo of the sheet: 0.37 in 1,000 fields (Paulsen et al., PLoS ONE
    2012; SOURCES.md S7)."""
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
    photo_at_once: Share = 0.0
    """Share of those with a working app who send a photo to be read, and neither use it nor phone.
    Assumed to be none, unless a night says otherwise."""
    mails_photo: Share = 0.0
    """Share of those who phone who also send a photo to the inbox before they dial. Iowa 2020 had
    some 700 (SOURCES.md S4); none unless a night says otherwise."""
    photo: Share = 0.3
    """Share who send a photo of the signed worksheet by the app, their report being in. Assumed."""
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
    inbox_after: Whole = 5
    """Calls in vain after which a chair sends a photo or a text instead, if they are one who does.
    Assumed."""
    then_photo: Share = 0.0
    """Share of chairs who then send a photo of the sheet and leave it at that. Assumed to be none,
    unless a night says otherwise."""
    then_text: Share = 0.0
    """Share of chairs who then text the numbers and leave it at that. As ``then_photo``."""

    def __post_init__(self) -> None:
        """Refuse shares that leave nobody to go on phoning by being more than all.

        Raises:
            ValueError: If ``then_photo`` and ``then_text`` come to more than 1.
        """
        if self.then_photo + self.then_text > 1:
            raise ValueError(
                f"then_photo={self.then_photo:g} and then_text={self.then_text:g} are shares of "
                "the same chairs: together at most 1."
            )


@dataclass(frozen=True)
class Pests:
    """Nuisance callers of one kind."""

    __pydantic_config__: ClassVar = STRICT

    share: Share
    """Share of nuisance callers who are of this kind."""
    talk_seconds: Positive
    """Mean length of their calls once answered, exponential."""
    hold_minutes: Positive | None
    """Mean patience on hold, exponential; None for as long as it takes."""
    calls: Annotated[float, Field(ge=1)]
    """Mean number of calls each of them makes, geometric."""
    redial_minutes: Positive
    """Mean minutes before they dial again, exponential."""


# The kinds are those that were told of (SOURCES.md S4). Every number is assumed, but for the
# talk: operators hung up after the first few words.
SILENT = Pests(share=0.4, talk_seconds=4.0, hold_minutes=20.0, calls=4.0, redial_minutes=5.0)
MESSAGE = Pests(share=0.3, talk_seconds=20.0, hold_minutes=60.0, calls=2.0, redial_minutes=10.0)
ABUSE = Pests(share=0.3, talk_seconds=20.0, hold_minutes=60.0, calls=3.0, redial_minutes=5.0)


@dataclass(frozen=True)
class Nuisance:
    """Who calls only to block the line or to be heard. Shares are of all of them."""

    __pydantic_config__: ClassVar = STRICT

    silent: Pests = SILENT
    """They hang up as soon as somebody answers."""
    message: Pests = MESSAGE
    """They have a message of their own to tell."""
    abuse: Pests = ABUSE
    """They insult whoever answers."""
    withheld: Share = 0.2
    """Share who withhold their number, so that it cannot be barred. Assumed."""

    def __post_init__(self) -> None:
        """Refuse kinds that are not everybody.

        Raises:
            ValueError: If the three shares do not come to 1.
        """
        total = self.silent.share + self.message.share + self.abuse.share
        if abs(total - 1.0) > 1e-6:
            raise ValueError(
                f"the shares of silent, message and abuse come to {total:g}; they must come to 1."
            )


@dataclass(frozen=True)
class Staffing:
    """The people behind the results hotline."""

    __pydantic_config__: ClassVar = STRICT

    agents: Annotated[int, Field(ge=0)] = 50
    """People who answer: about 50 stations (Des Moines Register, SOURCES.md S4). 0: no line."""
    shifts: tuple[Shift, ...] = ()
    """Who works when, with breaks; the people of all shifts together take the place of ``agents``.
    Without any, all agents are there all night: nothing else is on record."""
    walk_outs: tuple[WalkOut, ...] = ()
    """Agents who leave, for good or for a while. None are on record."""
    trunks: Whole | None = None
    """Calls the line carries, held and answered; None for no limit. The 85 lines were the
    room's; callers held at the phone company: fitted (SOURCES.md S12)."""
    waiting_room: Annotated[int, Field(ge=0)] | None = None
    """Callers who can hold at once; the next one is turned away. None for no limit: fitted like
    ``trunks``."""
    call_back_minutes: Positive | None = None
    """Minutes on hold after which callers are offered to be phoned back in their turn; None for no
    such offer. None: nobody tells of one."""
    call_back_share: Share = 0.6
    """Share of callers who take that offer. Assumed."""
    away: Share = 0.0
    """Share of callers held for ten minutes or more who are not at the phone when somebody
    answers. One is on record (SOURCES.md S4); none unless a night says otherwise."""
    silence_seconds: Positive = 10.0
    """Seconds of silence after which an agent hangs up: within seconds (SOURCES.md S4); the value
    is assumed."""
    cut_off: Share = 0.0
    """Share of answered calls that the network cuts in the middle of the talk. Some were cut off
    (SOURCES.md S4); none unless a night says otherwise."""
    barred_after: Whole | None = None
    """Nuisance calls from one number after which it is barred; None for never. Repeat numbers
    were, in 2020 (SOURCES.md S4)."""
    talk_minutes: Positive = 5.0
    """Mean length of a call that reports. Assumed: people who were trained to read out a sheet are
    a minute slower than touch-tone, 4 min (SOURCES.md S5)."""
    talk_sigma: Positive = 0.4
    """Standard deviation of the logarithm of talk time: log-normal (Brown et al., JASA 2005;
    SOURCES.md S10); the value is assumed."""
    help_minutes: Positive = 5.0
    """Mean length of a call for help, of the same shape. Assumed like a report's."""
    wrap_up_seconds: NotNegative = 15.0
    """Seconds after a call before the next one. Assumed."""
    tries: Whole = 240
    """Tries an operator makes to key one report: it is on paper, so many. Assumed: with the delay
    below some four hours, the evening."""
    retry_delay: Positive = 60.0
    """Mean drill seconds between an operator's tries. Assumed."""

    @property
    def people(self) -> int:
        """Agents of all shifts together."""
        return sum(shift.agents for shift in self.shifts) if self.shifts else self.agents


@dataclass(frozen=True)
class Inbox:
    """An inbox of photos or texts, and the people who read it and key what they read."""

    __pydantic_config__: ClassVar = STRICT

    readers: Annotated[int, Field(ge=0)] = 0
    """People who read. 0: what comes stays unread."""
    begins: NotNegative = 0.0
    """Drill second at which they begin."""
    walk_outs: tuple[WalkOut, ...] = ()
    """Readers who leave, for good or for a while. None are on record."""
    read_minutes: Positive = 5.0
    """Mean minutes to read one and write it down. Assumed: as long as a call that reports."""
    read_sigma: Positive = 0.4
    """Standard deviation of the logarithm of that time, log-normal. Assumed as for talk."""
    tries: Whole = 240
    """Tries a reader makes to key one report. Assumed as for operators."""
    retry_delay: Positive = 60.0
    """Mean drill seconds between those tries. Assumed."""


@dataclass(frozen=True)
class Untrained:
    """People whom nobody has trained after all, of those who come from ``begins`` to ``ends``."""

    __pydantic_config__: ClassVar = STRICT

    begins: NotNegative
    """Drill second from which on they come."""
    ends: Positive
    """Drill second until which they come."""
    share: Annotated[float, Field(gt=0, le=1)]
    """Share of those who were to be trained."""


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
    untrained: tuple[Untrained, ...] = ()
    """Who was to be trained, and was not. None, unless an inject of the scenario says so."""
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
    photos: Inbox = Inbox()
    """Who reads the photos that are sent in."""
    texts: Inbox = Inbox()
    """Who reads the texts that are sent in."""
    nuisance: Nuisance = Nuisance()
    """What nuisance callers are like."""
    caller_minutes: Positive | None = None
    """Mean patience of callers for help, exponential; None for no limit. None: the fit of A1 to
    A3 has no abandonment (SOURCES.md S12)."""
    help_calls: Arrivals | None = None
    """Calls for help, if not as the night's traffic says."""
    nuisance_calls: Arrivals | None = None
    """Nuisance calls, if not as the night's traffic says."""
    personas: Personas = field(default_factory=Personas)
    """Who of the personas walks the app's pages in a browser."""
    watchers: Watching = field(default_factory=Watching)
    """Poll watchers and their lines, on an election day of voter lists."""
    campaigning: Campaigning = field(default_factory=Campaigning)
    """Who works for the campaign, on a day of a campaign's hub."""
    reports: ReportCurve | None = None
    """When reports are ready, if not as the night's traffic says."""
    end: Positive | None = None
    """Drill second at which the drill ends for this cast, if not as the night's hours say."""
