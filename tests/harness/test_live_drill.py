"""A live drill as a whole: it adds up, and nothing that was acknowledged is ever lost."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from rich.console import Console

from harness.cli import main
from harness.drill import Drill, DrillError
from harness.live.deck import Deck
from harness.live.drill import DATABASE, LiveDrill, closed_in, run_live
from harness.live.heard import not_stored, read_journal
from harness.live.host import LiveServer, LiveServerError, last_words
from harness.live.keys import organizer_password
from harness.live.marking import Marker
from harness.live.missing import missing
from harness.live.model import Event, Happening
from harness.live.orders import PASSWORD, RobotsOrder, read_order, terms_of, write_order
from harness.live.resuming import Standing, end_left_behind, standing_in
from harness.live.store import Live
from harness.practice import practice_file
from harness.progress import Progress
from harness.record import RunFolder
from harness.scenario import load_scenario
from simulators.plans import plan_of

SCENARIO = "iowa-caucus-training"


def quiet() -> Progress:
    """Nobody is told anything."""
    return Progress(Console(), quiet=True)


def rehearsal(folder: Path, robots: int, *, scale: float, **changed: Any) -> LiveDrill:
    """A drill with simulated volunteers who hurry."""
    scenario = load_scenario(SCENARIO)
    drill = Drill(
        scenario, scenario.target, "rehearsal", seed=7, speed=1.0, scale=scale, folder=folder
    )
    asked = LiveDrill(drill, rehearse=robots, seconds=2.0, pause=0.1)
    return replace(asked, **changed)


def events_of(folder: Path) -> list[Event]:
    """Everything that the drill in a folder holds."""

    async def read() -> list[Event]:
        live = await Live.open(folder / DATABASE)
        try:
            return await live.events()
        finally:
            await live.close()

    return asyncio.run(read())


def adds_up(folder: RunFolder, robots: int, cut_short: int = 0) -> pl.DataFrame:
    """The sessions of a drill, once it is sure that they agree with what the robots know.

    Robots that were killed may have been told something that they could not write down any more:
    ``cut_short`` of them at most, one thing each.
    """
    live = folder.info["live"]
    assert live["acknowledged_and_lost"] == 0, folder.info["reasons"]
    assert live["robots"]["problems"] == {}
    heard = read_journal(folder.path / "robots.jsonl")
    assert not_stored(heard, events_of(folder.path)) == []
    sessions = folder.sessions.collect()
    assert sessions.height == live["invited"]["robots"] == robots
    who = {what: {each["volunteer"] for each in heard if each["what"] == what} for what in
           ("opened", "signed_in", "submit_report", "surveyed")}  # fmt: skip
    unheard = [
        sessions[column].count() - len(who[what])
        for column, what in
        (("opened", "opened"), ("reported", "submit_report"), ("sus", "surveyed"))
    ]  # fmt: skip
    assert min(unheard) >= 0
    assert sum(unheard) <= cut_short
    steps = [sessions[name].count() for name in ("invited", "opened", "signed_in", "reported")]
    assert steps == sorted(steps, reverse=True)
    assert sum(sessions["correct"].drop_nulls()) <= steps[-1] < robots
    return sessions


# -- the whole of it ----------------------------------------------------------------------------


@pytest.mark.slow
def test_fifty_robots_add_up(tmp_path: Path) -> None:
    """The funnel agrees with what robots did, the list names who is missing, deletion deletes."""
    folder = run_live(rehearsal(tmp_path / "run", 50, scale=1.0), quiet())
    sessions = adds_up(folder, 50)
    assert folder.info["state"] == "finished"
    assert closed_in(folder.path / DATABASE)
    heard = read_journal(folder.path / "robots.jsonl")
    amended = {each["volunteer"] for each in heard if each["what"] == "amend_report"}
    sent = {
        each["volunteer"]: tuple(each["values"])
        for each in heard
        if each["what"] == "submit_report"
    }
    night = load_scenario(SCENARIO).night("rehearsal", seed=7, scale=1.0)
    deck = Deck(plan_of(night))
    right = {row["session"]: row["correct"] for row in sessions.iter_rows(named=True)}
    records = dict(sessions.select("session", "record").iter_rows())
    for who, values in sent.items():
        if who not in amended:
            assert right[who] == (values == deck.card(records[who]).values)

    async def look() -> None:
        live = await Live.open(folder.path / DATABASE)
        marker = Marker(map(deck.card, deck.places), terms_of(load_scenario(SCENARIO).live))  # type: ignore[arg-type]
        late = missing(marker.marks(live.roll), live.roll, now=time.time() + 1, after=0.0)
        assert {each.id for each in late} == set(records) - set(sent)
        for who in records:
            await live.erase(who)
        await live.close()

    file = folder.path / DATABASE
    said = [each["comment"].encode() for each in sessions.iter_rows(named=True) if each["comment"]]
    assert said
    assert any(each in _bytes(file) for each in said)
    asyncio.run(look())
    assert not any(each in _bytes(file) for each in said)


def _bytes(database: Path) -> bytes:
    return b"".join(path.read_bytes() for path in database.parent.glob(f"{database.name}*"))


@pytest.mark.slow
def test_a_killed_server_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed twice in the middle, it is started again; robots go on, and everything adds up."""
    servers: list[LiveServer] = []
    begin = LiveServer.start

    def start(server: LiveServer) -> str:
        servers.append(server)
        return begin(server)

    monkeypatch.setattr(LiveServer, "start", start)
    journal, over = tmp_path / "run" / "robots.jsonl", threading.Event()

    def kill() -> None:
        for lines in (300, 900):
            if not _until(lambda least=lines: _lines(journal) >= least, over):  # type: ignore[misc]
                return
            pid = servers[-1].pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            started = len(servers)
            _until(lambda count=started: len(servers) > count, over)  # type: ignore[misc]

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        folder = run_live(rehearsal(tmp_path / "run", 320, scale=4.0, seconds=4.0), quiet())
    finally:
        over.set()
        killer.join()
    adds_up(folder, 320)
    assert folder.info["live"]["starts"] == len(servers) == 3


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.is_file() else 0


