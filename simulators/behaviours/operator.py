"""The people behind the hotline: they listen, write it down, and key it until it is in.

Durations are drill seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random

from simulators.behaviours.protocol import OK, AnswerClass, Behaviour, Keyed, SignIn, Submit, Wait
from simulators.people.cast import Staffing
from simulators.people.draws import stream
from simulators.people.person import Person
from simulators.phones.hotline import Call


class Desk:
    """Everybody on duty at the hotline; agent n of the line is the n-th of them.

    Args:
        people: The operators, each with an account of their own.
        staffing: How long they talk and how long they try.
        seed: With the caller, it decides how long a call takes.
        role: Tells a caller's role from their index in the plan.
    """

    def __init__(
        self,
        people: Sequence[Person],
        staffing: Staffing,
        seed: int,
        role: Callable[[int], str],
    ) -> None:
        self._people = people
        self._staffing = staffing
        self._seed = seed
        self._role = role
        self._signed_in: set[int] = set()
        self._served: dict[int, int] = {}  # calls taken, by caller

    def take(self, agent: int, call: Call, report: Keyed | None) -> tuple[Person, Behaviour, float]:
        """Who answers, what they do while the caller is on the line, and seconds of wrap-up."""
        person = self._people[agent]
        served = self._served[call.caller] = self._served.get(call.caller, 0) + 1
        rng = stream(self._seed, "call", call.caller, served)
        talk = self._talk(report, call.caller, rng)
        if report is None:
            return person, _listen(talk), self._staffing.wrap_up_seconds
        return person, self._key(person, report, talk, rng), self._staffing.wrap_up_seconds

    def _talk(self, report: Keyed | None, caller: int, rng: Random) -> float:
        staffing = self._staffing
        if report is None and self._role(caller) == "nuisance":
            return rng.expovariate(1.0 / staffing.nuisance_seconds)
        minutes = staffing.help_minutes if report is None else staffing.talk_minutes
        # A log-normal of this mean: its median is lower by exp(sigma^2 / 2).
        median = minutes * 60.0 * math.exp(-(staffing.talk_sigma**2) / 2.0)
        return median * rng.lognormvariate(0.0, staffing.talk_sigma)

    def _key(self, person: Person, report: Keyed, talk: float, rng: Random) -> Behaviour:
        """Take the report down, then key it: it is on paper, so there is no hurry to give up."""
        yield Wait(talk)
        submit = Submit(report, within=person.patience)
        for _ in range(self._staffing.tries):
            if person.index not in self._signed_in:
                answer = yield SignIn(person.codes, within=person.patience)
                if answer.outcome is not OK:
                    yield Wait(self._pause(rng))
                    continue
                self._signed_in.add(person.index)
            answer = yield submit
            if answer.outcome is OK or answer.answer_class is AnswerClass.REFUSED:
                return
            if answer.answer_class is AnswerClass.AUTH_EXPIRED:
                self._signed_in.discard(person.index)
            else:
                yield Wait(self._pause(rng))

    def _pause(self, rng: Random) -> float:
        return self._staffing.retry_delay * rng.uniform(0.5, 1.5)


def _listen(talk: float) -> Behaviour:
    yield Wait(talk)
