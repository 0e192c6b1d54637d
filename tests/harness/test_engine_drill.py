"""The engine as a process: what it does to the network, to its ledger, and when told to stop."""

from __future__ import annotations

import itertools
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from engine_stand import order

from harness.ledger import seal, verify
from harness.record import RunFolder
from simulators.line_model import goes_through

pytestmark = pytest.mark.live

ROOT = Path(__file__).parents[2]
STAND = Path(__file__).parent
ENV = {**os.environ, "PYTHONPATH": f"{ROOT}:{STAND}"}


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "run")


class Server:
    """The stand's server as a process."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.process = subprocess.Popen(
            [sys.executable, str(STAND / "engine_stand.py"), str(log)],
            stdout=subprocess.PIPE, env=ENV,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    @property
    def seen(self) -> list[str]:
        """Operation keys of the requests that arrived, in order."""
        return self.log.read_text().split()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    serving = Server(tmp_path / "server.log")
    yield serving
    serving.process.kill()
    serving.process.wait()
    assert serving.process.stdout is not None
    serving.process.stdout.close()


class Engine:
    """An engine process with a hand on both its pipes."""

    def __init__(self, **given: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "harness.engine"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENV,
        )  # fmt: skip
        self.tell(given)

    def tell(self, line: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(orjson.dumps(line) + b"\n")
        self.process.stdin.flush()

    def hear(self, event: str, seconds: float = 20.0) -> dict[str, Any]:
        """The next line of that event."""
        assert self.process.stdout is not None
        while select.select([self.process.stdout], [], [], seconds)[0]:
            line = orjson.loads(self.process.stdout.readline())
            if line["event"] == event:
                return dict(line)
        raise AssertionError(f"no {event} within {seconds} s")

    def start(self, after: float = 0.1) -> None:
        self.hear("ready")
        self.tell({"start_at": time.time() + after})

    def close(self) -> int:
        """Close its standard input and wait."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        code = self.process.wait(timeout=20)
        self.process.stdout.close()
        return code


def test_a_drill_is_played_to_its_end(folder: RunFolder, server: Server) -> None:
    """Everybody's reports arrive once each, and the ledger says so, whole."""
    engine = Engine(**order(folder.path, server.url, night={"count": 50, "every": 0.004}))
    engine.start()
    assert engine.hear("ended")["state"] == "finished"
    assert engine.close() == 0
    assert sorted(server.seen) == [f"t-{index:04}-1" for index in range(50)]
    sealed = seal(folder, workers=1)
    assert (sealed.operations, sealed.open_intents, sealed.problems) == (50, 0, ())
    rows = folder.history.collect()
    assert rows["outcome"].unique().to_list() == ["ok"]
    assert rows["kind"].unique().to_list() == ["submit_report"]  # its sign-in sends nothing
    times = [rows[name] for name in ("intended", "released", "sent", "done")]
    assert all((a <= b).all() for a, b in itertools.pairwise(times))
    due = rows["who"].cast(pl.Float64) * 0.004 * 1e9
    assert (rows["intended"] - due).abs().max() < 10  # type: ignore[operator]


def test_speed_shortens_waits_and_nothing_else(folder: RunFolder, server: Server) -> None:
    """At speed 10, three reports 2 drill seconds apart are intended 0.2 wall seconds apart."""
    night = {"count": 1, "every": 1.0, "reports": 3, "pause": 2.0}
    engine = Engine(**order(folder.path, server.url, night=night, speed=10.0))
    engine.start()
    engine.hear("ended")
    engine.close()
    seal(folder)
    apart = folder.history.collect()["intended"].diff().drop_nulls() / 1e9
    assert all(0.2 <= each < 0.3 for each in apart)


