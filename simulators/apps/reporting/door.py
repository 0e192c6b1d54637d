"""The door: who may come in, and with what.

Codes, one-time codes and the admin's token are told apart here, and nowhere else.
"""

from __future__ import annotations

import hmac
import math

from simulators.apps.reporting.codes import CodeRoom, Lockouts
from simulators.apps.reporting.defects import Switches
from simulators.apps.reporting.directory import Directory
from simulators.apps.reporting.language import say
from simulators.apps.reporting.one_time import OneTimeCodes
from simulators.apps.reporting.sessions import LIFETIME, Session, Sessions
from simulators.apps.serving.clock import Clock
from simulators.apps.serving.refusal import Refusal


class Door:
    """Signs people in, and knows them again.

    Args:
        secret: The admin's token, and what sessions are signed with.

    Attributes:
        directory: Who has an account; whoever loads a roster puts the new one here.
        codes: Where secret codes are hashed.
    """

    def __init__(self, secret: str, clock: Clock, switches: Switches) -> None:
        self.directory = Directory()
        self.sessions = Sessions(secret, clock, switches)
        self.codes = CodeRoom()
        self._secret = secret
        self._lockouts = Lockouts(
            clock, storm=switches.pin_lockout_storm, unslowed=switches.guessing_unslowed
        )
        self._one_time = OneTimeCodes(clock, replayed=switches.replayed_code)

    async def sign_in(
        self,
        login: str,
        secret: tuple[str, ...],
        *,
        lifetime: float = LIFETIME,
        device: str | None = None,
    ) -> tuple[Session, str]:
        """Compare codes and begin a session; returns it with its token.

        Args:
            login: Precinct ID, or an operator's user name.
            secret: PIN and security code, or an operator's password.
            lifetime: Drill seconds until they have to sign in again.
            device: What the device kept of an earlier sign-in, if anything.

        Raises:
            Refusal: 401 if the codes are wrong, 423 if the account is locked.
        """
        account = self.directory.by_login.get(login)
        county = self.directory.county_of(account)
        known = self.sessions.knows(device, login)
        self._lockouts.check(login, county, known)
        salt, stored = (account.salt, account.digest) if account else (None, None)
        if not await self.codes.match(secret, salt, stored) or account is None:
            self._lockouts.wrong(login, county, known)
            raise Refusal(401, "wrong_codes", say("refused.wrong_codes"))
        self._lockouts.right(login, known)
        return self.sessions.begin(account.key, account.role, account.record, lifetime)

    def sign_in_once(self, code: str) -> tuple[Session, str]:
        """Begin a session for a one-time code; returns it with its token.

        Raises:
            Refusal: 401 if the code is good no more, or never was.
        """
        account = self.directory.by_key.get(self._one_time.take(code))
        if account is None:
            raise Refusal(401, "not_signed_in", "This account is no longer there.")
        return self.sessions.begin(account.key, account.role, account.record)

    def one_time_code(self, account: str) -> str:
        """A code that signs in whoever has lost theirs, once.

        Raises:
            Refusal: 404 if there is no such account.
        """
        if account not in self.directory.by_key:
            raise Refusal(404, "no_such_account", "There is no account of this name.")
        return self._one_time.issue(account)

    def session(self, token: str | None) -> Session:
        """Whose token this is; the admin's stands for an operator.

        Raises:
            Refusal: 401 if nobody's.
        """
        if not token:
            raise Refusal(401, "not_signed_in", say("refused.not_signed_in"))
        if hmac.compare_digest(token.encode(), self._secret.encode()):
            return Session("admin", "operator", "", math.inf)
        session = self.sessions.read(token)
        if session.key not in self.directory.by_key:
            raise Refusal(401, "not_signed_in", "This account is no longer there.")
        return session

    def overdue(self, token: str | None) -> Session | None:
        """Whose session has run out; None if it has not, or was never ours."""
        session = self.sessions.overdue(token or "")
        return session if session and session.key in self.directory.by_key else None

    def require_admin(self, token: str | None) -> None:
        """Pass if the token is the admin's.

        Raises:
            Refusal: 401 if not.
        """
        if not hmac.compare_digest((token or "").encode(), self._secret.encode()):
            raise Refusal(401, "not_admin", "Only the admin token opens this.")
