"""A process that plays proof drills one after another: a job a line in, what became of it out.

It stands in a session of its own, where Ctrl-C does not reach it. When its standard input ends,
whoever began it wants no more: the drill that is being played is undone, and its record is left as
it is, to be played anew.
"""

from __future__ import annotations

import io
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any, TextIO

import orjson
from rich.console import Console

from harness.drill import Drill, run_drill
from harness.injects.people_model import UnreachableModel
from harness.progress import Progress
from harness.prove.attending import somebody_attends
from harness.prove.job import Job
from harness.scenario import load_scenario
from harness.target.group import left_surroundings
from harness.verdict import judge


def answer(line: bytes) -> dict[str, Any]:
    """Play one job; whatever goes wrong is said and ends this job alone."""
    job = Job.of_line(orjson.loads(line))
    try:
        scenario = load_scenario(str(job.scenario))
        attended = any(
            isinstance(each, UnreachableModel) for each in scenario.injects_for(job.cast)
        )
        with somebody_attends() if attended else nullcontext() as terminal:
            drill = Drill(
                scenario, job.target, job.cast, job.seed, job.speed, job.scale, job.folder,
                job.defects, attended=attended, terminal=terminal, at_once=True,
            )  # fmt: skip
            folder = run_drill(drill, Progress(Console(file=io.StringIO()), quiet=True))
        verdict = judge(folder)
    except KeyboardInterrupt:
        return {"state": "stopped", "why": "stopped before its end"}
    except Exception as error:  # one drill that fails is told of; the other ones are played
        ours = type(error).__module__.startswith("harness.")  # these say all there is to say
        return {
            "state": "failed",
            "why": str(error) if ours else f"{type(error).__name__}: {error}",
        }
    return {"state": "judged", "why": "", "word": str(verdict.word)}


def work(lines: Iterable[bytes], out: TextIO) -> None:
    """Answer each line with one line; their end interrupts whatever is done then."""
    jobs: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    try:
        threading.Thread(target=_listen, args=(lines, jobs), daemon=True).start()
        while (line := jobs.get()) is not None:
            out.write(orjson.dumps(answer(line)).decode() + "\n")
            out.flush()
    except KeyboardInterrupt:
        return


def _listen(lines: Iterable[bytes], jobs: queue.SimpleQueue[bytes | None]) -> None:
    for line in lines:
        jobs.put(line)
    os.kill(os.getpid(), signal.SIGINT)
    jobs.put(None)  # wakes whoever waits for a job, which no signal need do


if __name__ == "__main__":
    # What it starts itself may be others' programs, with packages of their own.
    alone = left_surroundings(os.environ)
    os.environ.clear()
    os.environ.update(alone)
    # What libraries print must not come between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    work(sys.stdin.buffer, answers)
