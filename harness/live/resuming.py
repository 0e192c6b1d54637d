"""What a live drill needs to go on where it was left: kept in its run folder."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from pydantic import TypeAdapter, ValidationError

from harness.drill import DrillError
from harness.record import RunFolder

_FILE = "live.json"
_GOES_WITHIN = 5.0  # seconds that a process left behind gets to end


@dataclass(frozen=True)
class Standing:
    """How far the command had come.

    Attributes:
        port: Where the live server listens: links lead there.
        base_url: Where the target is.
        process: Id of the target's process, 0 if it has none of ours.
        public: The address that people reach the server by: cards have it in print.
        source: Who takes part: ``volunteer`` or ``robot``.
    """

    port: int
    base_url: str
    public: str
    source: str
    process: int = 0

    def write(self, folder: Path) -> None:
        """Keep it."""
        partial = folder / f"{_FILE}.partial"
        partial.write_bytes(orjson.dumps(asdict(self)))
        partial.replace(folder / _FILE)


def standing_in(folder: Path, plan_hash: str) -> Standing | None:
    """How far a drill in this folder had come; None for a folder that is new or empty.

    Args:
        plan_hash: Of the plan that is asked for now.

    Raises:
        DrillError: If there is something else in the folder.
    """
    if not (folder / "run.json").is_file():
        return None
    info = RunFolder.open(folder).info
    try:
        kept = orjson.loads((folder / _FILE).read_bytes())
        standing = TypeAdapter(Standing).validate_python(kept)
    except (OSError, orjson.JSONDecodeError, ValidationError):
        raise DrillError(
            f"{folder}: holds a run that is no live drill, or one that nobody could take part in "
            "yet. Name another folder with --out."
        ) from None
    if info.get("plan_hash") != plan_hash:
        raise DrillError(
            f"{folder}: holds a live drill of {info.get('scenario')} with --seed "
            f"{info.get('seed')} and --scale {info.get('scale'):g}. Go on with those, or name "
            "another folder with --out."
        )
    return standing


def end_left_behind(process: int, folder: Path) -> None:
    """End the target's process that a killed drill has left, if it is the one: its command names
    the drill's own folder."""
    if not process or f"{folder.absolute()}{os.sep}" not in _command_of(process):
        return
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process, how)
        until = time.monotonic() + _GOES_WITHIN
        while time.monotonic() < until:
            if not _command_of(process):
                return
            time.sleep(0.05)


def _command_of(process: int) -> str:
    """What a process was started with; empty if there is none of that number."""
    ended = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(process)],
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return "" if ended.returncode else ended.stdout.decode("utf-8", "replace").strip()
