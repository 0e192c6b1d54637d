"""Plays jobs in several processes at once, and hands over each result as soon as it is there."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from harness.prove.job import Job, Played, read_played
from harness.target.group import surroundings

_ORDERLY = 30.0  # wall seconds in which a drill that is stopped undoes what it did


class Crew:
    """So many processes that play drills.

    Args:
        size: How many drills go on at once.
        log: Where the processes' own words go.
    """

    def __init__(self, size: int, log: Path) -> None:
        self._size = size
        self._log = log
        self._children: set[subprocess.Popen[bytes]] = set()
        self._stopped = threading.Event()

    def play(self, jobs: Sequence[Job]) -> Iterator[Played]:
        """Play every job; yields each as it ends, in no fixed order.

        When the iteration is left early, by Ctrl-C or otherwise, drills that go on are undone
        first; nobody waits for what they would have come to.
        """
        waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
        done: queue.SimpleQueue[Played] = queue.SimpleQueue()
        for job in jobs:
            waiting.put(job)
        hands = [
            threading.Thread(target=self._hand, args=(waiting, done), daemon=True)
            for _ in range(min(self._size, len(jobs)))
        ]
        for each in hands:
            each.start()
        try:
            for _ in jobs:
                yield done.get()
        finally:
            self._stop()
            for each in hands:
                each.join()

    def _stop(self) -> None:
        self._stopped.set()
        for child in list(self._children):
            _hang_up(child)

    def _hand(self, waiting: queue.SimpleQueue[Job], done: queue.SimpleQueue[Played]) -> None:
        """One process, and another one if it dies, for as long as there are jobs."""
        child: subprocess.Popen[bytes] | None = None
        while not self._stopped.is_set():
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                break
            try:
                if child is None or child.poll() is not None:
                    child = self._begin()
                if self._stopped.is_set():  # meanwhile, when this one was not among the children
                    break
                played = self._one(child, job)
            except Exception as error:  # whatever it is, somebody waits for what became of this job
                played = Played(job, "failed", f"{type(error).__name__}: {error}")
            done.put(played)
        if child is not None:
            self._end(child)

    def _begin(self) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-P", "-m", "harness.prove.worker"]
        with self._log.open("ab") as log:
            child = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                env=surroundings(words, os.environ),
            )
        self._children.add(child)
        return child

    def _one(self, child: subprocess.Popen[bytes], job: Job) -> Played:
        assert child.stdin is not None
        assert child.stdout is not None
        begun = time.monotonic()
        try:
            child.stdin.write(orjson.dumps(job.as_line(), option=orjson.OPT_APPEND_NEWLINE))
            child.stdin.flush()
            line = child.stdout.readline()
        except (OSError, ValueError):  # it is gone, or wanted no more
            line = b""
        seconds = time.monotonic() - begun
        if not line:
            why = f"the process that played it ended with code {child.wait()}; see {self._log}"
            return Played(job, "failed", why, seconds=seconds)
        said = orjson.loads(line)
        if said["state"] != "judged":
            return Played(job, said["state"], said["why"], seconds=seconds)
        return read_played(job, said["word"], seconds)

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdout is not None
        _hang_up(child)
        try:
            child.wait(_ORDERLY)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()
        self._children.discard(child)


def _hang_up(child: subprocess.Popen[bytes]) -> None:
    """Let a process know that nothing more is wanted of it: it ends what it does, and itself."""
    assert child.stdin is not None
    with contextlib.suppress(OSError):
        child.stdin.close()
