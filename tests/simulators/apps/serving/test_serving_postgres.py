"""PostgreSQL under practice apps: killed, away, back, and copied by a replica."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from postgres_server import Server
from sqlalchemy import Column, Connection, Integer, MetaData, Table, create_engine, insert, select
from sqlalchemy import exc as sql
from sqlalchemy.pool import NullPool

from simulators.apps.serving.away import is_away
from simulators.apps.serving.postgres import ServerError, main, programs_of_postgresql
from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.store import Store

metadata = MetaData()
numbers = Table("numbers", metadata, Column("number", Integer, primary_key=True))


def store_of(number: int) -> Callable[[Connection], int]:
    def job(connection: Connection) -> int:
        connection.execute(insert(numbers), {"number": number})
        return number

    return job


def held(connection: Connection) -> set[int]:
    return set(connection.scalars(select(numbers.c.number)))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "database")
    server.start()
    yield server
    server.stop()


async def refusal_of(store: Store, number: int) -> Refusal:
    """What a write is told that cannot be stored."""
    with pytest.raises(Refusal) as told:
        await store.write(store_of(number))
    return told.value


@pytest.mark.live
def test_a_database_that_was_killed_is_refused_for_and_then_found_again(server: Server) -> None:
    """Writes and reads are a certain 503 while it is away; afterwards all that was said yes to
    is there, and nothing that was refused."""

    async def play() -> set[int]:
        store = Store(server.url, metadata)
        for number in range(20):
            await store.write(store_of(number))
        server.kill()
        refusal = await refusal_of(store, 100)
        assert (refusal.status, refusal.code) == (503, "database_away")
        assert refusal.retry_after == 1.0
        with pytest.raises(Refusal, match="nothing was stored"):
            await store.read(held)
        server.start()
        for number in range(20, 40):
            await store.write(store_of(number))
        found = await store.read(held)
        await store.close()
        return found

    assert asyncio.run(play()) == set(range(40))


@pytest.mark.live
def test_a_connection_lost_in_the_commit_is_doubt(server: Server) -> None:
    """What was written may be kept or not, so the answer is neither yes nor a certain no."""

    async def play() -> Refusal:
        store = Store(server.url, metadata)

        def job(connection: Connection) -> int:
            store_of(1)(connection)
            server.kill()  # after the write has arrived, before it is committed
            return 1

        with pytest.raises(Refusal) as told:
            await store.write(job)
        await store.close()
        return told.value

    refusal = asyncio.run(play())
    assert (refusal.status, refusal.code) == (500, "in_doubt")


@pytest.mark.live
def test_an_error_of_the_job_itself_is_no_absence(server: Server) -> None:
    """A number that is there already is the job's own error, and the next write goes through."""

    async def play() -> set[int]:
        store = Store(server.url, metadata)
        await store.write(store_of(1))
        with pytest.raises(sql.IntegrityError) as told:
            await store.write(store_of(1))
        assert not is_away(told.value)
        await store.write(store_of(2))
        found = await store.read(held)
        await store.close()
        return found

    assert asyncio.run(play()) == {1, 2}


@pytest.mark.live
def test_a_replica_follows_and_is_made_anew_when_its_data_is_gone(
    server: Server, tmp_path: Path
) -> None:
    """It copies the primary at a first start, and shows what is written later."""
    replica = Server(tmp_path / "replica", "--replica-of", f"127.0.0.1:{server.port}")
    primary = create_engine(server.url)
    metadata.create_all(primary)

    def follows(number: int) -> bool:
        with primary.begin() as connection:
            store_of(number)(connection)
        copy = create_engine(replica.url, poolclass=NullPool)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with copy.connect() as connection:
                if number in held(connection):
                    return True
            time.sleep(0.05)
        return False

    try:
        replica.start()
        assert follows(1)
        replica.kill()
        (replica.folder / "server").rename(tmp_path / "wiped")
        replica.start()
        assert follows(2)
    finally:
        replica.stop()
        primary.dispose()


def test_missing_programs_are_named_with_their_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has no PostgreSQL is told what to install, in one line and with exit code 2."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("simulators.apps.serving.postgres._PLACES", ())
    with pytest.raises(ServerError, match="apt-get install postgresql"):
        programs_of_postgresql()
    assert main(["--data", "/nowhere/database"]) == 2
