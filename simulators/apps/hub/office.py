"""The office: everything a web server knows while it runs, and what may be asked of it."""

from __future__ import annotations

import asyncio
import hmac
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from simulators.apps.hub import contacts, directory, marks, people, pulse
from simulators.apps.hub.cache import cache_of
from simulators.apps.hub.contact import Contact
from simulators.apps.hub.contacts import Accepted
from simulators.apps.hub.copies import OldCopy, Replica
from simulators.apps.hub.intake import Intake
from simulators.apps.hub.merging import View
from simulators.apps.hub.peer import Peer
from simulators.apps.hub.pulse import Pulse
from simulators.apps.hub.queues import queue_of
from simulators.apps.hub.schema import metadata
from simulators.apps.hub.sessions import ADMIN, Session, Sessions, mark
from simulators.apps.hub.settings import INSIDE, Settings
from simulators.apps.hub.slowing import Slowing
from simulators.apps.hub.totals import Board
from simulators.apps.hub.worker import Worker
from simulators.apps.serving.away import in_doubt
from simulators.apps.serving.clock import Clock
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.secret import digest, is_admin, require_admin
from simulators.apps.serving.store import Store

T = TypeVar("T")
DEADLINE = 8.0  # wall seconds that anybody waits for the database


class Office:
    """Made by :meth:`open`, on the event loop that serves requests."""

    board: Board

    def __init__(self, given: Settings) -> None:
        self.settings, self.switches = given, given.switches
        self.clock = Clock(given.speed)
        self.sessions = Sessions(given.secret, self.clock)
        self.slowing = Slowing(self.clock)
        self.store = Store(given.database, metadata, harmless=(Refusal,))
        self.replica = Replica(given.replica) if given.replica else None
        self.cache, self.queue = cache_of(given.cache), queue_of(given.queue)
        self.peer = (
            Peer(given.peer, given.secret, at_once=self.switches.retry_without_backoff)
            if given.peer
            else None
        )
        self.intake = Intake(self._keep, self.switches, self.peer)
        self.worker = Worker(self.store, self.queue, self.switches)
        self.pulse = Pulse(self.store.write, self.sessions.sign_out, self._look)
        self._old = OldCopy()
        self._lost = False
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def open(cls, given: Settings) -> Office:
        """Open the database and begin to look after everything else.

        Raises:
            StoreError: If the database cannot be opened.
        """
        office = cls(given)
        opened = await office.store.write(
            lambda each: marks.first(each, marks.OPENED, office.clock.now())
        )
        office.board = Board(
            office._read_copy, office.cache, office.clock, office.switches, opened
        )  # fmt: skip
        office.pulse.begin()
        if office.peer is not None:
            office.peer.begin()
        if given.queue == INSIDE:
            office._tasks.append(asyncio.create_task(office.worker.run()))
        return office

    async def close(self) -> None:
        """Finish what is being written."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.intake.close()
        if self.peer is not None:
            await self.peer.close()
        await self.pulse.close()
        await self.store.close()
        if self.replica is not None:
            await self.replica.close()
        await self.queue.close()
        await self.cache.close()

    # -- the database ---------------------------------------------------------------------

    async def write(self, job: Callable[[Connection], T]) -> T:
        """Run a job on the primary; returns once it is committed.

        Raises:
            Refusal: 503 if it is away, and nothing was written; 500 where nobody knows.
        """
        self._require_primary()
        try:
            async with asyncio.timeout(DEADLINE):
                return await self.store.write(job)
        except TimeoutError:
            raise in_doubt() from None
        except Refusal as refusal:
            if refusal.code == "database_away":
                self._lost = True
                self.pulse.lost()
            raise

    async def read(self, job: Callable[[Connection], T]) -> T:
        """Run a job on the primary that only reads, or on its replica while it is away.

        Raises:
            Refusal: 503 if neither answers.
        """
        try:
            self._require_primary()
            async with asyncio.timeout(DEADLINE):
                return await self.store.read(job)
        except (Refusal, TimeoutError) as error:
            if isinstance(error, Refusal) and error.code != "database_away":
                raise
            if self.replica is None:
                raise _away() from error
            return await self.replica.read(job)

    async def _read_copy(self, job: Callable[[Connection], T]) -> T:
        """Run a job on the replica while it keeps up, else on the primary."""
        if self.replica is not None and self.replica.well:
            try:
                return await self.replica.read(job)
            except Refusal:
                pass  # it has just gone; the primary knows as well
        return await self.read(job)

    @property
    def _has_primary(self) -> bool:
        """Whether the primary is there; with ``no_reconnect`` it is gone for good once it was."""
        return self.pulse.well and not (self.switches.no_reconnect and self._lost)

    def _require_primary(self) -> None:
        if not self._has_primary:
            self._lost = True
            raise _away()

    async def _look(self) -> None:
        await self.cache.look()
        if self.replica is not None:
            await self.replica.look(alone=not self.pulse.well)

    def health(self) -> dict[str, str]:
        """How everything is that the app leans on."""
        parts = {
            "database": "ok" if self._has_primary else "away",
            "cache": "ok" if self.cache.well else "away",
            "queue": "away" if not self.queue.well else "behind" if self.pulse.behind else "ok",
        }
        for name, part in (("replica", self.replica), ("peer", self.peer)):
            if part is not None:
                parts[name] = "ok" if part.well else "away"
        if self.switches.health_lies:
            parts = dict.fromkeys(parts, "ok")
        well = all(each == "ok" for each in parts.values())
        return {"status": "ok" if well else "ill", **parts}

    # -- who may --------------------------------------------------------------------------

    async def sign_in(self, user: str, password: str) -> tuple[Session, str]:
        """Begin a session; returns it with its token.

        Raises:
            Refusal: 401 if the password is wrong, 429 after many wrong ones.
        """
        if left := self.slowing.left(user):
            message = "There were many wrong passwords for this account. Wait before the next try."
            raise Refusal(429, "slow_down", message, retry_after=left)
        found = await self.read(lambda each: directory.account(each, user))
        given = digest(self.settings.secret, user, password)
        if found is None or not hmac.compare_digest(found.digest, given):
            if found is not None:
                self.slowing.wrong(user)
            raise Refusal(401, "wrong_password", "User name and password do not fit together.")
        self.slowing.right(user)
        return self.sessions.begin(found.key, found.role, found.state)

    async def sign_out(self, token: str) -> None:
        """End a session, for every region.

        Raises:
            Refusal: 401 if there is none.
        """
        session = self.session(token)
        if session.role != ADMIN:
            noted = mark(token)
            await self.write(lambda each: pulse.sign_out(each, noted, session.expires))
            self.sessions.sign_out([noted])

    def session(self, token: str) -> Session:
        """Whose token this is.

        Raises:
            Refusal: 401 if nobody's.
        """
        if not token:
            raise Refusal(401, "not_signed_in", "Sign in first.")
        if is_admin(token, self.settings.secret):
            return Session(ADMIN, ADMIN, "", math.inf)
        return self.sessions.read(token)

    def require_admin(self, token: str) -> None:
        """Pass if the token is the admin's.

        Raises:
            Refusal: 401 if not.
        """
        require_admin(token, self.settings.secret)

    def require_state(self, session: Session, state: str) -> None:
        """Pass if this is a state whose people they may see.

        Raises:
            Refusal: 403 if not.
        """
        if session.state not in ("", state) and not self.switches.wrong_tenant:
            raise Refusal(403, "not_your_state", f"You work for {session.state}, not for {state}.")

    def require_source(self, session: Session, sent: Contact) -> None:
        """Pass if they may bring contacts of this source and state.

        Raises:
            Refusal: 403 if not.
        """
        if session.role == ADMIN:
            return
        if directory.ROLES[session.role] != sent.source:
            message = f"A {session.role.replace('_', ' ')} brings no contacts of {sent.source}."
            raise Refusal(403, "not_your_source", message)
        if session.state not in ("", sent.state):
            message = f"You work for {session.state}, not for {sent.state}."
            raise Refusal(403, "not_your_state", message)

    # -- contacts and people --------------------------------------------------------------

    async def load_roster(self, data: Mapping[str, Any]) -> dict[str, int]:
        """Add or replace accounts and voters; returns how many of each there are then."""
        roster = directory.read_roster(data, self.settings.secret)

        def save(connection: Connection) -> dict[str, int]:
            directory.save(connection, roster)
            return directory.count(connection)

        return await self.store.write(save)

    async def submit(self, sent: Contact) -> Accepted:
        """Store a contact; returns once it is safe, and the worker knows."""
        return await self.intake.take(sent)

    async def _keep(self, sent: Contact) -> Accepted:
        try:
            accepted = await self.write(lambda each: contacts.accept(each, sent, self.switches))
        except IntegrityError:  # the other region was a moment faster; now that is seen
            accepted = await self.write(lambda each: contacts.accept(each, sent, self.switches))
        if accepted.new:
            await self.queue.tell(accepted.contact.id)
            if self.peer is not None:
                await self.peer.changed()
        if accepted.amends:
            await self.board.corrected()
        return accepted

    async def contact(self, record: str) -> Contact | None:
        """The contact that counts for a record, None if there is none."""
        if self.switches.replica_reads:
            return await self.read(lambda each: self._old.contact(each, record))
        return await self.read(lambda each: contacts.current(each, record))

    async def person(self, session: Session, key: str) -> View | None:
        """The merged view of a person, with every contact accepted by now in it.

        Raises:
            Refusal: 403 for a person of another state.
        """
        self.require_state(session, key[:2])
        if self.switches.replica_reads:
            return await self.read(lambda each: self._old.person(each, key))
        return await self.read(lambda each: people.person(each, key))

    async def everybody(self, number: int, size: int) -> tuple[list[View], int]:
        """One page of all people, and how many there are."""
        if self.switches.replica_reads:
            old = await self.read(self._old.people)
            return old[(number - 1) * size : number * size], len(old)
        return await self.read(lambda each: people.page(each, number, size))


def _away() -> Refusal:
    message = "The database is away, and nothing was stored. Please try again in a moment."
    return Refusal(503, "database_away", message, retry_after=1.0)
