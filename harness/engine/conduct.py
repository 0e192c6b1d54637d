"""Conducting a drill from a process that must not import Locust: the conductor is a subprocess."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from harness.engine.launch import launch_command

_ORDERLY = 15.0  # seconds for a conductor to end once it is asked to


@dataclass(frozen=True)
class ConductResult:
    """How the engines of a drill ended.

    Attributes:
        state: ``finished``, ``stopped``, ``disk full`` or ``crashed``.
        lost: Shards whose engine or worker died without saying how it ended.
        problems: What went wrong, in plain words.
        started_at: Unix seconds of drill second 0; None if it never came to that.
        figures: The last merged statistics.
    """

    state: str
    lost: tuple[int, ...]
    problems: tuple[str, ...]
    started_at: float | None
    figures: dict[str, Any]


def conduct(
    order: dict[str, Any],
    workers: int,
    on_statistics: Callable[[dict[str, Any]], None],
    stop_event: threading.Event,
    *,
    on_start: Callable[[float], None] = lambda start_at: None,
    locustfile: str | None = None,
    background_users: int = 10,
    web_port: int | None = None,
) -> ConductResult:
    """Play an order with so many engines; returns when all have ended.

    Args:
        order: The engines' order. ``shard`` and ``shards`` are filled in; ``start_at`` is the
            earliest start, or None for as soon as all engines are ready.
        on_statistics: Takes the merged statistics, once a second.
        stop_event: Set it, from any thread, to stop the drill.
        on_start: Told the Unix time of drill second 0 when it is fixed, half a second before.
        locustfile: A team's own locustfile whose users join as background load.
        background_users: How many of them.
        web_port: Serve Locust's web page on this loopback port.
    """
    settings = {
        "order": order, "workers": workers, "locustfile": locustfile,
        "background_users": background_users if locustfile else 0, "web_port": web_port,
    }  # fmt: skip
    process = subprocess.Popen(
        launch_command("harness.engine.conductor"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is heard by the caller, who sets the stop event
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    watcher = _Watcher(process, stop_event)
    watcher.begin(orjson.dumps(settings, option=orjson.OPT_APPEND_NEWLINE))
    started_at, figures, ended = None, dict[str, Any](), None
    assert process.stdout is not None
    try:
        for raw in process.stdout:
            line = orjson.loads(raw)
            event = line.pop("event")
            if event == "started":
                started_at = line["start_at"]
                on_start(started_at)
            elif event == "statistics":
                figures = line
                on_statistics(line)
            elif event == "ended":
                ended = line
    finally:  # interrupted, too: nobody plays on while the drill takes its target down
        code = watcher.finish()
    return _result(ended, code, started_at, figures, stopped=stop_event.is_set())


class _Watcher:
    """Hands the conductor its order, and closes its standard input when the drill is stopped."""

    def __init__(self, process: subprocess.Popen[bytes], stop_event: threading.Event) -> None:
        self._process = process
        self._stop = stop_event
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def begin(self, line: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except BrokenPipeError:
            return  # it is gone; its exit code says so
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.is_set():
            if self._stop.wait(0.05):
                self._close()
                return

    def finish(self) -> int:
        """Wait for the conductor, and end it if it does not end by itself."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        self._close()
        try:
            return self._process.wait(timeout=_ORDERLY)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
        finally:
            assert self._process.stdout is not None
            self._process.stdout.close()

    def _close(self) -> None:
        assert self._process.stdin is not None
        if not self._process.stdin.closed:
            try:
                self._process.stdin.close()
            except BrokenPipeError:
                return  # it was gone already


def _result(
    ended: dict[str, Any] | None,
    code: int,
    started_at: float | None,
    figures: dict[str, Any],
    *,
    stopped: bool,
) -> ConductResult:
    if ended is None:
        problem = f"the conductor ended with code {code} before the drill did"
        return ConductResult("crashed", (), (problem,), started_at, figures)
    engines: dict[str, dict[str, Any]] = ended["engines"]
    lost = tuple(int(shard) for shard, each in engines.items() if each["state"] == "lost")
    problems = [*ended["problems"]]
    for shard, each in engines.items():
        if each["state"] == "lost":
            problems.append(f"engine {shard} was lost (exit code {each['code']})")
        elif each["reason"] and each["state"] != "stopped":
            problems.append(f"engine {shard}: {each['reason']}")
    states = {each["state"] for each in engines.values()}
    worst = next(
        (each for each in ("crashed", "disk full", "stopped") if each in states), "finished"
    )
    if states == {"lost"}:
        worst = "stopped" if stopped else "crashed"
    return ConductResult(worst, lost, tuple(problems), started_at, figures)
