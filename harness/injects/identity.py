"""Which process a number means: numbers are given again, so a moment of birth goes with each."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

_LOOK = 0.02  # seconds between looks at an ending process


def birth(pid: int) -> str:
    """When a process began, as the system counts it; empty if there is none.

    On Linux that is clock ticks since the machine started, and which start it was, so that a
    wall clock that is set changes nothing; elsewhere the moment that the system tells.
    """
    try:
        with contextlib.suppress(FileNotFoundError):
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
            # The command's name stands in brackets and may hold spaces: count from behind it.
            after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            return "" if after_name[0] == "Z" else f"{boot}/{after_name[19]}"
        if Path("/proc/self/stat").exists():
            return ""
        return f"{psutil.Process(pid).create_time():.2f}"
    except (psutil.Error, OSError):
        return ""


def is_it(pid: int, born: str) -> bool:
    """Whether the process of that number and birth still runs."""
    return bool(born) and birth(pid) == born


def tree(pid: int) -> list[psutil.Process]:
    """A process and all that it started, itself first; some leave its group, as PostgreSQL's do."""
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def signal_tree(pid: int, how: signal.Signals) -> None:
    """Signal a process's group and everything below it, wherever that has gone."""
    below = tree(pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, how)
    for each in below:
        with contextlib.suppress(psutil.Error):
            each.send_signal(how)


def kill_tree(pid: int) -> None:
    """End a process and everything below it at once, as a power cut would.

    They are frozen first, so that none can start another while the others are ended.
    """
    below = tree(pid)
    for each in below:
        with contextlib.suppress(psutil.Error):
            each.suspend()
    kill_left(pid, [*below, *tree(pid)])


def kill_left(pid: int, below: Iterable[psutil.Process]) -> None:
    """Kill what is left of a group, and of the processes that were once below it."""
    for each in below:  # psutil knows each by its birth
        with contextlib.suppress(psutil.Error):
            each.kill()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def end_tree(pid: int, born: str, how: str, within: float) -> None:
    """End somebody else's process politely; whatever is left after ``within`` seconds is killed.

    Harmless if it is gone or its number is another's by now.
    """
    if not is_it(pid, born):
        return
    below = tree(pid)
    signal_tree(pid, signal.SIGCONT)  # what is frozen hears nothing
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.Signals[how])
    deadline = time.monotonic() + within
    while is_it(pid, born) and time.monotonic() < deadline:
        time.sleep(_LOOK)
    kill_left(pid, below)
