"""The store of practice apps: what was answered is on disk, whatever its neighbours do."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, select

from simulators.apps.serving.refusal import Refusal
from simulators.apps.serving.store import Store

metadata = MetaData()
numbers = Table("numbers", metadata, Column("number", Integer, primary_key=True))
Job = Callable[[Connection], int]


def writes(number: int, runs: list[int]) -> Job:
    def job(connection: Connection) -> int:
        runs.append(number)
        connection.execute(insert(numbers), {"number": number})
        return number

    return job


def refuses(connection: Connection) -> int:
    raise Refusal(409, "no", "No.")


def breaks(connection: Connection) -> int:
    connection.execute(insert(numbers), {"number": 99})
    raise RuntimeError("half done")


def batch(folder: Path, *jobs: Job, **options: Any) -> tuple[list[Any], list[int]]:
    """Run jobs as one batch: what came of each, and what is on disk then."""

    async def play() -> list[Any]:
        store = Store(f"sqlite:///{folder / 'numbers.db'}", metadata, **options)
        gate = threading.Event()
        first = asyncio.ensure_future(store.write(lambda connection: gate.wait(5)))
        await asyncio.sleep(0.05)  # the writer is busy, so that the rest waits together
        rest = [asyncio.ensure_future(store.write(job)) for job in jobs]
        await asyncio.sleep(0.05)
        gate.set()
        await first
        told = await asyncio.gather(*rest, return_exceptions=True)
        await store.close()
        return told

    async def held() -> list[int]:
        store = Store(f"sqlite:///{folder / 'numbers.db'}", metadata)
        found = await store.read(lambda connection: list(connection.scalars(select(numbers))))
        await store.close()
        return found

    return asyncio.run(play()), asyncio.run(held())


def test_a_harmless_error_leaves_its_neighbours_alone(tmp_path: Path) -> None:
    """They are committed with it, and nobody's job is run twice."""
    runs: list[int] = []
    jobs = writes(1, runs), refuses, writes(2, runs)
    told, held = batch(tmp_path, *jobs, harmless=(Refusal,))
    assert (told[0], told[2]) == (1, 2)
    assert isinstance(told[1], Refusal)
    assert (held, runs) == ([1, 2], [1, 2])


def test_what_a_failed_write_had_done_is_undone(tmp_path: Path) -> None:
    """Its neighbours are run again, each in a transaction of its own, and are stored once."""
    runs: list[int] = []
    told, held = batch(tmp_path, writes(1, runs), breaks, writes(2, runs))
    assert (told[0], told[2]) == (1, 2)
    assert isinstance(told[1], RuntimeError)
    assert held == [1, 2]
    assert sorted(runs) == [1, 1, 2]


def test_whoever_listens_hears_of_commits_alone(tmp_path: Path) -> None:
    """In the order of the commits; a write that was turned down is none."""
    heard: list[Any] = []
    batch(tmp_path, writes(1, []), refuses, writes(2, []), committed=heard.append)
    assert heard[1:] == [1, 2]
