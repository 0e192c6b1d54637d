"""Who is signed in on the web: tokens carry their own proof, so a restart signs nobody out."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

import orjson

from simulators.apps.serving.clock import Clock
from simulators.apps.serving.refusal import Refusal

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
        self._key = hashlib.sha256(b"sessions\x00" + secret.encode()).digest()
        self._clock = clock

    def begin(self, key: str, role: str, precinct: str) -> tuple[Session, str]:
        """A new session, and the token that proves it."""
        expires = self._clock.now() + self._clock.wall(LIFETIME)
        payload = base64.urlsafe_b64encode(orjson.dumps([key, role, precinct, expires]))
        return Session(key, role, precinct, expires), f"{payload.decode()}.{self._sign(payload)}"

    def read(self, token: str) -> Session:
        """The session a token proves.

        Raises:
            Refusal: 401 if the token is forged, or its time is over.
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
        return session

    def _sign(self, payload: bytes) -> str:
        return hashlib.blake2b(payload, key=self._key, digest_size=20).hexdigest()
