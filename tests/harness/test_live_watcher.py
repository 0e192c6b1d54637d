"""The watcher tells once what the target newly holds, whose it is, and when it cannot see."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from live_people import card_of, cards, volunteer

from harness.live.hall import Hall
from harness.live.marking import Mark, Marker
from harness.live.model import Event, Happening
from harness.live.store import Live
from harness.live.watcher import LAST_LOOK, Watcher, reader_of, watching
from harness.target import Run, Target, load_target
from harness.target.readback import Mapping, Record
from simulators.world.preferences import FIELDS

TAG = "d7"
Row = dict[str, Any]
READER = {
    "mode": "keyed", "file": "held.json", "key": "operation", "record": "precinct",
    "stored_id": "id", "channel": "via", "fields": {"from": "cells"},
}  # fmt: skip


def target_at(folder: Path, **readers: Any) -> Target:
    """A target that writes what it holds to a file."""
    path = folder / "target.yaml"
    path.write_text(
        json.dumps({
            "name": "the app", "base_url": "http://127.0.0.1:9",
            "classes": [{"class": "accepted", "status": 200}],
            "operations": {"submit_report": {"request": {"path": "/", "json": {}}}},
            "read_back": readers or {"records": READER},
        })
    )  # fmt: skip
    return load_target(path, run=Run("run-7", 7, FIELDS))


def row(number: int, changes: dict[int, int | None] | None = None, **told: Any) -> Row:
    """A row of the target: a volunteer's card, with some cells changed."""
    cells: dict[str, int | None] = dict(zip(FIELDS, card_of(number).values, strict=True))
    for cell, value in (changes or {}).items():
        cells[FIELDS[cell]] = value
    return {"id": f"r{number}", "operation": "", "precinct": f"IA-{number:04d}", "cells": cells,
            **told}  # fmt: skip


class Stand:
    """An open database, a target that writes a file, and a watcher of it."""

    def __init__(self, folder: Path, live: Live, **readers: Any) -> None:
        self.folder, self.live = folder, live
        deck = SimpleNamespace(fields=FIELDS, plan=SimpleNamespace(tag=TAG))
        settings = SimpleNamespace(deck=deck)
        marker = Marker(cards(30))
        self.hall = cast("Hall", SimpleNamespace(live=live, marker=marker, settings=settings))
        self.target = target_at(folder, **readers)
        self.watcher = Watcher(self.target, every=0.01)

    def hold(self, *rows: Row) -> None:
        """The target holds these rows from now on."""
        path = self.folder / "held.json.new"
        path.write_text(json.dumps(rows))
        path.replace(self.folder / "held.json")

    async def looked(self) -> None:
        """Wait until a look that began from now on has ended."""
        for _ in range(2):  # the first may have begun before
            now = self.live.now()
            await until(lambda: (self.watcher.watch.looked or 0.0) > now)  # noqa: B023

    def mark(self, number: int) -> Mark:
        """A volunteer's mark."""
        journey = self.live.roll.journeys[f"V{number:07d}"]
        return self.hall.marker.mark(journey, self.live.roll.opened)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.005)


def drilled(
    folder: Path,
    play: Callable[[Stand], Awaitable[None]],
    *,
    before: tuple[Row, ...] = (),
    people: int = 6,
    **readers: Any,
) -> None:
    """Open a drill of some people, watch its target, and play."""

    async def run() -> None:
        live = await Live.open(folder / "live.db")
        try:
            if not len(live.roll):
                await live.add_volunteers([volunteer(number) for number in range(people)])
            stand = Stand(folder, live, **readers)
            stand.hold(*before)
            async with stand.watcher(stand.hall):
                if live.roll.opened is None:
                    if stand.watcher.watch.reader:
                        await stand.looked()
                    await live.happened(Happening.OPEN)
                await play(stand)
        finally:
            await live.close()

    asyncio.run(run())


