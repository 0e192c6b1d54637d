"""The words of ``target.yaml`` for hostile visitors: what may be tried against it, and how.

Each try that is named is made while people play, by two accounts that nobody else uses. What the
words mean to their writers is in ``README.md``; what is done is in ``harness/hostile``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, field_validator, model_validator

from harness.target.flow_model import Flow, Part, Place, Seconds, Values

PerSecond = Annotated[float, Field(gt=0, le=1000)]
Few = Annotated[int, Field(ge=1, le=500)]
Junk = Literal[
    "half_json", "not_an_object", "deep_nesting", "huge_number", "nul", "invalid_utf8",
    "wrong_content_type", "long_names",
]  # fmt: skip
Upload = Literal["oversized", "wrong_type", "png_bomb", "svg_script", "path_in_name"]
Writes = Literal["submit_report", "amend_report"]
# Every try, in the order in which they are made: what may break the app comes late, and what waits
# for a time to be over comes last.
Kind = Literal[
    "foreign_read", "foreign_write", "forged_token", "old_token", "replayed_code", "fixed_session",
    "counted_ids", "mass_assignment", "guessed_codes", "slow_clients", "flood", "junk",
    "hostile_upload", "expired_token",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
JUNK: tuple[Junk, ...] = get_args(Junk)
UPLOADS: tuple[Upload, ...] = get_args(Upload)


class Reserved(Part):
    """An account of the intruder's, loaded with everybody else's and driven by nobody."""

    role: str = "chair"
    record: str
    codes: tuple[str, ...] = ()  # made up where they are not given
    fields: dict[str, str] = Field(default_factory=dict)  # further columns of the roster


class OldToken(Part):
    """Sign in, sign out, and go on with what signing in gave."""

    sign_out: Flow


class ExpiredToken(Part):
    """What signing in gave, used once more when its time is over."""

    sign_in: Flow | None = None  # one that asks for a short time; else as everybody signs in
    expires_in: str | None = None  # a capture of signing in: for how many seconds it lives
    lifetime_s: Seconds | None = None  # the same, where the app does not tell
    grace_s: Seconds = 1.0  # how much later the app may still take it

    @model_validator(mode="after")
    def _says_for_how_long(self) -> ExpiredToken:
        if (self.expires_in is None) == (self.lifetime_s is None):
            raise ValueError(
                "say for how long signing in lasts: expires_in, a capture of signing in that tells "
                "the seconds, or lifetime_s; one of them"
            )
        return self


class ForgedToken(Part):
    """What signing in gave, with a character of its proof changed."""


class AsRole(Flow):
    """A flow that a role of the description makes, such as ``admin``; else the intruder."""

    role: str | None = Field(default=None, alias="as")


class ReplayedCode(Part):
    """A code that is good for one sign-in, used twice."""

    get: AsRole  # captures what `use` needs
    use: Flow


class FixedSession(Part):
    """A session's name that was handed to somebody before they signed in."""

    cookie: str
    visit: Flow | None = None  # gives the cookie to somebody who has not signed in


class GuessedCodes(Part):
    """Wrong codes for one account, one after the other, at a stated pace."""

    tries: Few = 20  # within so many it must be slowed
    per_second: PerSecond = 20.0
    changes: Annotated[int, Field(ge=0, le=9)] = 1  # which of the codes is guessed, from 0
    # Whether the account's owner, on the device they signed in with before, gets in meanwhile.
    owner: Literal["gets_in", "may_wait"] = "gets_in"


class ForeignWrite(Part):
    """A write in another's name."""

    kinds: Annotated[tuple[Writes, ...], Field(min_length=1)] = ("submit_report",)


class ForeignRead(Part):
    """A read of what is another's, signed in as oneself and not at all."""


class CountedIds(Part):
    """Walking up and down from the id that the app gave to one's own write."""

    read: Flow  # {{ id }} is the id tried
    steps: Annotated[int, Field(ge=1, le=100)] = 10  # up and down, each


class MassAssignment(Part):
    """Fields that nobody offered, sent with an honest write."""

    fields: Annotated[Values, Field(min_length=1)]  # as {verified: true}
    within: str = ""  # name of the object in the body that they are put in; else the body itself
    read: AsRole  # how the record is read back; captures nothing
    places: Annotated[dict[str, Place], Field(min_length=1)]  # field: where it is in that answer
    write: Writes = "amend_report"

    @model_validator(mode="after")
    def _each_has_a_place(self) -> MassAssignment:
        if lacking := sorted(set(self.fields) - set(self.places)):
            raise ValueError(f"places says nothing of {lacking[0]}: where a reader would see it")
        return self


class JunkTries(Part):
    """Bodies that are none, in place of an honest one's."""

    of: str = "submit_report"
    kinds: Annotated[tuple[Junk, ...], Field(min_length=1)] = JUNK


class HostileUpload(Part):
    """Files that nobody should take."""

    of: str = "send_photo"
    field: str | None = None  # name of the file's part in a form; without one the file is the body
    largest_mb: Annotated[float, Field(gt=0, le=512)] = 10.0  # what the app says it takes
    kinds: Annotated[tuple[Upload, ...], Field(min_length=1)] = UPLOADS


class Crowding(Part):
    """What takes the app's room or time while an honest visitor looks how it is."""

    seconds: Annotated[float, Field(gt=0, le=60)] = 3.0
    within_s: Seconds = 2.0  # an honest visitor's answer takes at most so long meanwhile

    @model_validator(mode="after")
    def _stays_long_enough(self) -> Crowding:
        if self.seconds <= self.within_s:
            raise ValueError(
                f"seconds is {self.seconds:g} and within_s {self.within_s:g}, but the crowd must "
                "stay for longer than an honest visitor is to wait"
            )
        return self


class SlowClients(Crowding):
    """Connections that send a byte now and then, and never come to an end."""

    of: str = "submit_report"
    connections: Few = 60
    bytes_per_second: Annotated[float, Field(gt=0, le=100)] = 2.0


class Flood(Crowding):
    """Junk at a stated rate."""

    of: str = "submit_report"
    per_second: PerSecond = 100.0


class Hostile(Part):
    """What hostile visitors try."""

    own: Reserved
    other: Reserved
    per_second: PerSecond = 20.0  # tries a second, where a try names no pace of its own
    values: dict[str, int] = Field(default_factory=dict)  # cells of the honest writes; others are 0
    private: Flow | None = None  # what only the owner of row.record may see; else read_report
    old_token: OldToken | None = None
    expired_token: ExpiredToken | None = None
    forged_token: ForgedToken | None = None
    replayed_code: ReplayedCode | None = None
    fixed_session: FixedSession | None = None
    guessed_codes: GuessedCodes | None = None
    foreign_write: ForeignWrite | None = None
    foreign_read: ForeignRead | None = None
    counted_ids: CountedIds | None = None
    mass_assignment: MassAssignment | None = None
    slow_clients: SlowClients | None = None
    flood: Flood | None = None
    junk: JunkTries | None = None
    hostile_upload: HostileUpload | None = None

    @field_validator("other")
    @classmethod
    def _somebody_else(cls, other: Reserved, info: Any) -> Reserved:
        own = info.data.get("own")
        if own is not None and own.record == other.record:
            raise ValueError(f"other has the record of own, {own.record}: give it one of its own")
        return other

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The tries that are described, in the order in which they are made."""
        return tuple(kind for kind in KINDS if getattr(self, kind) is not None)
