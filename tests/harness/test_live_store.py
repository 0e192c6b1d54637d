"""The store: what was answered is on disk, a restart has the same roll, what was erased is gone."""

from __future__ import annotations

import asyncio
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from live_people import volunteer
from sqlalchemy.exc import IntegrityError

from harness.live import store as store_module
from harness.live.model import Event, Happening, Role
from harness.live.rows import Account, Deed, Session
from harness.live.store import Live
from simulators.apps.serving.store import StoreError

SECRET = "My neighbour has the same card."


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Live]:
    """An open drill."""
    live = await Live.open(path)
    try:
        yield live
    finally:
        await live.close()


def bytes_of(path: Path) -> bytes:
    """Everything that is in the database's files."""
    return b"".join(each.read_bytes() for each in path.parent.glob(path.name + "*"))


def test_a_restart_has_the_same_roll(tmp_path: Path) -> None:
    """Volunteers, events, staff, settings and the audit log come back as they were."""

    async def play() -> None:
        async with opened(tmp_path / "live.db") as live:
            await live.add_volunteers([volunteer(n) for n in range(20)], {"V0000003": "tie"})
            await live.happened(Happening.OPEN)
            for number in range(10):
                await live.happened(Happening.OPENED, f"V{number:07d}")
            await live.happened(Happening.SEEN, "V0000003", values=[1, None, 3], channel="web")
            await live.happened(Happening.AGAIN, "V0000003", record="IA-0500", account="a")
            await live.happened(
                Happening.SURVEYED, "V0000004", sus=[4] * 10, comment="ñ \U0001f44d"
            )
            await live.happened(Happening.TROUBLE, what="app_down", on=True)
            account = Account("organizer", Role.ORGANIZER, "scrypt$...", 5.0)
            await live.keep_account(account, Deed(5.0, "server", "account_made", "organizer"))
            await live.keep_session(
                Session("d" * 64, "organizer", live.now() + 60), Deed(6, "o", "x")
            )
            secret = await live.secret("form_key")
            before = live.roll
            events = await live.events()
            state = (live.accounts, live.sessions, live.settings, live.deeds)
        async with opened(tmp_path / "live.db") as again:
            assert again.roll.journeys == before.journeys
            assert (again.roll.version, again.roll.opened) == (before.version, before.opened)
            assert again.roll.troubles == before.troubles
            assert again.roll.by_record("IA-0500") is again.roll.journeys["V0000003"]
            assert await again.events() == events
            assert (again.accounts, again.sessions, again.settings, again.deeds) == state
            assert await again.secret("form_key") == secret

    asyncio.run(play())


