"""The people behind the hotline: they listen, write it down, and key it until it is in.

Durations are drill seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random

from simulators.behaviours.keyer import Keyer
from simulators.behaviours.nuisance import pests_of, withholds
from simulators.behaviours.protocol import Conversation, Keyed, Wait
from simulators.people.cast import Nuisance, Staffing
from simulators.people.draws import stream
from simulators.people.person import Person
from simulators.phones.hotline import Call

AWAY_AFTER = 600.0
"""Drill seconds on hold after which a caller may have put the phone down. Assumed."""


class Desk:
    """Everybody on duty at the hotline; agent n of the line is the n-th of them.

    Args:
        people: The operators, each with an account of their own.
        staffing: How long they talk and how long they try.
        seed: With the caller, it decides how long a call takes.
        role: Tells a caller's role from their index in the plan.
        nuisance: What nuisance callers are like.
    """

    def __init__(
        self,
        people: Sequence[Person],
        staffing: Staffing,
        seed: int,
        role: Callable[[int], str],
        nuisance: Nuisance | None = None,
    ) -> None:
        self._people = people
        self._staffing = staffing
        self._seed = seed
        self._role = role
        self._nuisance = nuisance or Nuisance()
        self._keyer = Keyer(staffing.tries, staffing.retry_delay)
        self._taken: dict[int, int] = {}  # calls taken, by caller
        self._barred: set[int] = set()

    def take(
        self, agent: int, call: Call, report: Keyed | None
    ) -> tuple[Person, Conversation, float]:
        """Who answers, what they do while the caller is on the line, and seconds of wrap-up."""
        person, staffing = self._people[agent], self._staffing
        taken = self._taken[call.caller] = self._taken.get(call.caller, 0) + 1
        rng = stream(self._seed, "call", call.caller, taken)
        nuisance = report is None and self._role(call.caller) == "nuisance"
        talk = self._nuisance_talk(call.caller, rng) if nuisance else self._talk(report, rng)
        conversation: Conversation
        if nuisance:
            self._note(call.caller, taken)
            conversation = _listen(talk)
        elif call.held >= AWAY_AFTER and rng.random() < staffing.away:
            conversation = _cut(staffing.silence_seconds, "silent")
        elif staffing.cut_off and rng.random() < staffing.cut_off:
            conversation = _cut(talk * rng.random(), "dropped")
        elif report is None:
            conversation = _listen(talk)
        else:
            conversation = self._keyer.key(person, report, talk, rng)
        return person, conversation, staffing.wrap_up_seconds

    def bars(self, caller: int) -> bool:
        """Whether this caller's number has been barred."""
        return caller in self._barred

    def _note(self, caller: int, taken: int) -> None:
        """Bar the number of somebody who has been a nuisance often enough, if it shows."""
        limit = self._staffing.barred_after
        often = limit is not None and taken >= limit
        if often and not withholds(self._nuisance, self._seed, caller):
            self._barred.add(caller)

    def _nuisance_talk(self, caller: int, rng: Random) -> float:
        return rng.expovariate(1.0 / pests_of(self._nuisance, self._seed, caller).talk_seconds)

    def _talk(self, report: Keyed | None, rng: Random) -> float:
        staffing = self._staffing
        minutes = staffing.help_minutes if report is None else staffing.talk_minutes
        return lognormal(minutes * 60.0, staffing.talk_sigma, rng)


def lognormal(mean: float, sigma: float, rng: Random) -> float:
    """A log-normal draw of this mean: its median is lower by exp(sigma^2 / 2)."""
    return mean * math.exp(-(sigma**2) / 2.0) * rng.lognormvariate(0.0, sigma)


def _listen(talk: float) -> Conversation:
    yield Wait(talk)
    return None


def _cut(after: float, cause: str) -> Conversation:
    """The call ends before anything is said or written down."""
    yield Wait(after)
    return cause