def test_new_and_changed_rows_are_told_once(tmp_path: Path) -> None:
    """A report is an event when it comes and when it is corrected, and never without a change."""

    async def play(stand: Stand) -> None:
        stand.hold(row(1, {0: 7}, via="web"))
        await until(lambda: stand.mark(1).reported is not None)
        await stand.looked()
        await stand.looked()
        assert [each.score.correct for each in stand.mark(1).reports] == [False]
        assert stand.mark(1).reports[0].sighting.channel == "web"
        stand.hold(row(1), row(2))
        await until(lambda: stand.mark(2).reported is not None)
        assert [each.score.correct for each in stand.mark(1).reports] == [False, True]

    drilled(tmp_path, play)


def test_what_was_there_before_is_no_news(tmp_path: Path) -> None:
    """The baseline is subtracted, also by a server that was started again."""

    async def first(stand: Stand) -> None:
        await stand.looked()
        assert stand.mark(1).reported is None

    async def again(stand: Stand) -> None:
        stand.hold(row(1, {0: 7}), row(2), row(3))
        await until(lambda: stand.mark(3).reported is not None)
        assert stand.mark(1).reported is None
        assert len(stand.mark(2).reports) == 1

    async def between(stand: Stand) -> None:
        stand.hold(row(1, {0: 7}), row(2))
        await until(lambda: stand.mark(2).reported is not None)

    drilled(tmp_path, first, before=(row(1, {0: 7}),))
    drilled(tmp_path, between, before=(row(1, {0: 7}),))
    drilled(tmp_path, again, before=(row(1, {0: 7}), row(2)))


def test_rows_are_matched_by_record_and_never_by_name(tmp_path: Path) -> None:
    """A row of a precinct that nobody has is a stray, whatever it is called."""

    async def play(stand: Stand) -> None:
        stand.hold(row(20, id="V0000001", name="Precinct 1"), row(2))
        await until(lambda: stand.mark(2).reported is not None)
        assert stand.mark(1).reported is None
        assert stand.watcher.watch.tally.strays == 1

    drilled(tmp_path, play)


def test_somebody_elses_numbers_are_a_wrong_precinct(tmp_path: Path) -> None:
    """Numbers of another card at a record are wrong; whose report it is, the journeys say."""

    async def play(stand: Stand) -> None:
        # The one who holds the card has begun: they have copied another one.
        await stand.live.happened(Happening.OPENED, "V0000001")
        stand.hold(row(1, precinct="IA-0001", cells=row(2)["cells"]))
        await until(lambda: stand.mark(1).reported is not None)
        assert set(stand.mark(1).reports[0].score.kinds) == {"wrong_precinct"}
        # Nobody has opened card 3, and 4 is missing: 4 has reported at 3.
        await stand.live.happened(Happening.OPENED, "V0000004")
        stand.hold(row(3, cells=row(4)["cells"]))
        await until(lambda: stand.mark(4).reported is not None)
        assert stand.mark(3).reported is None
        assert stand.mark(4).correct is False
        assert stand.mark(4).reports[0].score.found_at == "IA-0003"

    drilled(tmp_path, play)


@pytest.mark.parametrize(
    ("reader", "rows"),
    [
        ({"mode": "state", "record": "precinct"}, [row(1), row(2, {3: 1})]),
        ({"mode": "set", "record": "precinct"}, [row(2, {3: 1}), row(1)]),
        ({"mode": "set"}, [row(1), row(2, {3: 1})]),
        ({"mode": "keyed", "key": "operation"},
         [row(1, operation=f"{TAG}-IA-0001-1"), row(2, {3: 1}, operation=f"{TAG}-IA-0002-1")]),
    ],
    ids=["state", "set", "set without records", "keyed without records"],
)  # fmt: skip
def test_every_kind_of_reader_that_shows_reports(
    tmp_path: Path, reader: dict[str, Any], rows: list[Row]
) -> None:
    """State, set and keyed readers all tell whose report is there and whether it is right."""

    async def play(stand: Stand) -> None:
        for number in (1, 2):
            await stand.live.happened(Happening.OPENED, f"V{number:07d}")
        stand.hold(*rows)
        await until(lambda: stand.mark(2).reported is not None)
        assert stand.mark(1).correct is True
        assert stand.mark(2).correct is False

    told = {"file": "held.json", "fields": {"from": "cells"}} | reader
    drilled(tmp_path, play, records=told)


