"""The behaviour protocol: what a person may do next, and what may come of it.

A behaviour is a generator. It yields one action and is sent one :class:`Answer`. It never sees
a socket or a clock, so the same behaviour plays in virtual time against a model
(``simulators.virtual``) and in real time against a live target (``harness.engine``).

Durations between attempts (``Wait``, patience on a phone line) are drill seconds. How long a
person looks at a spinner (``within`` of everything but ``Dial`` and ``Call``) is wall seconds.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import field
from enum import StrEnum

from simulators.quick import record


class Outcome(StrEnum):
    """What can be known of an operation once it is over."""

    OK = "ok"  # the app said yes
    REFUSED = "refused"  # it said no for certain, or was never reached
    UNKNOWN = "unknown"  # nobody can tell: time-out, reset, 5xx after the request was sent


class AnswerClass(StrEnum):
    """How a target answered; each class has one outcome."""

    ACCEPTED = "accepted"
    ALREADY_HAVE_IT = "already_have_it"
    REFUSED = "refused"
    RETRY = "retry"
    RATE_LIMITED = "rate_limited"
    AUTH_EXPIRED = "auth_expired"
    LOCKED_OUT = "locked_out"
    UNREACHABLE = "unreachable"  # connection refused before any byte left
    SHED = "shed"  # held back by the generator's own in-flight bound: never sent
    SERVER_ERROR = "server_error"
    NO_ANSWER = "no_answer"  # time-out, reset, truncated
    UNMATCHED = "unmatched"  # no rule of the target's description fits

    @property
    def outcome(self) -> Outcome:
        """The outcome this class of answer leaves.

        Example:
            >>> AnswerClass.RATE_LIMITED.outcome
            <Outcome.REFUSED: 'refused'>
        """
        return _OUTCOMES[self]


_OUTCOMES = {
    AnswerClass.ACCEPTED: Outcome.OK,
    AnswerClass.ALREADY_HAVE_IT: Outcome.OK,
    AnswerClass.REFUSED: Outcome.REFUSED,
    AnswerClass.RETRY: Outcome.REFUSED,
    AnswerClass.RATE_LIMITED: Outcome.REFUSED,
    AnswerClass.AUTH_EXPIRED: Outcome.REFUSED,
    AnswerClass.LOCKED_OUT: Outcome.REFUSED,
    AnswerClass.UNREACHABLE: Outcome.REFUSED,
    AnswerClass.SHED: Outcome.REFUSED,
    AnswerClass.SERVER_ERROR: Outcome.UNKNOWN,
    AnswerClass.NO_ANSWER: Outcome.UNKNOWN,
    AnswerClass.UNMATCHED: Outcome.UNKNOWN,
}


@record(frozen=True, slots=True)
class Keyed:
    """A report as somebody keyed it: what is sent, and what the app must then hold.

    Attributes:
        record: Key of the precinct or satellite it was keyed for, as typed.
        version: 1 for the first report of a record, then 2, 3, ... for re-keyed ones.
        values: One whole number a field, in the order of the world's ``fields``.
        operation: The operation key. A retry carries the same key and the same values.
    """

    record: str
    version: int
    values: tuple[int, ...]
    operation: str


@record(frozen=True, slots=True)
class SignIn:
    """Sign in with the codes as typed, in the order precinct ID, PIN, security code.

    ``helped``: somebody on the phone has just told them what to do.
    """

    codes: tuple[str, ...]
    within: float | None = None
    helped: bool = False


@record(frozen=True, slots=True)
class Submit:
    """Send a report. ``taps=2`` sends the same operation twice at once: a double tap.

    ``helped``: somebody on the phone has just told them what to do.
    """

    report: Keyed
    taps: int = 1
    within: float | None = None
    helped: bool = False


@record(frozen=True, slots=True)
class Amend:
    """Send a corrected report: a new version with an operation key of its own."""

    report: Keyed
    within: float | None = None


@record(frozen=True, slots=True)
class Read:
    """Look at something of the target's: ``results`` (public) or ``report`` (one's own)."""

    what: str
    record: str = ""
    within: float | None = None


@record(frozen=True, slots=True)
class Send:
    """Send something that is not keyed: a ``photo`` of the worksheet or a ``text``."""

    what: str
    record: str
    operation: str
    within: float | None = None


@record(frozen=True, slots=True)
class Dial:
    """Phone a line and hold. The operator who answers keys ``report``, if there is one.

    ``meanwhile`` is tried on the app while holding; if it succeeds the caller hangs up.
    ``within`` is patience: drill seconds until the caller hangs up, None for hours.
    """

    line: str
    report: Keyed | None = None
    meanwhile: Submit | None = None
    within: float | None = None


@record(frozen=True, slots=True)
class Call:
    """Phone a line that the app itself answers: a voice menu.

    Until :class:`HangUp`, the caller's ``SignIn`` and ``Submit`` are keyed inside this call, on
    channel ``voice``. Once the call has dropped, each later one is answered refused, class
    ``unreachable``, detail ``cut off``; the caller then redials. A retry in another call carries
    the same operation key.

    Answered ok once connected; refused, detail ``busy``; unknown, detail ``no answer``.
    ``within`` is how many drill seconds one listens to the ringing before giving up.
    """

    line: str
    within: float | None = None


@record(frozen=True, slots=True)
class HangUp:
    """End the call that one is in; answered ok at once, also where there is none any more."""


@record(frozen=True, slots=True)
class Text:
    """Text reports to the app's number: one message carries them all, taken whole or not at all.

    ``within`` is how many wall seconds one waits for the reply.
    """

    line: str
    reports: tuple[Keyed, ...]
    within: float | None = None


@record(frozen=True, slots=True)
class Leave:
    """Send something to an inbox that people read later: a photo of the sheet, a text.

    Answered ok at once; a reader keys ``report`` when they get to it.
    """

    inbox: str
    report: Keyed


@record(frozen=True, slots=True)
class Wait:
    """Let drill time pass: thinking, retrying later, talking, the meeting itself."""

    seconds: float


Action = SignIn | Submit | Amend | Read | Send | Dial | Call | HangUp | Text | Leave | Wait


@record(frozen=True, slots=True)
class Answer:
    """What came of one action.

    Attributes:
        outcome: ``ok``, ``refused`` or ``unknown``.
        answer_class: How the target answered, in the vocabulary of :class:`AnswerClass`.
        waited: Drill seconds from the action to its answer.
        detail: What a person would see or hear, in a few words (``"busy"``, ``"cut off"``).
    """

    outcome: Outcome
    answer_class: AnswerClass
    waited: float = 0.0
    detail: str = field(default="", compare=False)


Behaviour = Generator[Action, Answer, None]

Conversation = Generator[Action, Answer, str | None]
"""What an operator does with one caller. It returns the cause with which the call ends, such as
``silent``; None if the caller was served."""

OK = Outcome.OK
REFUSED = Outcome.REFUSED
UNKNOWN = Outcome.UNKNOWN
WAITED = Answer(Outcome.OK, AnswerClass.ACCEPTED)
CUT_OFF = "cut off"  # detail of the answer to those whose call ended under them
