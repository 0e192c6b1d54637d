"""``python -P -m harness.channels.web``: the browser of one drill, and everybody who walks in it.

Reads its configuration, one JSON line, from standard input; prints one JSON line when it is
ready; ends when standard input does, and at a hard deadline. Engines talk to it over its control
socket and never import a browser themselves.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path

import orjson

from harness.channels.web.control import Control
from harness.channels.web.crew import open_crew
from harness.channels.web.errand import Config, read_config
from harness.channels.web.journal import FileJournal
from harness.channels.web.looks.registry import LOOKS
from harness.ledger import web_log
from harness.target.errors import TargetError

_LEAVE = 3.0  # wall seconds for everybody to leave


def main() -> int:
    """Run until standard input ends; returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us closes our input instead
    try:
        config = read_config(sys.stdin.buffer.readline())
        asyncio.run(_serve(config))
    except (ValueError, RuntimeError, OSError, TargetError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - told in one line
        return 2
    return 0


async def _serve(config: Config) -> None:
    _end_at_last(config.deadline)
    journal = FileJournal(Path(config.folder) / "ledger" / web_log.NAME)
    journal.note("header", run=config.run, seed=config.seed, speed=config.speed)
    try:
        async with open_crew(config, journal, LOOKS) as crew:
            control = Control(crew)
            ready = {"event": "ready", "control": await control.start()}
            print(orjson.dumps(ready).decode(), flush=True)  # noqa: T201 - somebody waits for it
            await _input_ends()
            await asyncio.wait_for(control.close(), _LEAVE)
    finally:
        journal.close()


async def _input_ends() -> None:
    """Wait until standard input is closed, or the process is told to stop."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    reading = loop.create_task(reader.read())
    stopping = loop.create_task(stop.wait())
    await asyncio.wait((reading, stopping), return_when=asyncio.FIRST_COMPLETED)
    for task in (reading, stopping):
        task.cancel()


def _end_at_last(after: float) -> None:
    """End the process after so many seconds, whatever it is doing."""
    timer = threading.Timer(after, os._exit, (70,))
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    sys.exit(main())
