"""Headquarters on election day: who phones it, and who answers. Durations are drill seconds."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from random import Random

from simulators.behaviours.protocol import (
    OK,
    Action,
    Answer,
    AnswerClass,
    Behaviour,
    Conversation,
    Dial,
    Keyed,
    SignIn,
    Submit,
    Wait,
)
from simulators.behaviours.sheet import HEADQUARTERS, Sheet
from simulators.people.draws import stream
from simulators.people.person import Person
from simulators.people.watching import Watching
from simulators.phones.hotline import Call

TRIES = 3  # at one code, or at signing in
PAUSE = (5.0, 20.0)  # seconds between two tries
SIGMA = 0.4  # of the logarithm of talk time, as on other lines (SOURCES.md S10)


def office(watching: Watching, rng: Random) -> Behaviour:
    """Somebody of a field office who needs headquarters: dials, and a few times more if busy."""
    hold = watching.hold_minutes
    for _ in range(1 + watching.office_redials):
        within = None if hold is None else rng.expovariate(1.0 / (60.0 * hold))
        answer = yield Dial(HEADQUARTERS, within=within)
        if answer.outcome is OK or answer.answer_class is AnswerClass.UNREACHABLE:
            return
        yield Wait(rng.expovariate(1.0 / watching.redial_seconds))


class Headquarters:
    """The people who answer at headquarters; agent n of the line is the n-th of them.

    They talk to field offices. A watcher reads out a sheet, and the agent keys it into the app's
    back office, faster than cold fingers could outside.

    Args:
        people: The agents, each with an account of their own.
        watching: How long they take.
        seed: With the caller, it decides how long a call takes.
        sheet: The sheet of a caller, by index; None for callers who have none.
    """

    def __init__(
        self,
        people: Sequence[Person],
        watching: Watching,
        seed: int,
        sheet: Callable[[int], Sheet | None],
    ) -> None:
        self._people = people
        self._watching = watching
        self._seed = seed
        self._sheet = sheet
        self._signed_in: set[int] = set()
        self._served: dict[int, int] = {}  # calls taken, by caller

    def take(
        self, agent: int, call: Call, report: Keyed | None
    ) -> tuple[Person, Conversation, float]:
        """Who answers, what they do while the caller is on the line, and no wrap-up."""
        person, sheet = self._people[agent], self._sheet(call.caller)
        served = self._served[call.caller] = self._served.get(call.caller, 0) + 1
        rng = stream(self._seed, "headquarters", call.caller, served)
        talk = self._talk(rng) if sheet is None else self._key(person, sheet, rng)
        return person, talk, 0.0

    def _talk(self, rng: Random) -> Conversation:
        # A log-normal of this mean: its median is lower by exp(sigma^2 / 2).
        median = 60.0 * self._watching.office_minutes * math.exp(-(SIGMA**2) / 2.0)
        yield Wait(median * rng.lognormvariate(0.0, SIGMA))
        return None

    def _key(self, person: Person, sheet: Sheet, rng: Random) -> Conversation:
        """Take the sheet down and key it, code by code."""
        yield Wait(self._watching.greeting_seconds)
        for line in sheet:
            report = sheet.keyed(line.record, "hotline")
            yield Wait(rng.expovariate(1.0 / self._watching.agent_seconds))
            for _ in range(TRIES):
                if not (yield from self._sign_in(person, rng)):
                    return None  # the app is not there: the caller will call again
                answer = yield Submit(report, within=person.patience)
                if answer.outcome is OK or answer.answer_class is AnswerClass.REFUSED:
                    sheet.strike(line)
                    break
                if answer.answer_class is AnswerClass.AUTH_EXPIRED:
                    self._signed_in.discard(person.index)
                else:
                    yield Wait(rng.uniform(*PAUSE))
        return None

    def _sign_in(self, person: Person, rng: Random) -> Generator[Action, Answer, bool]:
        """Sign in, where that has not been done: whether the agent is in."""
        for _ in range(TRIES):
            if person.index in self._signed_in:
                return True
            answer = yield SignIn(person.codes, within=person.patience)
            if answer.outcome is OK:
                self._signed_in.add(person.index)
            else:
                yield Wait(rng.uniform(*PAUSE))
        return person.index in self._signed_in
