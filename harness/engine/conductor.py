"""``python -P -m harness.engine.conductor``: Locust starts and stops the engines of a drill.

Standard input: one line of JSON with ``order``, ``workers`` and, for a worker of a master,
``master_port``; its end stops everything. Standard output: JSON lines with an ``event``:
``started`` (with ``start_at``), ``statistics`` (merged, once a second), ``ended``.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

import gevent
import gevent.subprocess as subprocess
import orjson
from gevent.event import Event
from gevent.os import nb_read
from gevent.socket import wait_read
from locust import User
from locust.env import Environment
from locust.log import setup_logging
from locust.runners import MasterRunner, Runner
from locust.util.load_locustfile import load_locustfile

from harness.engine.engine_user import EngineUser, Station
from harness.engine.launch import launch_command
from harness.engine.tally import Tally

_START_IN = 0.5  # seconds from the last engine's readiness to the barrier
_PATIENCE = 120.0  # seconds for workers to join and engines to be ready
_LAST_WORDS = 3.0  # seconds that engines get to write their trailers


def main() -> int:
    """Conduct one drill, or be one worker of it; returns the exit code."""
    # A team's locustfile may print; standard output is for our lines alone.
    out = os.dup(1)
    os.dup2(2, 1)
    settings = orjson.loads(_first_line())
    setup_logging("WARNING")  # type: ignore[no-untyped-call]
    stop = Event()
    gevent.spawn(_await_end_of_input, stop)
    for number in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(number, stop.set)
    environment = _environment(settings)
    if "master_port" in settings:
        return _work(environment, settings, stop)
    return Conductor(environment, settings, stop, out).conduct()


def _first_line() -> bytes:
    """The first line of standard input, and not a byte more."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            break
        line += byte
    return line


def _await_end_of_input(stop: Event) -> None:
    while True:
        wait_read(0)
        if not nb_read(0, 4096):
            break
    stop.set()


def _environment(settings: dict[str, Any]) -> Environment:
    """Locust's environment: our user, and those of the team's own locustfile."""
    EngineUser.fixed_count = settings["workers"]
    users: list[type[User]] = [EngineUser]
    if settings.get("locustfile"):
        own, _ = load_locustfile(settings["locustfile"])[-2:]
        users += own.values()
    host = settings["order"].get("base_url")
    return Environment(user_classes=users, host=host, stop_timeout=_LAST_WORDS)


# -- a worker ---------------------------------------------------------------------------------


def _serve_station(environment: Environment, runner: Runner, order: dict[str, Any]) -> Station:
    """The engine's place in this process: its lines go to the master, commands come from it."""
    station = Station(order, lambda line: runner.send_message("drillhall_event", line))
    EngineUser.station = station

    def commanded(environment: Environment, msg: Any) -> None:
        if msg.data["command"] == "start":
            station.tell({"start_at": msg.data["start_at"]})
        else:
            station.stop()

    runner.register_message("drillhall_command", commanded)
    stopping = environment.events.test_stopping
    stopping.add_listener(lambda environment, **_: station.stop())  # type: ignore[no-untyped-call]
    return station


def _work(environment: Environment, settings: dict[str, Any], stop: Event) -> int:
    """Be one worker until the conductor closes standard input."""
    runner = environment.create_worker_runner("127.0.0.1", settings["master_port"])
    station = _serve_station(environment, runner, settings["order"])
    stop.wait()
    station.stop()
    station.wait(_LAST_WORDS)
    gevent.sleep(0.1)  # its last lines go out
    runner.quit()
    return 0


# -- the conductor ----------------------------------------------------------------------------


