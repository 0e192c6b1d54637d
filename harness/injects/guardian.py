"""The guardian: a process beside a drill that mends what the drill leaves when it is killed.

It holds the other end of a pipe. When the drill ends, however it ends, the pipe does too; then the
guardian undoes every lease that is open. A drill that ended well has left none.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.engine.launch import launch_command
from harness.injects.lease import Leases, read_leases, undo_all

_LOOK = 1.0  # seconds between looks at the drill's process, should somebody else hold the pipe
_WITHIN = 60.0  # seconds that the guardian gets for its last look at a drill that is over


@contextmanager
def guarded(leases: Leases) -> Iterator[Leases]:
    """While the block runs, leases are written, and a guardian stands by.

    Raises:
        OSError: If leases cannot be written.
    """
    leases.begin()
    # Our own packages are found wherever the drill was started.
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    guardian = subprocess.Popen(
        [*launch_command("harness.injects.guardian"), str(leases.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,  # Ctrl-C is for the drill, which then undoes everything itself
    )
    try:
        yield leases
    finally:
        leases.end()
        assert guardian.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            guardian.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            guardian.wait(_WITHIN)


def stand_by(path: Path) -> None:
    """Wait until the drill is over, then undo what it left."""
    with contextlib.suppress(FileNotFoundError):
        while read_leases(path).alive:
            if select.select([sys.stdin], [], [], _LOOK)[0] and not sys.stdin.buffer.read(1):
                break
    undo_all(path)


if __name__ == "__main__":
    stand_by(Path(sys.argv[1]))
