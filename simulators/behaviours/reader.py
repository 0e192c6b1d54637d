"""The people behind an inbox: they read what was sent and key it. Durations are drill seconds."""

from __future__ import annotations

from collections.abc import Sequence

from simulators.behaviours.keyer import Keyer
from simulators.behaviours.operator import lognormal
from simulators.behaviours.protocol import Conversation, Keyed
from simulators.people.cast import Inbox
from simulators.people.draws import stream
from simulators.people.person import Person
from simulators.phones.hotline import Call


class ReadingRoom:
    """Everybody who reads one inbox; agent n of it is the n-th of them.

    Args:
        people: The readers, each with an account of their own.
        inbox: How long they read and how long they try.
        seed: With what is read, it decides how long it takes.
    """

    def __init__(self, people: Sequence[Person], inbox: Inbox, seed: int) -> None:
        self._people = people
        self._inbox = inbox
        self._seed = seed
        self._keyer = Keyer(inbox.tries, inbox.retry_delay)

    def take(
        self, agent: int, call: Call, report: Keyed | None
    ) -> tuple[Person, Conversation, float]:
        """Who reads it, and what they do; the next one follows at once."""
        assert report is not None, "an inbox holds reports only"
        person = self._people[agent]
        rng = stream(self._seed, "read", report.operation)
        read = lognormal(self._inbox.read_minutes * 60.0, self._inbox.read_sigma, rng)
        return person, self._keyer.key(person, report, read, rng), 0.0