def test_everything_the_server_saw_is_in_the_ledger_of_a_killed_engine(
    folder: RunFolder, server: Server
) -> None:
    """SIGKILL in full flight: each request that arrived has its intent; none is made up."""
    night = {"count": 5000, "every": 0.0005}
    engine = Engine(**order(folder.path, server.url, night=night))
    engine.start()
    engine.hear("statistics")
    os.kill(engine.process.pid, signal.SIGKILL)
    assert engine.close() == -signal.SIGKILL
    time.sleep(0.3)  # the server reads what was on its way
    seen = set(server.seen)
    sealed = seal(folder, workers=1)
    rows = folder.history.collect()
    assert len(seen) > 200
    assert seen <= set(rows["op"])
    assert not sealed.complete
    answered = set(rows.filter(pl.col("outcome") == "ok")["op"])
    assert answered <= seen
    assert set(rows.filter(pl.col("outcome") != "ok")["outcome"].cast(pl.String)) <= {"unknown"}


def test_closing_standard_input_stops_it_in_good_order(folder: RunFolder, server: Server) -> None:
    """Within about a second it has stopped, and the ledger has its trailer."""
    engine = Engine(**order(folder.path, server.url, night={"count": 5000, "every": 0.002}))
    engine.start()
    engine.hear("statistics")
    began = time.monotonic()
    assert engine.close() == 0
    assert time.monotonic() - began < 2.0
    path = folder.path / "ledger" / "engine-00.jsonl"
    assert verify(path) == []
    assert b'"state":"stopped"' in path.read_bytes().splitlines()[-1]
    assert len(server.seen) == seal(folder).operations


def test_a_keyboard_interrupt_is_not_for_the_engine(folder: RunFolder, server: Server) -> None:
    """SIGINT is ignored: the conductor decides."""
    engine = Engine(**order(folder.path, server.url, night={"count": 60, "every": 0.01}))
    engine.start()
    time.sleep(0.3)
    os.kill(engine.process.pid, signal.SIGINT)
    assert engine.hear("ended")["state"] == "finished"
    engine.close()
    assert len(server.seen) == 60


def test_what_exceeds_the_bound_is_shed_and_counted(folder: RunFolder, server: Server) -> None:
    """With the server stopped, two operations are on their way and the others are shed."""
    os.kill(server.process.pid, signal.SIGSTOP)
    night = {"count": 20, "every": 0.005}
    given = order(folder.path, server.url, night=night, max_in_flight=2, ends_drill=0.5, grace=5.0)
    engine = Engine(**given)
    engine.start()
    time.sleep(1.0)
    os.kill(server.process.pid, signal.SIGCONT)
    engine.hear("ended")
    engine.close()
    seal(folder)
    rows = folder.history.collect()
    shed = rows.filter(pl.col("answer_class") == "shed")
    assert len(shed) == 18
    assert shed["sent"].null_count() == 18
    assert shed["outcome"].unique().to_list() == ["refused"]
    assert len(server.seen) == 2
    assert not set(shed["op"]) & set(server.seen)


def test_answers_that_never_came_are_unknown(folder: RunFolder, server: Server) -> None:
    """When the grace is over, what is still on its way has an outcome: unknown."""
    os.kill(server.process.pid, signal.SIGSTOP)
    given = order(
        folder.path, server.url, night={"count": 5, "every": 0.0}, ends_drill=0.2, grace=0.3
    )
    engine = Engine(**given)
    engine.start()
    assert engine.hear("ended")["state"] == "finished"
    engine.close()
    sealed = seal(folder)
    assert (sealed.operations, sealed.open_intents, sealed.complete) == (5, 0, True)
    assert folder.history.collect()["outcome"].unique().to_list() == ["unknown"]


def test_nobody_listening_is_a_refusal(folder: RunFolder) -> None:
    """A connection that is refused leaves nothing in doubt: refused, and nothing sent."""
    engine = Engine(**order(folder.path, "http://127.0.0.1:9"))
    engine.start()
    engine.hear("ended")
    engine.close()
    seal(folder)
    rows = folder.history.collect()
    assert rows["outcome"].unique().to_list() == ["refused"]
    assert rows["sent"].null_count() == len(rows) == 10