def _until(holds: Callable[[], bool], over: threading.Event) -> bool:
    """Wait until something holds; False if all is over before."""
    while not holds():
        if over.wait(0.02):
            return False
    return True


def command(folder: Path, *words: str) -> list[str]:
    """The command line of a rehearsed drill."""
    return [
        sys.executable, "-P", "-m", "harness.cli", "live", SCENARIO, "--seed", "7", "--out",
        str(folder), *words,
    ]  # fmt: skip


@pytest.mark.slow
def test_a_killed_command_goes_on(tmp_path: Path) -> None:
    """Killed with everything it had started, the same command goes on in the same folder."""
    folder = tmp_path / "run"
    words = command(folder, "--rehearse", "60", "--arrive", "4", "--pause", "0.2")
    first = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    over = threading.Timer(60.0, first.kill)
    over.start()
    try:
        _until(lambda: _lines(folder / "robots.jsonl") >= 60 or first.poll() is not None,
               threading.Event())  # fmt: skip
    finally:
        over.cancel()
        first.kill()
        said, _ = first.communicate()
    assert (folder / "live.json").is_file(), said.decode()
    before = events_of(folder)
    again = subprocess.run(words, capture_output=True, check=False, timeout=100)
    assert again.returncode == 3, again.stdout.decode() + again.stderr.decode()
    assert "going on with what is in" in again.stdout.decode().replace("\n", " ")
    after = events_of(folder)
    assert after[: len(before)] == before
    adds_up(
        RunFolder.open(folder), 60, cut_short=4
    )  # the kill falls between few a yes and its note


