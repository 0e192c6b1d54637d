"""Names of calls, messages and tries: pure functions of account, seed and what they name.

The account is in them too, so that two drills with one seed but other accounts never share a name.
"""

from __future__ import annotations

import hashlib
import uuid
from itertools import count
from random import Random

__all__ = ["Ids"]


class Ids:
    """Makes identifiers, and the random draws of things that have one."""

    def __init__(self, account: str, seed: int) -> None:
        self._account = account
        self._seed = seed
        self._counters: dict[str, count[int]] = {}

    def sid(self, prefix: str, key: str) -> str:
        """34 characters: ``CA`` for calls, ``SM`` messages, ``QU`` queues, ``RE`` recordings.

        Example:
            >>> Ids("AC1", 7).sid("CA", "c1-1") == Ids("AC1", 7).sid("CA", "c1-1")
            True
            >>> len(Ids("AC1", 7).sid("CA", "c1-1"))
            34
        """
        return prefix + self._digest(prefix, key).hex()[:32]

    def token(self, key: str) -> str:
        """A token in the form of a UUID."""
        return str(uuid.UUID(bytes=self._digest("token", key)[:16], version=4))

    def next(self, prefix: str) -> str:
        """A new name for something that the app made: the n-th of its kind."""
        number = next(self._counters.setdefault(prefix, count(1)))
        return f"{prefix}-{number}"

    def draws(self, *key: object) -> Random:
        """The generator of one thing; the account does not change it."""
        name = "/".join(str(part) for part in (self._seed, *key))
        return Random(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))

    def _digest(self, *key: str) -> bytes:
        return hashlib.sha256("/".join((self._account, str(self._seed), *key)).encode()).digest()