def test_a_full_disk_stops_the_drill_before_anything_more_is_sent(
    folder: RunFolder, server: Server
) -> None:
    """At the file-size limit the drill ends as disk full; all that was sent is on record."""
    limit = (
        "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (30000, 30000));"
        "runpy.run_module('harness.engine', run_name='__main__')"
    )
    engine = Engine.__new__(Engine)
    engine.process = subprocess.Popen(
        [sys.executable, "-P", "-c", limit], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENV
    )
    engine.tell(order(folder.path, server.url, night={"count": 2000, "every": 0.001}))
    engine.start()
    assert engine.hear("ended")["state"] == "disk full"
    assert engine.close() == 3
    sealed = seal(folder)
    assert 20 < sealed.operations < 2000
    assert set(server.seen) <= set(folder.history.collect()["op"])


def test_each_way_carries_its_share_of_people(folder: RunFolder, tmp_path: Path) -> None:
    """Whoever goes by a way does so for good; the others never do, nor go by any other."""
    direct, slow, dead = (Server(tmp_path / f"{name}.log") for name in ("direct", "slow", "dead"))
    servers = (direct, slow, dead)
    try:
        ways = [
            {"share": share, "after": after, "through": {direct.url: server.url[len("http://") :]}}
            for share, after, server in ((0.25, 0.0, slow), (0.5, 0.25, dead))
        ]
        night = {"count": 40, "every": 0.002, "reports": 2}
        engine = Engine(**order(folder.path, direct.url, night=night, ways=ways))
        engine.start()
        engine.hear("ended")
        engine.close()
        went = [{int(key.split("-")[1]) for key in server.seen} for server in servers]
        by_slow = {index for index in range(40) if goes_through(index, 0.25)}
        by_dead = {index for index in range(40) if goes_through(index, 0.5, after=0.25)}
        assert went == [set(range(40)) - by_slow - by_dead, by_slow, by_dead]
        assert all(went)
    finally:
        for each in servers:
            each.process.kill()
            each.process.wait()
            assert each.process.stdout is not None
            each.process.stdout.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [({"speed": 0}, "speed"), ({"shard": 2}, "shard"), ({"parts": "no_such:thing"}, "no_such")],
)
def test_an_order_that_cannot_be_played_is_refused_in_words(
    folder: RunFolder, change: dict[str, Any], said: str
) -> None:
    """The engine ends as crashed, and its reason names what is wrong."""
    engine = Engine(**order(folder.path, "http://127.0.0.1:9", **change))
    ended = engine.hear("ended")
    assert ended["state"] == "crashed"
    assert said in ended["reason"]
    assert engine.close() == 5


@pytest.mark.parametrize(
    ("stall", "length"), [(1.5, 5.0), pytest.param(2.0, 10.0, marks=pytest.mark.slow)]
)
def test_a_stall_shows_in_every_quantile_it_touched(
    folder: RunFolder, server: Server, stall: float, length: float
) -> None:
    """A server that stops for S of T seconds gives the quantile q as S - (1 - q) T, within 5 %.

    At a constant rate, whoever is due during the stall waits for what is left of it, so the
    waits above w last S - w of T seconds (the closed form follows by setting that to 1 - q).
    """
    rate = 80  # few enough that what piled up is gone in a moment
    night = {"count": int(rate * length), "every": 1 / rate}
    engine = Engine(**order(folder.path, server.url, night=night, max_in_flight=2000))
    engine.start()
    time.sleep(0.1 + length / 4)
    os.kill(server.process.pid, signal.SIGSTOP)
    began = time.monotonic()
    time.sleep(stall)
    os.kill(server.process.pid, signal.SIGCONT)
    stall = time.monotonic() - began  # a busy machine oversleeps
    engine.hear("ended")
    engine.close()
    seal(folder)
    rows = folder.history.collect()
    response = (rows["done"] - rows["intended"]) / 1e9
    for q in (0.90, 0.99):
        expected = stall - (1 - q) * length
        assert response.quantile(q) == pytest.approx(expected, rel=0.05)
