"""The office: everything the app knows while it runs, and what is done once for every way in."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from simulators.apps.serving.clock import Clock
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.secret import is_admin, require_admin
from simulators.apps.serving.store import Store
from simulators.apps.strikes import directory, strikes
from simulators.apps.strikes.calls import Call, find
from simulators.apps.strikes.carrier import Client, Post
from simulators.apps.strikes.directory import Account, Directory, Precinct
from simulators.apps.strikes.hook import Hook
from simulators.apps.strikes.lists import DoorList, make, make_once
from simulators.apps.strikes.lockouts import Lockouts
from simulators.apps.strikes.outbox import Outbox
from simulators.apps.strikes.schema import answers, metadata
from simulators.apps.strikes.sessions import Session, Sessions
from simulators.apps.strikes.settings import Settings

Step = Callable[[Connection, "Office", Hook], str]
"""What is done for one webhook, on the writer's thread: returns the TwiML to answer with."""

HOLD = 10 * 60.0  # drill seconds between commits, with the defect state_lost_on_restart
HOLD_AT_LEAST = 2.0  # wall seconds: at high speed 10 drill minutes are too short to lose much
DEADLINE = 10.0  # wall seconds: carriers wait for 15, and ask the fallback only after that


class Office:
    """Made by :meth:`open`, on the event loop that serves requests."""

    def __init__(self, given: Settings) -> None:
        self.settings = given
        self.switches = given.switches
        self.clock = Clock(given.speed)
        self.sessions = Sessions(given.secret, self.clock)
        self.lockouts = Lockouts(self.clock)
        self.directory = Directory(given.secret)
        hold = max(self.clock.wall(HOLD), HOLD_AT_LEAST)
        self.store = Store(
            given.database, metadata, hold=hold if self.switches.state_lost_on_restart else None
        )
        self.kept_back: dict[str, list[str]] = {}  # codes of calls, with stored_at_hang_up
        self._client: Client | None = None

    @classmethod
    async def open(cls, given: Settings, post: Post | None = None) -> Office:
        """Open the database and read what it holds.

        Args:
            post: Gives orders to the carrier in place of the client that the settings name.

        Raises:
            StoreError: If the database cannot be opened.
        """
        office = cls(given)
        office.directory = await office.store.write(lambda each: Directory.load(each, given.secret))
        if post is None and given.carrier.api:
            office._client = Client(given.carrier)
            post = office._client.post
        office.outbox = Outbox(
            office.store, office.clock, post, heed=not given.switches.opt_out_ignored
        )
        return office

    outbox: Outbox

    async def close(self) -> None:
        """Finish what is being written; texts not sent yet go after the next start."""
        await self.outbox.close()
        if self._client is not None:
            await self._client.close()
        await self.store.close()

    # -- webhooks -------------------------------------------------------------------------

    async def answer(self, step: Step, hook: Hook) -> str:
        """Do what a webhook asks, once however often it comes; the answer is on disk then.

        Raises:
            Refusal: 503 if that takes so long that the carrier had better ask the fallback.
        """
        try:
            async with asyncio.timeout(DEADLINE):
                body = await self.store.write(lambda connection: self._once(connection, step, hook))
        except TimeoutError:
            raise Refusal(503, "busy", "The database is slow. Ask the fallback.") from None
        self.outbox.wake()
        return body

    def _once(self, connection: Connection, step: Step, hook: Hook) -> str:
        token = f"{hook.token} {hook.path}" if hook.token else ""
        if token:
            said = select(answers.c.body).where(answers.c.token == token)
            known: str | None = connection.execute(said).scalar()
            if known is not None:
                if self.switches.retry_loses_digits:
                    self._begin_anew(connection, hook)
                if not self.switches.code_twice:
                    return known
        body = step(connection, self, hook)
        if token and known is None:
            connection.execute(insert(answers), {"token": token, "body": body})
        return body

    def _begin_anew(self, connection: Connection, hook: Hook) -> None:
        call = find(connection, self.call_key(hook))
        if call is not None and call.watcher and hook.digits:
            strikes.forget(connection, call.precinct, hook.digits, hook.sid)

    def call_key(self, hook: Hook) -> str:
        """What a call is known by: its CallSid, which no other call has."""
        return hook.caller if self.switches.session_shared else hook.sid

    # -- who may --------------------------------------------------------------------------

    def watcher(self, number: str, pin: str) -> Account:
        """The watcher of a precinct by its number and their PIN.

        Raises:
            Refusal: 404 for an unknown precinct, 423 if it is locked, 401 if the PIN is wrong.
        """
        self.directory.precinct(number)
        if left := self.lockouts.left(number):
            message = f"Precinct {number} is locked for a while after too many wrong PINs."
            raise Refusal(423, "locked", message, retry_after=left)
        found = self.directory.who("watcher", number, pin)
        if found is None:
            self.lockouts.wrong(number)
            raise Refusal(401, "wrong_pin", f"This is no PIN of precinct {number}.")
        self.lockouts.right(number)
        return found

    def sign_in(self, data: Mapping[str, Any]) -> tuple[Session, str]:
        """Begin a session on the web; returns it with its token.

        Raises:
            Refusal: If the codes are wrong, or the precinct is locked.
        """
        if "user" in data:
            login = str(data["user"])
            found = self.directory.who("operator", login, str(data.get("password", "")))
            if found is None:
                raise Refusal(401, "wrong_password", "User name and password do not fit together.")
            return self.sessions.begin(found.key, "operator", "")
        number = str(data.get("precinct", ""))
        found = self.watcher(number, str(data.get("pin", "")))
        return self.sessions.begin(found.key, "watcher", number)

    def session(self, token: str) -> Session:
        """Whose token this is.

        Raises:
            Refusal: 401 if nobody's.
        """
        if not token:
            raise Refusal(401, "not_signed_in", "Sign in first.")
        if is_admin(token, self.settings.secret):
            return Session("admin", "admin", "", math.inf)
        session = self.sessions.read(token)
        if session.key not in self.directory.people:
            raise Refusal(401, "not_signed_in", "This account is no longer there.")
        return session

    def require_admin(self, token: str) -> None:
        """Pass if the token is the admin's.

        Raises:
            Refusal: 401 if not.
        """
        require_admin(token, self.settings.secret)

    # -- roster and strikes ---------------------------------------------------------------

    async def load_roster(self, data: Mapping[str, Any]) -> dict[str, int]:
        """Add or replace people and precincts; returns how many of each there are then."""
        secret = self.settings.secret
        roster = directory.read_roster(data, secret)
        self.directory = await self.store.write(
            lambda connection: directory.save(connection, roster, secret)
        )
        return self.counts()

    def counts(self) -> dict[str, int]:
        """How many accounts, precincts and voters there are."""
        roles = [account.role for account in self.directory.people.values()]
        return {
            "people": len(roles),
            "watchers": roles.count("watcher"),
            "operators": roles.count("operator"),
            "precincts": len(self.directory.precincts),
            "voters": sum(len(each.codes) for each in self.directory.precincts.values()),
        }

    def strike(
        self, connection: Connection, number: str, code: str, channel: str, author: str, sid: str
    ) -> bool:
        """Store that a voter has voted; returns whether that is news."""
        sent = strikes.Strike(number, code, channel, author, sid, self.clock.now())
        return strikes.accept(connection, sent, again=self.switches.code_twice)

    async def door_lists(self, wanted: Sequence[Precinct]) -> list[DoorList]:
        """The lists that door knockers carry in these precincts."""
        now = self.clock.now()
        if self.switches.strike_list_stale:
            return await self.store.write(lambda connection: make_once(connection, wanted, now))
        return await self.store.read(lambda connection: make(connection, wanted, now))

    def settle(self, connection: Connection, call: Call, sid: str) -> None:
        """Store what a call confirmed and kept back: only the defect stored_at_hang_up does."""
        for code in self.kept_back.pop(call.key, ()):
            self.strike(connection, call.precinct, code, "voice", call.watcher, sid)
