"""Who is signed in: tokens carry their own proof, so a restart signs nobody out.

They hold for every region, since all know the same secret; whoever signs out is noted in the
database, where every region looks once a second.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from simulators.apps.serving.clock import Clock
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.secret import ForgedError, Seal

LIFETIME = 14 * 3600.0  # drill seconds: one day of calls
ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        key: The account.
        role: ``canvasser``, ``phone_banker``, ``clerk``, ``organizer`` or ``admin``.
        state: Whose people they see; empty for headquarters.
        expires: Unix time, wall seconds.
    """

    key: str
    role: str
    state: str
    expires: float


class Sessions:
    """Makes and reads signed tokens.

    Args:
        secret: Whoever has it can sign in as anybody.
    """

    def __init__(self, secret: str, clock: Clock) -> None:
        self._seal = Seal(secret)
        self._clock = clock
        self._signed_out: set[str] = set()

    def begin(self, key: str, role: str, state: str) -> tuple[Session, str]:
        """A new session, and the token that proves it."""
        expires = self._clock.now() + self._clock.wall(LIFETIME)
        token = self._seal.token([key, role, state, expires])
        return Session(key, role, state, expires), token

    def read(self, token: str) -> Session:
        """The session a token proves.

        Raises:
            Refusal: 401 if the token is forged or signed out, or its time is over.
        """
        try:
            session = Session(*self._seal.fields(token))
        except (ForgedError, TypeError) as error:
            raise Refusal(401, "not_signed_in", "Sign in first.") from error
        if session.expires < self._clock.now():
            raise Refusal(401, "expired", "Your sign-in has run out. Sign in again.")
        if mark(token) in self._signed_out:
            raise Refusal(401, "signed_out", "You have signed out. Sign in again.")
        return session

    def sign_out(self, marks: Iterable[str]) -> None:
        """Believe these tokens no longer."""
        self._signed_out.update(marks)


def mark(token: str) -> str:
    """What is kept of a token that was signed out: not enough to sign in with."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