def test_a_compose_project_that_is_gone_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its data went with the killed drill, and would be called lost."""
    monkeypatch.setenv("REPORTING_SECRET", "a secret of the test")
    (tmp_path / "target.yaml").write_text(
        f"like: {practice_file('reporting')}\nprocess: null\n"
        "base_url: http://127.0.0.1:{{ port }}\ncompose: {file: compose.yaml}\n"
    )
    live = rehearsal(tmp_path / "run", 5, scale=1.0)
    drill = replace(live.drill, target=str(tmp_path / "target.yaml"))
    plan = plan_of(drill.scenario.night(drill.cast, seed=drill.seed, scale=drill.scale))
    RunFolder.create(drill.folder)
    (drill.folder / "run.json").write_bytes(orjson.dumps({"plan_hash": plan.hash}))
    Standing(1, "http://127.0.0.1:9", "http://127.0.0.1:1", "robot").write(drill.folder)
    with pytest.raises(DrillError, match="Compose project was taken down with its data"):
        run_live(replace(live, drill=drill), quiet())


# -- the pieces ---------------------------------------------------------------------------------


def test_what_was_lost_is_found() -> None:
    """A yes without its event, a second cry for help, and a report that nobody saw."""
    heard = [
        {"volunteer": "A", "what": "agreed"},
        {"volunteer": "A", "what": "help"},
        {"volunteer": "A", "what": "help"},
        {"volunteer": "B", "what": "submit_report", "values": [1, 2]},
        {"volunteer": "B", "what": "amend_report", "values": [1, 3]},
    ]
    events = [
        Event(1.0, Happening.AGREED, "A"),
        Event(2.0, Happening.HELP, "A"),
        Event(3.0, Happening.HELP, "A"),
        Event(4.0, Happening.SEEN, "B", {"values": [1, 3]}),
    ]
    assert not_stored(heard, events) == []
    assert not_stored(heard, events[1:]) == [("A", "agreed")]
    assert not_stored(heard, [*events[:2], *events[3:]]) == [("A", "help")]
    assert not_stored(heard, events[:3]) == [("B", "report")]


def test_a_journal_that_was_cut_short(tmp_path: Path) -> None:
    """A line without its end was never acknowledged."""
    path = tmp_path / "robots.jsonl"
    path.write_bytes(b'{"volunteer":"A","what":"sent"}\n{"volunteer":"B","wh')
    assert [each["volunteer"] for each in read_journal(path)] == ["A"]


def test_when_a_report_is_on_time() -> None:
    """A deadline is the next time that the clock shows its hour."""
    model = load_scenario(SCENARIO).live
    assert model is not None
    evening = datetime(2026, 1, 20, 18, 30).astimezone()
    assert terms_of(model, evening).deadline is None
    ends = model.model_copy(update={"deadline": "19:15"})
    assert terms_of(ends, evening).deadline == evening.timestamp() + 45 * 60
    past = model.model_copy(update={"deadline": "18:00"})
    assert terms_of(past, evening).deadline == evening.timestamp() + 23.5 * 3600


def test_orders_are_for_their_owner(tmp_path: Path) -> None:
    """An order comes back as it was written, and nobody else may read it."""
    order = RobotsOrder({}, {"file": "t.yaml"}, "run", "http://h/v/", (), "j", moments={"A": 1.5})
    path = write_order(order, tmp_path / "order.json")
    assert read_order(path, RobotsOrder) == order
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_password_is_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn for the first start, told, and gone from the environment; never for a second one."""
    monkeypatch.delenv(PASSWORD, raising=False)
    database = tmp_path / "live.db"

    async def make() -> None:
        await (await Live.open(database)).close()

    asyncio.run(make())
    with organizer_password(database) as told:
        assert told.endswith(os.environ[PASSWORD])
        assert len(os.environ[PASSWORD]) >= 16
    assert PASSWORD not in os.environ
    with organizer_password(database, "our own words") as told:
        assert os.environ[PASSWORD] == "our own words"
        assert "our own words" not in told
    assert PASSWORD not in os.environ


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    """The last words of its log are told, and where the rest is."""
    order, log = tmp_path / "order.json", tmp_path / "live.log"
    order.write_text("{}")
    with pytest.raises(LiveServerError, match=r"did not start: .*live\.log\)"):
        LiveServer(order, log).start()
    assert last_words(tmp_path / "none.log") == "it left no log: No such file or directory"


def test_a_folder_to_go_on_with(tmp_path: Path) -> None:
    """It must be that of the same plan; a new or empty one is begun with."""
    assert standing_in(tmp_path, "h") is None
    folder = RunFolder.create(tmp_path / "run")
    info = {"plan_hash": "h", "scenario": SCENARIO, "seed": 7, "scale": 1.0}
    folder.write_info(info)
    with pytest.raises(DrillError, match="no live drill, or one that nobody could take part in"):
        standing_in(folder.path, "h")
    standing = Standing(8030, "http://127.0.0.1:1", "http://h", "volunteer")
    standing.write(folder.path)
    assert standing_in(folder.path, "h") == standing
    with pytest.raises(DrillError, match=f"{SCENARIO} with --seed 7 and --scale 1. Go on with"):
        standing_in(folder.path, "other")


def test_only_our_own_process_is_ended(tmp_path: Path) -> None:
    """What a killed drill left is known by its folder; anything else under its number lives."""
    words = [sys.executable, "-c", "import sys; sys.stdin.read()", f"{tmp_path}/data"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True) as child:
        end_left_behind(child.pid, tmp_path / "another")
        assert child.poll() is None
        reaper = threading.Thread(target=child.wait)
        reaper.start()
        end_left_behind(child.pid, tmp_path)
        reaper.join(10)
        assert child.returncode == -signal.SIGTERM


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["iowa-caucus-night", "--rehearse", "5"], "has no `live:` section"),
        ([SCENARIO, "--rehearse", "5000"], "--volunteers 5,000: there are"),
        ([SCENARIO, "--roster", "nobody.csv"], "nobody.csv: cannot be read"),
        ([SCENARIO, "--roster", "x.csv", "--rehearse", "5"], "leave out --roster"),
        ([SCENARIO, "--target", "nothing.yaml"], "no target 'nothing.yaml'"),
    ],
)
def test_mistakes_are_one_line(
    words: list[str],
    problem: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 2, no traceback, and nothing is left behind."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["live", *words, "--out", "run"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert problem in said
    assert said.count("\n") == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
@pytest.mark.live
def test_two_thousand_at_once(tmp_path: Path) -> None:
    """Two thousand come within seconds; all of them are served, and all that they did is kept."""
    folder = tmp_path / "run"
    words = command(folder, "--rehearse", "2000", "--scale", "22", "--arrive", "20", "--pause", "1")
    ended = subprocess.run(words, capture_output=True, check=False, timeout=600)
    assert ended.returncode == 3, ended.stdout.decode() + ended.stderr.decode()
    sessions = adds_up(RunFolder.open(folder), 2000)
    states = Counter(sessions["state"].cast(pl.String).to_list())
    assert states["correct"] > 500
