"""People who wait for a reply to what they texted, and what they make of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from simulators.providers.carrier.hearing import Rule, first_match

__all__ = ["Mailbox", "Waiting"]


@dataclass(slots=True)
class Waiting:
    """One who texted and waits.

    Attributes:
        copies: Messages that the app must answer: more than one if the network split the text.
        replies: Bodies that arrived, in order.
        classes: What those that a rule matched mean.
    """

    rules: Sequence[Rule]
    copies: int = 1
    replies: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def read(self, body: str) -> None:
        """Read one reply; who has an answer to every copy waits no longer."""
        self.replies.append(body)
        rule = first_match(self.rules, body)
        if rule is not None:
            self.classes.append(rule.answer_class)
        answered = len(self.classes) if self.rules else len(self.replies)
        if answered >= self.copies:
            self.over.set()

    def verdict(self) -> str:
        """The class of the reply.

        ``no_answer`` if none came; ``unmatched`` if no rule knew it, if a part of a split text
        went unanswered, or if the parts were answered differently.
        """
        if not self.replies:
            return "no_answer"
        if len(self.classes) < self.copies or len(set(self.classes)) != 1:
            return "unmatched"
        return self.classes[0]


class Mailbox:
    """Replies on their way to those who wait: the oldest first, if the app does not say to whom."""

    def __init__(self) -> None:
        self._by_pair: dict[tuple[str, str], list[Waiting]] = {}

    def wait(self, person: str, number: str, waiting: Waiting) -> None:
        """Somebody at ``person`` waits for a text from ``number``."""
        self._by_pair.setdefault((person, number), []).append(waiting)

    def leave(self, person: str, number: str, waiting: Waiting) -> None:
        """They wait no longer."""
        here = self._by_pair[person, number]
        here.remove(waiting)
        if not here:
            del self._by_pair[person, number]

    def deliver(self, person: str, number: str, body: str, to: Waiting | None = None) -> None:
        """A text arrives: for ``to``, or for who has waited longest if the app does not say.

        An answer to a text on which its sender has given up is no answer to their next one.
        """
        here = self._by_pair.get((person, number), ())
        for waiting in here:
            if to is None or waiting is to:
                waiting.read(body)
                return
