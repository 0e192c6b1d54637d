"""Who is signed in: tokens that carry their own proof, so that a restart signs nobody out."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

import orjson

from simulators.apps.reporting.language import say
from simulators.apps.serving.clock import Clock
from simulators.apps.serving.refusal import Refusal

LIFETIME = 12 * 3600.0  # drill seconds


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        key: The account.
        role: ``chair`` or ``operator``.
        record: A chair's own precinct, empty for operators.
        expires: Unix time, wall seconds.
    """

    key: str
    role: str
    record: str
    expires: float

    @property
    def is_operator(self) -> bool:
        """Whether this is the back office."""
        return self.role == "operator"


class Sessions:
    """Makes and reads signed tokens.

    Args:
        secret: Whoever has it can sign in as anybody.
    """

    def __init__(self, secret: str, clock: Clock) -> None:
        self._key = hashlib.sha256(b"sessions\x00" + secret.encode()).digest()
        self._clock = clock

    def begin(
        self, key: str, role: str, record: str, lifetime: float = LIFETIME
    ) -> tuple[Session, str]:
        """A new session of so many drill seconds, and the token that proves it."""
        expires = self._clock.now() + self._clock.wall(lifetime)
        session = Session(key, role, record, expires)
        payload = base64.urlsafe_b64encode(orjson.dumps([key, role, record, expires]))
        return session, f"{payload.decode()}.{self._sign(payload)}"

    def read(self, token: str) -> Session:
        """The session a token proves.

        Raises:
            Refusal: 401 if the token is forged, or its time is over.
        """
        session = self._genuine(token)
        if session.expires < self._clock.now():
            raise Refusal(401, "expired", say("refused.expired"))
        return session

    def overdue(self, token: str) -> Session | None:
        """The session of a token whose time is over but which is ours; None for any other."""
        try:
            session = self._genuine(token)
        except Refusal:
            return None
        return session if session.expires < self._clock.now() else None

    def stamp(self, session: Session) -> str:
        """What a page's form must carry, so that no other site can send it for somebody."""
        return self._sign(f"form {session.key} {session.expires}".encode())

    def _genuine(self, token: str) -> Session:
        payload, _, signature = token.encode(errors="replace").partition(b".")
        if not hmac.compare_digest(self._sign(payload).encode(), signature):
            raise Refusal(401, "not_signed_in", say("refused.not_signed_in"))
        try:
            return Session(*orjson.loads(base64.urlsafe_b64decode(payload)))
        except (binascii.Error, orjson.JSONDecodeError, TypeError) as error:
            raise Refusal(401, "not_signed_in", say("refused.not_signed_in")) from error

    def _sign(self, payload: bytes) -> str:
        return hashlib.blake2b(payload, key=self._key, digest_size=20).hexdigest()