def test_target_that_shows_no_values_is_said_plainly(tmp_path: Path) -> None:
    """It is seen who has reported; whether it is right nobody can say, and the board says so."""
    told = {name: value for name, value in READER.items() if name != "fields"}

    async def play(stand: Stand) -> None:
        stand.hold(row(1))
        await until(lambda: stand.mark(1).reported is not None)
        assert stand.mark(1).correct is None
        assert "shows no values" in stand.watcher.watch.problem

    drilled(tmp_path, play, records=told)


def test_target_that_shows_only_totals_is_said_plainly(tmp_path: Path) -> None:
    """With sums alone nothing can be watched: the watcher says what is missing, and rests."""
    target = target_at(tmp_path, sums={"mode": "totals", "file": "held.json", "fields": {}})
    name, lacks = reader_of(target)
    assert name == ""
    assert "no reader that shows reports one by one" in lacks
    assert watching(target).watch.problem == lacks


def test_reader_that_shows_most_is_chosen(tmp_path: Path) -> None:
    """Values and records come first, whatever the order in the file."""
    plain = {"mode": "keyed", "file": "held.json", "key": "operation"}
    target = target_at(tmp_path, keys=plain, records=READER)
    assert reader_of(target) == ("records", "")


def test_target_that_is_down_is_told_and_left_alone(tmp_path: Path) -> None:
    """Losing the target and finding it again are events, once each, and the pauses grow."""

    async def play(stand: Stand) -> None:
        told: list[Event] = []
        stand.live.subscribe(told.append)
        (tmp_path / "held.json").write_text("<!doctype html><title>busy</title>")
        await until(lambda: "HTML page" in stand.watcher.watch.problem)
        assert stand.watcher.watch.lost is not None
        stand.hold(row(1))
        await until(lambda: len(told) == 3)
        assert stand.mark(1).reported is not None
        assert stand.watcher.watch.lost is None
        watched = [each.detail["ok"] for each in told if each.what is Happening.WATCH]
        assert watched == [False, True]

    drilled(tmp_path, play)
    watcher = watching(target_at(tmp_path), every=2.0)
    pauses = [watcher.failed("429 Too Many Requests", 0.0, 1.0)[0] for _ in range(6)]
    assert pauses == [4.0, 8.0, 15.0, 15.0, 15.0, 15.0]
    assert watcher.failed("429 Too Many Requests", 3600.0, 1.0)[0] == 60.0
    watcher.found(2.0, 0.1, 1, watcher.watch.tally)
    assert watcher.failed("429 Too Many Requests", 45.0, 3.0)[0] == 45.0


def test_slow_target_is_not_asked_all_the_time(tmp_path: Path) -> None:
    """However often it is to look, it leaves the target alone for thrice the time it took."""
    watcher = watching(target_at(tmp_path), every=2.0)
    assert watcher.found(1.0, 0.1, 4, watcher.watch.tally)[0] == 2.0
    assert watcher.found(1.0, 5.0, 4, watcher.watch.tally)[0] == 15.0
    watcher.target.limits = watcher.target.limits.model_copy(update={"requests_per_second": 2.0})
    assert watcher.found(1.0, 0.1, 4, watcher.watch.tally)[0] == 20.0


def test_report_sent_before_closing_is_seen_after_it(tmp_path: Path) -> None:
    """The first look after the drill was closed counts; what comes later does not."""

    async def play(stand: Stand) -> None:
        stand.hold(row(1))
        await stand.live.happened(Happening.CLOSED)
        await until(lambda: stand.mark(1).reported is not None)
        stand.hold(row(1), row(2))
        await stand.looked()
        await stand.looked()
        assert stand.mark(2).reported is None

    drilled(tmp_path, play)


