"""The Locust user that carries an engine: starts it, passes on its lines, feeds the statistics.

One a worker. The engine is a process of its own, because Locust's process is patched by gevent.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, ClassVar

import gevent
import gevent.subprocess as subprocess
import orjson
from locust import User, task
from locust.exception import StopUser
from locust.stats import RequestStats, StatsEntry, bucket_response_time

from harness.engine.histogram import middle
from harness.engine.launch import launch_command


class Station:
    """The place of one engine in a Locust process.

    Args:
        order: The engine's order, its shard in it.
        post: Takes every line of the engine, and at last ``{"event": "exited", ...}``.
    """

    def __init__(self, order: dict[str, Any], post: Callable[[dict[str, Any]], None]) -> None:
        self.order = order
        self.post = post
        self._child: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._ended: dict[str, Any] = {}

    @property
    def used(self) -> bool:
        """Whether the engine has been started; it is started once."""
        return self._child is not None or self._stopped

    def run(self, stats: RequestStats) -> None:
        """Play the order: returns when the engine has ended."""
        child = self._child = subprocess.Popen(
            launch_command("harness.engine"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is not for the engine
        )
        self.tell(self.order)
        feed = Feed(stats)
        for raw in child.stdout:
            line = orjson.loads(raw)
            if line["event"] == "statistics":
                feed.add(line)
            elif line["event"] == "ended":
                self._ended = line
            self.post(line)
        code = child.wait()
        shard = self.order["shard"]
        self.post({**self._ended, "event": "exited", "shard": shard, "code": code})

    def tell(self, line: dict[str, Any]) -> None:
        """Write a line to the engine; an engine that is gone says so itself."""
        child = self._child
        if child is None or child.stdin is None or child.stdin.closed:
            return
        try:
            child.stdin.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            child.stdin.flush()
        except OSError:
            return  # its exit is reported by run()

    def stop(self) -> None:
        """Close the engine's standard input: it ends within about a second."""
        self._stopped = True
        child = self._child
        if child is not None and child.stdin is not None and not child.stdin.closed:
            try:
                child.stdin.close()
            except OSError:
                return  # it was gone already

    def wait(self, seconds: float) -> None:
        """Wait for the engine's end, at most so long."""
        if self._child is not None:
            with gevent.Timeout(seconds, False):
                self._child.wait()


class EngineUser(User):
    """Plays one engine to its end and leaves."""

    station: ClassVar[Station]  # of this process

    @task
    def play(self) -> None:
        """Run the engine once."""
        if not self.station.used:
            self.station.run(self.environment.stats)
        raise StopUser


class Feed:
    """Adds what engines say to Locust's statistics, which are in milliseconds.

    Args:
        stats: Locust's statistics of this process.
    """

    def __init__(self, stats: RequestStats) -> None:
        self._stats = stats
        self._failures: dict[str, int] = {}  # told so far, by kind

    def add(self, line: dict[str, Any]) -> None:
        """Add the news of a statistics line."""
        for name, kind in line["kinds"].items():
            failures = kind["refused"] + kind["unknown"]
            new = failures - self._failures.get(name, 0)
            self._failures[name] = failures
            for entry in (self._stats.get(name, "drill"), self._stats.total):
                _add(entry, kind["response"], new)


def _add(entry: StatsEntry, news: list[list[int]], failures: int) -> None:
    now = time.time()
    count = sum(n for _, n in news)
    entry.num_requests += count
    entry.num_failures += failures
    if not count:
        return
    entry.num_reqs_per_sec[int(now)] += count
    entry.num_fail_per_sec[int(now)] += failures
    entry.last_request_timestamp = now
    for slot, n in news:
        milliseconds = round(middle(slot) / 1000)
        entry.response_times[bucket_response_time(milliseconds)] += n
        entry.total_response_time += milliseconds * n
        entry.max_response_time = max(entry.max_response_time, milliseconds)
        least = entry.min_response_time
        entry.min_response_time = milliseconds if least is None else min(least, milliseconds)
