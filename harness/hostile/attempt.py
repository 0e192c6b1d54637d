"""One hostile try, and what the app's answer makes of it."""

from __future__ import annotations

from dataclasses import dataclass

from harness.target.wire import Answered
from simulators.behaviours.protocol import AnswerClass, Outcome

LET_IN, HARMED, REFUSED, SLOWED, UNKNOWN = "let_in", "harmed", "refused", "slowed", "unknown"
_SLOWED = (AnswerClass.LOCKED_OUT, AnswerClass.RATE_LIMITED)


@dataclass(frozen=True)
class Attempt:
    """One try.

    Attributes:
        outcome: ``refused``, ``slowed``, ``let_in``, ``harmed`` or ``unknown``.
        who: The account that was used, or meant; empty for a stranger.
        record: What it was aimed at.
        status: HTTP status of the deciding answer, 0 if none came.
        took: Wall seconds.
    """

    outcome: str
    who: str = ""
    record: str = ""
    status: int = 0
    detail: str = ""
    took: float = 0.0

    @property
    def decided(self) -> bool:
        """Whether it says that the app did as it should, or let somebody in."""
        return self.outcome not in (UNKNOWN, HARMED)


def outcome_of(answered: Answered) -> str:
    """What an answer to something that must not be done says of the app.

    A refusal may come as any 4xx: an app need not describe what nobody should send. Who is told
    to come again has learnt nothing: a database that is away is no defence.
    """
    sort, status = answered.answer_class, answered.status
    if sort.outcome is Outcome.OK:
        return LET_IN
    if sort in _SLOWED or status in (423, 429):
        return SLOWED
    if sort is AnswerClass.RETRY:
        return UNKNOWN
    if status >= 500:
        return HARMED
    if sort in (AnswerClass.REFUSED, AnswerClass.AUTH_EXPIRED) or 400 <= status < 500:
        return REFUSED
    return UNKNOWN


def says(answered: Answered) -> str:
    """An answer in a few words."""
    if answered.detail:
        return answered.detail
    if answered.answer_class.outcome is Outcome.OK:
        return "the app said yes"
    return str(answered.answer_class).replace("_", " ")
