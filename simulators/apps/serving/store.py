"""The database: one writer thread, a few readers.

Writes that wait together are committed together, and nobody is told of a write before it is
committed and synced to disk. SQLite (write-ahead log, ``synchronous=FULL``) and PostgreSQL.
A server that is away is refused for (``away.py``) and connected to again once it is back.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from simulators.apps.serving.away import in_doubt, is_away, refused_for

T = TypeVar("T")
BATCH = 64  # writes in one commit at most
READERS = 2
AWAY = 3  # seconds without a sign of the server until it counts as away


class StoreError(Exception):
    """A database that cannot be used; the message says which and why."""


@dataclass(slots=True)
class _Write:
    """One write that waits for the writer thread."""

    job: Callable[[Connection], Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Store:
    """Runs jobs on connections and keeps the promise that what was answered is on disk.

    A write job may be run a second time, if the batch that it was in fails.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql+psycopg://...``.
        metadata: The tables; those that are lacking are made.
        committed: Told, on the event loop and in order of commit, what each write returned.
        harmless: Errors that jobs raise only before they have written anything: their batch is
            committed all the same.
        hold: Wall seconds to keep writes uncommitted after they have been acknowledged; None,
            as it should be, commits first. A defect of practice apps.

    Raises:
        StoreError: If the database cannot be opened.
    """

    def __init__(
        self,
        url: str,
        metadata: MetaData,
        *,
        committed: Callable[[Any], None] = lambda result: None,
        harmless: tuple[type[Exception], ...] = (),
        hold: float | None = None,
    ) -> None:
        self.engine = open_engine(url, metadata)
        self._committed = committed
        self._harmless = harmless
        self._hold = hold
        self._loop = asyncio.get_running_loop()
        self._writes: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._writer = threading.Thread(
            target=self._keep_writing if hold is None else self._keep_holding,
            name="writer",
            daemon=True,
        )
        self._writer.start()

    async def write(self, job: Callable[[Connection], T]) -> T:
        """Run a job in a transaction; returns once it is committed."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._writes.put(_Write(job, future))
        return await future

    async def read(self, job: Callable[[Connection], T]) -> T:
        """Run a job that only reads."""
        if self._hold is not None:
            return await self.write(job)  # only the writer sees what is not committed yet
        return await self._loop.run_in_executor(self._readers, self._read, job)

    async def close(self) -> None:
        """Finish the writes that wait, and let go of the database."""
        self._writes.put(None)
        await self._loop.run_in_executor(None, self._writer.join)
        self._readers.shutdown()
        self.engine.dispose()

    def _read(self, job: Callable[[Connection], T]) -> T:
        try:
            with self.engine.connect() as connection:
                return job(connection)
        except DBAPIError as error:
            if is_away(error):
                raise refused_for(error) from error
            raise

    def _run(self, write: _Write, connection: Connection) -> None:
        write.result = write.error = None
        try:
            write.result = write.job(connection)
        except self._harmless as error:
            write.error = error

    # -- the writer thread ----------------------------------------------------------------

    def _keep_writing(self) -> None:
        """Commit batch after batch until told to stop."""
        while batch := self._take(None):
            try:
                self._commit(batch)
            except Exception as error:
                # Whatever it was, the batch was rolled back; each write finds out for itself,
                # unless there is no server to ask.
                if is_away(error):
                    _fail(batch, refused_for(error))
                else:
                    self._one_by_one(batch)
            self._tell(batch)

    def _one_by_one(self, batch: list[_Write]) -> None:
        """A batch failed as a whole: give each of its writes a transaction of its own."""
        for write in batch:
            try:
                self._commit([write])
            except Exception as error:
                # Raised again where the write was asked for.
                write.error = refused_for(error) if is_away(error) else error

    def _commit(self, batch: list[_Write]) -> None:
        """Run jobs and commit what they wrote.

        A connection that is lost during the commit leaves each of them in doubt, which is told
        here; any other error is raised, and nothing was kept.
        """
        with self.engine.connect() as connection:
            for write in batch:
                self._run(write, connection)
            try:
                connection.commit()
            except DBAPIError as error:
                if not is_away(error):
                    raise
                _fail(batch, in_doubt())

    def _keep_holding(self) -> None:
        """Acknowledge before the commit, and commit only now and then."""
        assert self._hold is not None
        with self.engine.connect() as connection:
            due = None
            while batch := self._take(None if due is None else due - time.monotonic()):
                for write in batch:
                    try:
                        self._run(write, connection)
                    except Exception as error:
                        write.error = error  # raised again where the write was asked for
                self._tell(batch)
                due = time.monotonic() + self._hold if due is None else due
                if time.monotonic() >= due:
                    connection.commit()
                    due = None
            connection.rollback()

    def _take(self, patience: float | None) -> list[_Write] | None:
        """The writes that wait, at least one; None when it is time to stop.

        With ``patience`` in wall seconds, a write that does nothing once that has passed.
        """
        try:
            first = self._writes.get(timeout=None if patience is None else max(0.0, patience))
        except queue.Empty:
            return [_Write(lambda connection: None, self._loop.create_future())]
        if first is None:
            return None
        batch = [first]
        while len(batch) < BATCH:
            try:
                more = self._writes.get_nowait()
            except queue.Empty:
                break
            if more is None:
                self._writes.put(None)  # stop after this batch
                break
            batch.append(more)
        return batch

    def _tell(self, batch: list[_Write]) -> None:
        self._loop.call_soon_threadsafe(self._deliver, batch)

    def _deliver(self, batch: list[_Write]) -> None:
        for write in batch:
            if write.error is None:
                self._committed(write.result)
            if write.future.done():
                continue  # whoever asked has gone; what was written stays written
            if write.error is None:
                write.future.set_result(write.result)
            else:
                write.future.set_exception(write.error)


def _fail(batch: list[_Write], refusal: Exception) -> None:
    """Every write of a batch that was not refused by itself ends with the same error."""
    for write in batch:
        write.error = write.error or refusal


def open_engine(url: str, metadata: MetaData) -> Engine:
    """Open a database and make the tables that it lacks.

    Raises:
        StoreError: If the URL or the database is no good.
    """
    try:
        engine = create_engine(
            url,
            pool_size=READERS + 1,
            pool_pre_ping=not url.startswith("sqlite"),
            connect_args=patience(url),
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
        )
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _tune_sqlite)
        metadata.create_all(engine)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise StoreError(
            f"--database {url!r}: not a database URL this app knows ({error}). "
            "Give sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME."
        ) from error
    except SQLAlchemyError as error:
        reason = str(error).splitlines()[0]
        raise StoreError(f"--database: cannot open it: {reason}") from error
    return engine


def patience(url: str) -> dict[str, int]:
    """How long a driver waits for a server that does not answer: no longer than a person would.

    A server whose machine is gone says no goodbye, so it is asked for a sign of life as well.
    """
    if make_url(url).drivername != "postgresql+psycopg":
        return {}
    asks = {"keepalives_idle": 1, "keepalives_interval": 1, "keepalives_count": AWAY}
    return {"connect_timeout": AWAY, "tcp_user_timeout": AWAY * 1000, **asks}


def _tune_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
