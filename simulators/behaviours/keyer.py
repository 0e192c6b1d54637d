"""Keying what is on paper: one's own account, signed in once, and tries until it is in.

Durations are drill seconds.
"""

from __future__ import annotations

from random import Random

from simulators.behaviours.protocol import (
    OK,
    AnswerClass,
    Conversation,
    Keyed,
    SignIn,
    Submit,
    Wait,
)
from simulators.people.person import Person


class Keyer:
    """Keys reports for the people of one room, and knows who of them is signed in.

    Args:
        tries: Tries at one report.
        retry_delay: Mean drill seconds between two tries.
    """

    def __init__(self, tries: int, retry_delay: float) -> None:
        self._tries = tries
        self._retry_delay = retry_delay
        self._signed_in: set[int] = set()

    def key(self, person: Person, report: Keyed, first: float, rng: Random) -> Conversation:
        """Take the report down for ``first`` seconds, then key it.

        It is on paper by then, so there is no hurry to give up.
        """
        yield Wait(first)
        submit = Submit(report, within=person.patience)
        for _ in range(self._tries):
            if person.index not in self._signed_in:
                answer = yield SignIn(person.codes, within=person.patience)
                if answer.outcome is not OK:
                    yield Wait(self._pause(rng))
                    continue
                self._signed_in.add(person.index)
            answer = yield submit
            if answer.outcome is OK or answer.answer_class is AnswerClass.REFUSED:
                return None
            if answer.answer_class is AnswerClass.AUTH_EXPIRED:
                self._signed_in.discard(person.index)
            else:
                yield Wait(self._pause(rng))
        return None

    def _pause(self, rng: Random) -> float:
        return self._retry_delay * rng.uniform(0.5, 1.5)
