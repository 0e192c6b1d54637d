"""Reading from a copy: the replica, where there is one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import SQLAlchemyError

from simulators.apps.hub import contacts, marks
from simulators.apps.hub.contact import Contact
from simulators.apps.hub.merging import View
from simulators.apps.hub.people import everybody
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.store import patience

T = TypeVar("T")
READERS = 2
PATIENCE = 3  # wall seconds for a server to give a sign
LAG = 3.0  # wall seconds that it may be behind and still be read from
OLD = 30.0  # wall seconds, with the defect replica_reads


class Replica:
    """A database that copies the primary.

    Attributes:
        well: Whether it answered last time, and was not far behind.
    """

    def __init__(self, url: str) -> None:
        self._engine = create_engine(
            url,
            pool_size=READERS,
            pool_pre_ping=True,
            connect_args=patience(url),
        )
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="replica")
        self.well = False

    async def read(self, job: Callable[[Connection], T]) -> T:
        """Run a job that only reads.

        Raises:
            Refusal: 503 if it is away.
        """
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, self._read, job)
        except SQLAlchemyError as error:
            self.well = False
            raise Refusal(
                503, "database_away", "No copy of the database answers.", retry_after=1.0
            ) from error

    async def look(self, *, alone: bool) -> None:
        """Find out how it is.

        Args:
            alone: The primary is away: a copy that is behind is better than nothing.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                beat = await self.read(lambda each: marks.read(each, marks.BEAT))
        except (Refusal, TimeoutError):
            self.well = False
        else:
            self.well = alone or time.time() - beat < LAG

    async def close(self) -> None:
        """Let go of it."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._engine.dispose()

    def _read(self, job: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return job(connection)


class OldCopy:
    """All as it was up to 30 seconds ago: the defect ``replica_reads``."""

    def __init__(self) -> None:
        self._made = -OLD
        self._people: list[View] = []
        self._newest = 0  # number of the last contact that it has

    def people(self, connection: Connection) -> list[View]:
        """All people, by key."""
        self._refresh(connection)
        return self._people

    def contact(self, connection: Connection, record: str) -> Contact | None:
        """The contact that counted for a record, None if there was none."""
        self._refresh(connection)
        return contacts.current(connection, record, until=self._newest)

    def _refresh(self, connection: Connection) -> None:
        now = time.monotonic()
        if now - self._made >= OLD:
            self._made, self._people = now, everybody(connection)
            self._newest = contacts.newest(connection)

    def person(self, connection: Connection, key: str) -> View | None:
        """One of them."""
        return next((each for each in self.people(connection) if each.key == key), None)