def test_what_was_answered_survives_kill_9(tmp_path: Path) -> None:
    """Every event whose append returned is there after the process was killed outright."""
    code = f"""
import asyncio, sys
from harness.live.model import Happening
from harness.live.store import Live
async def main():
    live = await Live.open({str(tmp_path / "live.db")!r})
    async def keep_on(who):
        while True:
            event = await live.happened(Happening.HELP, f"w{{who}}")
            print(event.number, flush=True)
    await asyncio.gather(*map(keep_on, range(20)))
asyncio.run(main())
"""
    child = subprocess.Popen([sys.executable, "-P", "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    told = [int(child.stdout.readline()) for _ in range(200)]
    child.send_signal(signal.SIGKILL)
    told += [int(line) for line in child.stdout if line.endswith("\n")]
    child.stdout.close()
    child.wait()

    async def numbers() -> list[int]:
        async with opened(tmp_path / "live.db") as live:
            return [each.number for each in await live.events()]

    held = asyncio.run(numbers())
    assert set(told) <= set(held)
    assert held == list(range(1, len(held) + 1)), "numbers have no gaps"


def test_every_commit_is_synced(tmp_path: Path) -> None:
    """The log is synced before a commit is answered: WAL with synchronous=FULL."""

    async def pragmas() -> list[object]:
        async with opened(tmp_path / "live.db") as live:
            with live._store.engine.connect() as connection:
                names = ("journal_mode", "synchronous", "secure_delete")
                return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

    assert asyncio.run(pragmas()) == ["wal", 2, 1]


def erased(folder: Path) -> bytes:
    """What is in the files, when somebody has written something and had it deleted."""

    async def play() -> None:
        async with opened(folder / "live.db") as live:
            people = [volunteer(n, age_band="over 70", training="session") for n in range(40)]
            await live.add_volunteers(people)
            for each in people:
                comment = SECRET if each.number == 7 else f"I am number {each.number}." * 20
                await live.happened(Happening.SURVEYED, each.id, sus=[5] * 10, comment=comment)
            assert SECRET.encode() in bytes_of(folder / "live.db")
            await live.erase(people[7].id)

    asyncio.run(play())
    return bytes_of(folder / "live.db")


def test_erased_words_leave_the_files(tmp_path: Path) -> None:
    """Not a byte of what they wrote is left in the database or its log; others' words stay."""
    held = erased(tmp_path)
    assert SECRET.encode() not in held
    assert b"I am number 8." in held


def test_deleting_rows_alone_would_leave_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without wiping, the words are still in the write-ahead log: the check above can fail."""
    found: list[bool] = []

    async def no_wipe(live: Live) -> None:
        found.append(SECRET.encode() in bytes_of(live.path))

    monkeypatch.setattr(Live, "_wiped", no_wipe)
    erased(tmp_path)
    assert found == [True]


def test_erasing_leaves_counts(tmp_path: Path) -> None:
    """What happened stays, what was known goes, and no number is missing."""

    async def play() -> None:
        async with opened(tmp_path / "live.db") as live:
            await live.add_volunteers([volunteer(1, age_band="over 70"), volunteer(2)])
            await live.happened(Happening.SURVEYED, "V0000001", sus=[5] * 10, comment=SECRET)
            before = len(await live.events())
            await asyncio.gather(live.erase("V0000001"), live.erase("V0000002"))
            journey = live.roll.journeys["V0000001"]
            assert journey.erased
            assert journey.survey is None
            assert Happening.SURVEYED in journey.times
            assert (journey.volunteer.age_band, journey.volunteer.device) == ("", "")
            assert journey.volunteer.county == "Adair"
            events = await live.events()
            assert [each.number for each in events] == list(range(1, before + 3))
            assert all(not each.detail.get("comment") for each in events)
            same = live.roll
        async with opened(tmp_path / "live.db") as again:
            assert again.roll.journeys == same.journeys

    asyncio.run(play())


def test_answers_that_come_after_deletion_are_not_kept(tmp_path: Path) -> None:
    """Answers on their way while somebody presses delete leave no word; others' are kept."""

    async def play() -> None:
        async with opened(tmp_path / "live.db") as live:
            await live.add_volunteers([volunteer(1), volunteer(2)])
            await asyncio.gather(
                live.erase("V0000001"),
                live.happened(Happening.SURVEYED, "V0000001", sus=[1] * 10, comment=SECRET),
                live.happened(Happening.SURVEYED, "V0000002", sus=[1] * 10, comment="kept"),
            )
            assert SECRET.encode() not in bytes_of(live.path)
            assert b"kept" in bytes_of(live.path)
            assert live.roll.journeys["V0000001"].survey is None
            assert live.roll.journeys["V0000002"].survey is not None

    asyncio.run(play())


def test_a_wipe_that_was_cut_off_is_made_up_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server killed between deleting and wiping wipes when it is next opened."""
    wiped: list[int] = []
    real = store_module._vacuum
    monkeypatch.setattr(store_module, "_vacuum", lambda store: (wiped.append(1), real(store)))
    monkeypatch.setattr(Live, "_wiped", _nothing)
    erased(tmp_path)
    assert not wiped

    async def reopen() -> None:
        async with opened(tmp_path / "live.db"):
            assert SECRET.encode() not in bytes_of(tmp_path / "live.db")

    asyncio.run(reopen())
    assert wiped


async def _nothing(live: Live) -> None:
    pass


def test_all_or_none(tmp_path: Path) -> None:
    """Of a list with somebody who is there already nobody is added, and no number is used up."""

    async def play() -> None:
        async with opened(tmp_path / "live.db") as live:
            await live.add_volunteers([volunteer(1)])
            with pytest.raises(IntegrityError):
                await live.add_volunteers([volunteer(2), volunteer(1)])
            assert list(live.roll.journeys) == ["V0000001"]
            assert (await live.happened(Happening.OPEN)).number == 2

    asyncio.run(play())


def test_whoever_subscribes_is_told_after_the_roll_knows(tmp_path: Path) -> None:
    """A listener sees each event once, in order, on a roll that has it; until it stops."""

    async def play() -> None:
        async with opened(tmp_path / "live.db") as live:
            heard: list[tuple[int, bool]] = []

            def told(event: Event) -> None:
                heard.append((event.number, live.roll.version == event.number))

            stop = live.subscribe(told)
            await live.append(Event(0, Happening.OPEN), Event(0, Happening.CLOSED))
            stop()
            await live.happened(Happening.OPEN)
            assert heard == [(1, True), (2, True)]

    asyncio.run(play())


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    """Links and answers are nobody else's business on a shared machine."""

    async def play() -> None:
        async with opened(tmp_path / "live.db") as live:
            await live.happened(Happening.OPEN)
            for each in tmp_path.glob("live.db*"):
                assert not stat.S_IMODE(each.stat().st_mode) & 0o077, each.name

    asyncio.run(play())


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.mkdir(), "cannot open"),
        (lambda path: path.write_bytes(b"no database at all" * 100), "not a database"),
    ],
)
def test_a_file_that_is_no_database_is_named(
    tmp_path: Path, make: Callable[[Path], object], said: str
) -> None:
    """The error says what is wrong, in one line."""
    make(tmp_path / "live.db")
    with pytest.raises(StoreError, match=said):
        asyncio.run(Live.open(tmp_path / "live.db"))
