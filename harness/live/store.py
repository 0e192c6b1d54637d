"""The live drill's database, and the roll that is worked out from it.

SQLite with a write-ahead log that is synced at every commit: what :meth:`Live.append` returned
from is on disk, whatever kills the server next. Writes that wait together are committed together
(:mod:`simulators.apps.serving.store`), so a hall full of volunteers costs a few syncs a second.
Everything is read into memory when the database is opened, and nothing is read from it after.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, event, insert, text

from harness.live import tables
from harness.live.model import Event, Happening, Volunteer
from harness.live.roll import Roll
from harness.live.rows import (
    KNOWN,
    Account,
    Deed,
    Gone,
    Session,
    Setting,
    add_deed,
    add_events,
    events_after,
    everything,
    forget,
)
from simulators.apps.serving.store import Store, StoreError

SWEEPS = 5  # tries to empty the write-ahead log, each up to five seconds long


class Live:
    """An open live drill.

    Every method that writes returns once what it wrote is on disk *and* on the roll.

    Attributes:
        roll: Everybody and how far they are; see :mod:`harness.live.roll`.
        accounts: By name.
        sessions: By digest.
        settings: What the organizer chose, by name: plain JSON.
        deeds: The audit log, oldest first.
        now: The drill server's clock, in Unix seconds; no other clock counts.
    """

    def __init__(self, path: Path | str, *, now: Callable[[], float] = time.time) -> None:
        self.path = Path(path)
        self.now = now
        self.roll = Roll()
        self.accounts: dict[str, Account] = {}
        self.sessions: dict[str, Session] = {}
        self.settings: dict[str, Any] = {}
        self.deeds: list[Deed] = []
        self._store: Store
        self._told: list[Callable[[Event], None]] = []
        self._sweep: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, path: Path | str, *, now: Callable[[], float] = time.time) -> Live:
        """Open a drill's database, or make one that only its owner can read.

        Raises:
            StoreError: If it cannot be opened; the message says which and why.
        """
        live = cls(path, now=now)
        _touch(live.path)
        live._store = Store(f"sqlite:///{live.path}", tables.metadata, committed=live._take_in)
        event.listen(live._store.engine, "connect", _delete_for_good)
        live._store.engine.dispose()  # connections made before do not know of it
        for change in await live._store.read(everything):
            live._take_in(change)
        if any(each.erased for each in live.roll):
            await live._wipe()  # killed between deleting and wiping
        return live

    async def close(self) -> None:
        """Finish what waits, and let go of the file."""
        if self._sweep is not None:
            await asyncio.wait([self._sweep])
        await self._store.close()

    # -- events -------------------------------------------------------------------------------

    async def append(self, *events: Event) -> tuple[Event, ...]:
        """Store events, all or none; returns them numbered, once they are on disk.

        Args:
            events: An ``at`` of 0 stands for now.
        """
        stamped = [replace(each, at=each.at or self.now()) for each in events]
        done = await self._store.write(lambda connection: add_events(connection, stamped))
        return tuple(each for each in done if isinstance(each, Event))

    async def happened(self, what: Happening, volunteer: str = "", /, **detail: Any) -> Event:
        """Store one event of this moment."""
        return (await self.append(Event(self.now(), what, volunteer, detail)))[0]

    def subscribe(self, told: Callable[[Event], None]) -> Callable[[], None]:
        """Be told of every event once it is on disk and on the roll; returns how to stop that.

        ``told`` is called on the event loop and must be quick.
        """
        self._told.append(told)
        return lambda: self._told.remove(told)

    async def events(self, after: int = 0) -> list[Event]:
        """Stored events with a number above ``after``, in their order: for exports."""
        return await self._store.read(lambda connection: events_after(connection, after))

    # -- people -------------------------------------------------------------------------------

    async def add_volunteers(
        self, volunteers: Sequence[Volunteer], difficulties: Mapping[str, str] | None = None
    ) -> None:
        """Put volunteers on the roll, each with an INVITED event; all or none.

        Args:
            difficulties: What each one's card is dealt as, by volunteer's id.

        Raises:
            sqlalchemy.exc.IntegrityError: An id or a token is there already.
        """
        dealt, at = difficulties or {}, self.now()
        invited = [
            Event(at, Happening.INVITED, each.id, {"difficulty": dealt.get(each.id, "")})
            for each in volunteers
        ]

        def job(connection: Connection) -> list[Any]:
            if volunteers:
                connection.execute(insert(tables.volunteers), [asdict(each) for each in volunteers])
            return [*volunteers, *add_events(connection, invited)]

        await self._store.write(job)

    async def erase(self, *ids: str) -> None:
        """Delete what volunteers wrote and what is known of them, for good.

        Their answers and comments leave the file itself, not only its tables. What happened, and
        when, stays: counts still add up.
        """
        now = self.now()
        bare = [replace(self.roll.journeys[each].volunteer, **KNOWN) for each in ids]  # type: ignore[arg-type]
        erased = [Event(now, Happening.ERASED, each) for each in ids]

        def job(connection: Connection) -> list[Any]:
            forget(connection, ids)
            return [*bare, *add_events(connection, erased)]

        await self._store.write(job)
        await self._wiped()

    # -- staff --------------------------------------------------------------------------------

    async def keep_account(self, account: Account, deed: Deed) -> None:
        """Store an account, or what changed of it, and who did so."""

        def job(connection: Connection) -> list[Any]:
            row = asdict(account) | {"role": account.role.value}
            connection.execute(insert(tables.accounts).prefix_with("OR REPLACE"), row)
            return [account, add_deed(connection, deed)]

        await self._store.write(job)

    async def drop_account(self, name: str, deed: Deed) -> None:
        """Forget an account and sign it out everywhere."""

        def job(connection: Connection) -> list[Any]:
            connection.execute(delete(tables.accounts).where(tables.accounts.c.name == name))
            connection.execute(delete(tables.sessions).where(tables.sessions.c.account == name))
            return [Gone(account=name), add_deed(connection, deed)]

        await self._store.write(job)

    async def keep_session(self, session: Session, deed: Deed) -> None:
        """Store a sign-in, and forget those that have run out."""
        now = self.now()

        def job(connection: Connection) -> list[Any]:
            connection.execute(delete(tables.sessions).where(tables.sessions.c.expires < now))
            connection.execute(insert(tables.sessions), asdict(session))
            return [session, add_deed(connection, deed)]

        await self._store.write(job)

    async def drop_session(self, digest: str, deed: Deed) -> None:
        """Sign somebody out."""

        def job(connection: Connection) -> list[Any]:
            connection.execute(delete(tables.sessions).where(tables.sessions.c.digest == digest))
            return [Gone(session=digest), add_deed(connection, deed)]

        await self._store.write(job)

    async def log(self, who: str, did: str, about: str = "") -> None:
        """Write a line into the audit log."""
        deed = Deed(self.now(), who, did, about)
        await self._store.write(lambda connection: [add_deed(connection, deed)])

    async def keep(self, name: str, value: Any) -> None:
        """Store a setting: plain JSON."""

        def job(connection: Connection) -> list[Any]:
            row = {"name": name, "value": value}
            connection.execute(insert(tables.settings).prefix_with("OR REPLACE"), row)
            return [Setting(name, value)]

        await self._store.write(job)

    async def secret(self, name: str) -> bytes:
        """A secret of this drill, drawn when it is first asked for."""
        if name not in self.settings:
            await self.keep(name, secrets.token_hex(32))
        return bytes.fromhex(self.settings[name])

    # -- what was committed --------------------------------------------------------------------

    def _take_in(self, changes: Any) -> None:
        """Bring memory up to what was just committed; called in the order of commits."""
        for change in changes if isinstance(changes, list) else [changes]:
            match change:
                case Event():
                    self.roll.apply(change)
                    for told in tuple(self._told):
                        told(change)
                case Volunteer():
                    self.roll.add(change)
                case Account():
                    self.accounts[change.name] = change
                case Session():
                    self.sessions[change.digest] = change
                case Deed():
                    self.deeds.append(change)
                case Setting(name, value):
                    self.settings[name] = value
                case Gone(session, account):
                    self.accounts.pop(account, None)
                    self.sessions.pop(session, None)
                    for digest in [d for d, s in self.sessions.items() if s.account == account]:
                        del self.sessions[digest]
                case _:
                    raise TypeError(f"{change!r}: nothing that a live drill stores.")

    # -- wiping -------------------------------------------------------------------------------

    async def _wiped(self) -> None:
        """Wait for a wipe that began after this call; those who wait together share one."""
        if (running := self._sweep) is not None:
            await asyncio.wait([running])
        if self._sweep is running or self._sweep is None:
            self._sweep = asyncio.create_task(self._wipe())
        await asyncio.shield(self._sweep)

    async def _wipe(self) -> None:
        await asyncio.get_running_loop().run_in_executor(None, _vacuum, self._store)


def _vacuum(store: Store) -> None:
    """Rebuild the file without what was deleted, and empty the write-ahead log."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM"))
        for _ in range(SWEEPS):
            busy, _, _ = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()
            if not busy:
                return
    raise StoreError(
        "The database is in use elsewhere: deleted data may still be in its -wal file."
    )


def _delete_for_good(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _touch(path: Path) -> None:
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise StoreError(f"{path}: cannot be opened: {error.strerror}.") from error
