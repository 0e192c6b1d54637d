"""Who is signed in: tokens carry their own proof, so a restart signs nobody out.

They hold for every region, since all know the same secret; whoever signs out is noted in the
database, where every region looks once a second.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from simulators.apps.serving.clock import Clock
from simulators.apps.serving.refusal import Refusal

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
        self._key = hashlib.sha256(b"sessions\x00" + secret.encode()).digest()
        self._clock = clock
        self._signed_out: set[str] = set()

    def begin(self, key: str, role: str, state: str) -> tuple[Session, str]:
        """A new session, and the token that proves it."""
        session = Session(key, role, state, self._clock.now() + self._clock.wall(LIFETIME))
        fields = [session.key, session.role, session.state, session.expires]
        payload = base64.urlsafe_b64encode(orjson.dumps(fields))
        return session, f"{payload.decode()}.{self._sign(payload)}"

    def read(self, token: str) -> Session:
        """The session a token proves.

        Raises:
            Refusal: 401 if the token is forged or signed out, or its time is over.
        """
        payload, _, signature = token.encode(errors="replace").partition(b".")
        if not hmac.compare_digest(self._sign(payload).encode(), signature):
            raise Refusal(401, "not_signed_in", "Sign in first.")
        try:
            session = Session(*orjson.loads(base64.urlsafe_b64decode(payload)))
        except (binascii.Error, orjson.JSONDecodeError, TypeError) as error:
            raise Refusal(401, "not_signed_in", "Sign in first.") from error
        if session.expires < self._clock.now():
            raise Refusal(401, "expired", "Your sign-in has run out. Sign in again.")
        if mark(token) in self._signed_out:
            raise Refusal(401, "signed_out", "You have signed out. Sign in again.")
        return session

    def sign_out(self, marks: Iterable[str]) -> None:
        """Believe these tokens no longer."""
        self._signed_out.update(marks)

    def _sign(self, payload: bytes) -> str:
        return hashlib.blake2b(payload, key=self._key, digest_size=20).hexdigest()


def mark(token: str) -> str:
    """What is kept of a token that was signed out: not enough to sign in with."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