class Conductor:
    """Gets the workers together, gives the start, merges what they say, and ends it all.

    Args:
        out: File descriptor that our lines go to.
    """

    def __init__(
        self, environment: Environment, settings: dict[str, Any], stop: Event, out: int
    ) -> None:
        self.environment = environment
        self.settings = settings
        self.stop = stop
        self.workers: int = settings["workers"]
        self.tally = Tally()
        self.ready: set[int] = set()
        self.exited: dict[int, dict[str, Any]] = {}
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        self.runner: Runner
        self._out = out
        self._problems: list[str] = []

    def conduct(self) -> int:
        """Play the drill to its end."""
        (self._alone if self.workers == 1 else self._with_workers)()
        self.runner.register_message("drillhall_event", self._hear)
        if self.settings.get("web_port"):
            self.environment.create_web_ui("127.0.0.1", self.settings["web_port"])
        if self._wait(self._joined, "the workers to join"):
            users = self.workers + (self.settings.get("background_users") or 0)
            self.runner.start(users, spawn_rate=max(users, 10))
            if self._wait(lambda: self._over or self._all_ready, "the engines to be ready"):
                self._play()
        self._end()
        return 0

    def _alone(self) -> None:
        self.runner = self.environment.create_local_runner()
        _serve_station(self.environment, self.runner, self._order(0))

    def _with_workers(self) -> None:
        port = _free_port()
        self.runner = self.environment.create_master_runner("127.0.0.1", port)
        for shard in range(self.workers):
            process = self.processes[shard] = subprocess.Popen(
                launch_command("harness.engine.conductor"),
                stdin=subprocess.PIPE,
                start_new_session=True,
            )
            line = {**self.settings, "order": self._order(shard), "master_port": port}
            process.stdin.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            process.stdin.flush()

    def _order(self, shard: int) -> dict[str, Any]:
        return {**self.settings["order"], "shard": shard, "shards": self.workers, "start_at": None}

    # -- what is so ---------------------------------------------------------------------------

    def _joined(self) -> bool:
        runner = self.runner
        return not isinstance(runner, MasterRunner) or len(runner.clients.ready) == self.workers

    @property
    def _all_ready(self) -> bool:
        return len(self.ready) == self.workers

    @property
    def _over(self) -> bool:
        return len(self.exited) == self.workers

    def _wait(self, until: Callable[[], bool], what: str) -> bool:
        """Wait, while nobody stops the drill and no worker dies. Says whether it came true."""
        deadline = time.monotonic() + _PATIENCE
        while not until():
            self._look_after_workers()
            if self.stop.wait(0.02) or self.exited:
                return until()
            if time.monotonic() > deadline:
                self._problems.append(f"waited {_PATIENCE:g} s for {what}")
                return False
        return True

    def _look_after_workers(self) -> None:
        """A worker whose process is gone before its engine said goodbye is lost."""
        for shard, process in self.processes.items():
            if shard not in self.exited and process.poll() is not None:
                gevent.sleep(0.2)  # what it said last may still be on its way
                if shard not in self.exited:
                    self.exited[shard] = {"state": "lost", "code": process.returncode, "reason": ""}

    def _hear(self, environment: Environment, msg: Any) -> None:
        line = msg.data
        if line["event"] == "ready":
            self.ready.add(line["shard"])
        elif line["event"] == "statistics":
            self.tally.add(line)
        elif line["event"] == "exited":
            state = line.get("state") or "lost"
            self.exited[line["shard"]] = {**line, "state": state, "reason": line.get("reason", "")}

    # -- the drill ----------------------------------------------------------------------------

    def _play(self) -> None:
        if self._over:
            return
        start_at = self.settings["order"].get("start_at") or 0.0
        start_at = max(start_at, time.time() + _START_IN)
        self.runner.send_message("drillhall_command", {"command": "start", "start_at": start_at})
        self._say({"event": "started", "start_at": start_at})
        due = time.monotonic() + 1.0
        while not self._over and not self.stop.wait(0.05):
            self._look_after_workers()
            if time.monotonic() >= due:
                due += 1.0
                self._say({"event": "statistics", **self.tally.figures()})
            if any(each["state"] in ("disk full", "crashed") for each in self.exited.values()):
                break  # the others would play half a drill

    def _end(self) -> None:
        """Stop whoever still plays, wait for the last words, and say how everybody ended."""
        if not self._over:
            self.runner.send_message("drillhall_command", {"command": "stop"})
        deadline = time.monotonic() + _LAST_WORDS
        while not self._over and self.ready and time.monotonic() < deadline:
            gevent.sleep(0.02)
            self._look_after_workers()
        self._say({"event": "statistics", **self.tally.figures()})
        for shard in range(self.workers):
            self.exited.setdefault(
                shard, {"state": "lost", "code": None, "reason": "no last words"}
            )
        engines = {str(shard): each for shard, each in sorted(self.exited.items())}
        self._say({"event": "ended", "engines": engines, "problems": self._problems})
        for process in self.processes.values():
            process.stdin.close()
        for process in self.processes.values():
            with gevent.Timeout(_LAST_WORDS, False):
                process.wait()
        self.runner.quit()

    def _say(self, line: dict[str, Any]) -> None:
        try:
            os.write(self._out, orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        except BrokenPipeError:
            return  # nobody listens; the end of standard input will say the rest


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
