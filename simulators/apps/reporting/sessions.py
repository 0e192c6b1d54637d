"""Who is signed in: tokens that carry their own proof, so that a restart signs nobody out.

A token is new at every sign-in, whatever the browser held before, and ends with signing out:
what was signed out is remembered until its time is over. A device that was once signed in on
holds a proof of that, too, so that whoever guesses an account's codes elsewhere does not lock
its owner out ("Slow Down Online Guessing Attacks with Device Cookies", OWASP).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass

import orjson

from simulators.apps.reporting.defects import Switches
from simulators.apps.reporting.language import say
from simulators.apps.serving.clock import Clock
from simulators.apps.serving.refusal import Refusal

LIFETIME = 12 * 3600.0  # drill seconds
AT_LEAST = 1.0  # wall seconds: at high speed a short session would be over before it was used
NONE = Switches()


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        key: The account.
        role: ``chair`` or ``operator``.
        record: A chair's own precinct, empty for operators.
        expires: Unix time, wall seconds.
        id: Unlike that of every other session.
    """

    key: str
    role: str
    record: str
    expires: float
    id: str = ""

    @property
    def is_operator(self) -> bool:
        """Whether this is the back office."""
        return self.role == "operator"


class Sessions:
    """Makes and reads signed tokens.

    Args:
        secret: Whoever has it can sign in as anybody.
    """

    def __init__(self, secret: str, clock: Clock, switches: Switches = NONE) -> None:
        self._key = hashlib.sha256(b"sessions\x00" + secret.encode()).digest()
        self._clock = clock
        self._switches = switches
        self._ended: dict[str, float] = {}  # by id: when its time would have been over
        self._adopted: dict[str, str] = {}  # with the defect session_fixation: tokens by their name

    def begin(
        self, key: str, role: str, record: str, lifetime: float = LIFETIME
    ) -> tuple[Session, str]:
        """A new session of so many drill seconds, and the token that proves it."""
        expires = self._clock.now() + self._clock.wall(lifetime)
        session = Session(key, role, record, expires, secrets.token_hex(8))
        fields = [key, role, record, expires, session.id]
        payload = base64.urlsafe_b64encode(orjson.dumps(fields))
        return session, f"{payload.decode()}.{self._sign(payload)}"

    def read(self, token: str) -> Session:
        """The session a token proves.

        Raises:
            Refusal: 401 if the token is forged, or its time is over.
        """
        session = self._genuine(token)
        if session.expires < self._clock.now() and not self._switches.tokens_never_expire:
            raise Refusal(401, "expired", say("refused.expired"))
        if session.id in self._ended:
            raise Refusal(401, "not_signed_in", say("refused.not_signed_in"))
        return session

    def end(self, session: Session) -> None:
        """Take a session's token for nobody's from now on."""
        if self._switches.token_survives_sign_out:
            return
        now = self._clock.now()
        self._ended = {name: over for name, over in self._ended.items() if over > now}
        self._ended[session.id] = session.expires

    def adopt(self, name: str | None, token: str) -> None:
        """Let a session be called as the browser called it before: the defect session_fixation."""
        if self._switches.session_fixation and name:
            self._adopted[name] = token

    def device(self, login: str) -> str:
        """What a device keeps that somebody has signed in on with these codes."""
        mark = secrets.token_hex(8)
        return f"{mark}.{self._sign(f'device {login} {mark}'.encode())}"

    def knows(self, device: str | None, login: str) -> str:
        """The mark of a device on which this account has signed in; empty for any other."""
        mark, _, proof = (device or "").partition(".")
        wanted = self._sign(f"device {login} {mark}".encode())
        return mark if mark and hmac.compare_digest(wanted.encode(), proof.encode()) else ""

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
        token = self._adopted.get(token, token)
        payload, _, signature = token.encode(errors="replace").partition(b".")
        unsigned = self._switches.unsigned_tokens
        if not unsigned and not hmac.compare_digest(self._sign(payload).encode(), signature):
            raise Refusal(401, "not_signed_in", say("refused.not_signed_in"))
        try:
            return Session(*orjson.loads(base64.urlsafe_b64decode(payload)))
        except (binascii.Error, orjson.JSONDecodeError, TypeError, ValueError) as error:
            raise Refusal(401, "not_signed_in", say("refused.not_signed_in")) from error

    def _sign(self, payload: bytes) -> str:
        return hashlib.blake2b(payload, key=self._key, digest_size=20).hexdigest()
