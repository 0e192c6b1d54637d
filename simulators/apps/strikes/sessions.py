"""Who is signed in on the web: tokens carry their own proof, so a restart signs nobody out."""

from __future__ import annotations

from dataclasses import dataclass

from simulators.apps.serving.clock import Clock
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.secret import ForgedError, Seal

LIFETIME = 14 * 3600.0  # drill seconds: one polling day


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        key: The account.
        role: ``watcher``, ``operator`` or ``admin``.
        precinct: The number of a watcher's precinct, else empty.
        expires: Unix time, wall seconds.
    """

    key: str
    role: str
    precinct: str
    expires: float


class Sessions:
    """Makes and reads signed tokens.

    Args:
        secret: Whoever has it can sign in as anybody.
    """

    def __init__(self, secret: str, clock: Clock) -> None:
        self._seal = Seal(secret)
        self._clock = clock

    def begin(self, key: str, role: str, precinct: str) -> tuple[Session, str]:
        """A new session, and the token that proves it."""
        expires = self._clock.now() + self._clock.wall(LIFETIME)
        token = self._seal.token([key, role, precinct, expires])
        return Session(key, role, precinct, expires), token

    def read(self, token: str) -> Session:
        """The session a token proves.

        Raises:
            Refusal: 401 if the token is forged, or its time is over.
        """
        try:
            session = Session(*self._seal.fields(token))
        except (ForgedError, TypeError) as error:
            raise Refusal(401, "not_signed_in", "Sign in first.") from error
        if session.expires < self._clock.now():
            raise Refusal(401, "expired", "Your sign-in has run out. Sign in again.")
        return session