def test_look_at_two_thousand_rows_takes_apart_only_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that say what they said are compared by their hash alone."""
    taken: list[int] = []
    records = Mapping.records

    def counted(mapping: Mapping, rows: list[Any]) -> list[Record]:
        taken.append(len(rows))
        return records(mapping, rows)

    monkeypatch.setattr(Mapping, "records", counted)
    many = [row(number % 30, id=f"r{number}", precinct=f"X-{number}") for number in range(2000)]

    async def play(stand: Stand) -> None:
        await stand.looked()
        assert sum(taken) == 2000
        stand.hold(*many, row(1))
        await until(lambda: stand.mark(1).reported is not None)
        await stand.looked()
        assert sum(taken) == 2001

    drilled(tmp_path, play, before=tuple(many))


def happened(stand: Stand, what: Happening) -> list[tuple[str, str]]:
    """Whose reports an event tells of, in order; filled while the drill goes on."""
    told: list[tuple[str, str]] = []

    def hear(event: Event) -> None:
        if event.what is what:
            told.append((event.volunteer, str(event.detail["record"])))

    stand.live.subscribe(hear)
    return told


def test_what_was_seen_and_is_gone_is_told(tmp_path: Path) -> None:
    """A lost report is an event, once; so is its coming back; and its end is on the roll."""

    async def play(stand: Stand) -> None:
        gone, seen = happened(stand, Happening.GONE), happened(stand, Happening.SEEN)
        stand.hold(row(1), row(2))
        await until(lambda: len(seen) == 2)
        stand.hold(row(2))
        await until(lambda: bool(gone))
        await stand.looked()
        assert gone == [("V0000001", "IA-0001")]
        stand.hold(row(1), row(2))
        await until(lambda: len(seen) == 3)
        assert seen[-1] == ("V0000001", "IA-0001")
        assert not any(each.gone for each in stand.live.roll)
        stand.hold(row(1))
        await stand.live.happened(Happening.CLOSED)
        await until(lambda: len(gone) == 2)
        assert stand.live.roll.journeys["V0000002"].gone == {"IA-0002": "IA-0002"}
        await until(lambda: bool(stand.live.settings.get(LAST_LOOK)))

    drilled(tmp_path, play)


def test_a_server_that_starts_again_still_misses_what_is_gone(tmp_path: Path) -> None:
    """What an earlier server saw, the next one misses; what that one missed, it does not retell."""

    async def first(stand: Stand) -> None:
        stand.hold(row(1), row(2))
        await until(lambda: stand.mark(2).reported is not None)
        stand.hold(row(2))
        await until(lambda: bool(stand.live.roll.journeys["V0000001"].gone))

    async def again(stand: Stand) -> None:
        await stand.looked()
        told = [each.volunteer for each in await stand.live.events()
                if each.what is Happening.GONE]  # fmt: skip
        assert told == ["V0000001", "V0000002"]

    drilled(tmp_path, first)
    drilled(tmp_path, again)


def test_a_correction_under_another_name_is_not_gone(tmp_path: Path) -> None:
    """A target that keeps a correction as a new row in the old one's place has lost nothing."""

    async def play(stand: Stand) -> None:
        gone = happened(stand, Happening.GONE)
        stand.hold(row(1, {0: 7}))
        await until(lambda: stand.mark(1).reported is not None)
        stand.hold(row(1, id="another"))
        await until(lambda: stand.mark(1).reports[-1].score.correct is True)
        await stand.looked()
        assert gone == []

    drilled(tmp_path, play)


def test_a_target_out_of_sight_at_the_end_was_not_seen_whole(tmp_path: Path) -> None:
    """No last look is kept where the target cannot be read when the drill is closed."""

    async def play(stand: Stand) -> None:
        (tmp_path / "held.json").write_text("<!doctype html><title>busy</title>")
        await stand.live.happened(Happening.CLOSED)
        await until(lambda: stand.watcher.watch.lost is not None)
        assert stand.live.settings.get(LAST_LOOK) == {}

    drilled(tmp_path, play)
