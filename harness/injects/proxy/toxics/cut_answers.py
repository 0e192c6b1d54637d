"""Answers to writes are cut once the request has arrived.

The request reaches the app and is applied; the answer never reaches the person. Nobody can tell
the two apart from where they stand, which is why a retry must carry the same operation key.
Only what is not encrypted can be told apart: this toxic reads the first word of HTTP requests.
"""

from __future__ import annotations

import random
from typing import ClassVar

from pydantic import Field

from harness.injects.proxy.stage import INTERIM, Attributes, Cause, Direction, Stage

WRITES = frozenset({b"POST", b"PUT ", b"PATC", b"DELE"})


class CutAnswersAttributes(Attributes):
    """One in so many answers to writes is cut; 1 cuts each, 0 none."""

    every: int = Field(default=1, ge=0)


class CutAnswers(Stage):
    """Which ones is drawn for each connection by itself, so that others do not change it."""

    kind: ClassVar[str] = "cut_answers"
    attributes: ClassVar[type[Attributes]] = CutAnswersAttributes

    def __init__(self, toxic: Cause, link: Direction, rng: random.Random) -> None:
        super().__init__(toxic, link, rng)
        connection = link.connection
        # An answer of which a part has gone through is not cut any more.
        self._judged = connection.requests if connection.answered else -1

    def take(self, data: bytes) -> None:
        """Pass it on, or reset both sides in place of an answer's first byte."""
        connection = self.link.connection
        new = connection.requests != self._judged and connection.word in WRITES
        if not new or data.startswith(INTERIM):
            self.next.take(data)
            return
        self._judged = connection.requests
        told = self.toxic.told
        assert isinstance(told, CutAnswersAttributes)
        if told.every and self.rng.randrange(told.every) == 0:
            self.toxic.touched += 1
            connection.reset()
        else:
            self.next.take(data)
