"""A process that plays proof drills one after another: a job a line in, what became of it out.

It stands in a session of its own. Ctrl-C reaches it only through the process that began it, as
SIGINT, which stops the drill that is being played in good order.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from typing import Any, TextIO

import orjson
from rich.console import Console

from harness.drill import Drill, run_drill
from harness.progress import Progress
from harness.prove.job import Job
from harness.scenario import load_scenario
from harness.verdict import judge


def answer(line: bytes) -> dict[str, Any]:
    """Play one job; whatever goes wrong is said and ends this job alone."""
    job = Job.of_line(orjson.loads(line))
    try:
        scenario = load_scenario(str(job.scenario))
        drill = Drill(
            scenario, job.target, job.cast, job.seed, job.speed, job.scale, job.folder, job.defects
        )
        folder = run_drill(drill, Progress(Console(file=io.StringIO()), quiet=True))
        verdict = judge(folder)
    except KeyboardInterrupt:
        return {"state": "stopped", "why": "stopped before anybody played"}
    except Exception as error:  # one drill that fails is told of; the other ones are played
        ours = type(error).__module__.startswith("harness.")  # these say all there is to say
        return {
            "state": "failed",
            "why": str(error) if ours else f"{type(error).__name__}: {error}",
        }
    return {"state": "judged", "why": "", "word": str(verdict.word)}


def work(lines: Iterable[bytes], out: TextIO) -> None:
    """Answer each line with one line."""
    for line in lines:
        out.write(orjson.dumps(answer(line)).decode() + "\n")
        out.flush()


if __name__ == "__main__":
    # What libraries print must not come between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    work(sys.stdin.buffer, answers)
