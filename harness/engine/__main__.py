"""``python -P -m harness.engine``: one engine process.

Standard input: the order as one line of JSON; then, if the order leaves the start open, a line
``{"start_at": <Unix seconds>}``. Its end stops the engine. Standard output: JSON lines with an
``event``: ``ready``, ``statistics`` (once a second), ``ended``.
"""

from __future__ import annotations

import asyncio
import io
import os
import queue
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import uvloop

from harness.engine.executor import Ending, Engine
from harness.engine.order import Order, OrderError, read_order
from harness.engine.parts import Parts, make_parts
from harness.ledger import LedgerFull

_SLACK = 30.0  # seconds after the last moment a drill may take, before the process is ended
_EXIT = {"finished": 0, "stopped": 0, "disk full": 3, "crashed": 5}


def main() -> int:
    """Play one order; returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the conductor's to hear
    sockets = _allow_many_sockets()
    speaker = Speaker()
    source = os.fdopen(0, "rb", buffering=0, closefd=False)  # unbuffered: read from two threads
    try:
        order = read_order(orjson.loads(source.readline()))
        order = replace(order, max_in_flight=min(order.max_in_flight, sockets))
        parts = make_parts(order)
    except (OrderError, orjson.JSONDecodeError) as error:
        ending = Ending("crashed", f"the order: {error}")
    except Exception as error:
        # Whatever plan or target could not be made of is said to whoever gave the order.
        traceback.print_exc()
        ending = Ending("crashed", str(error) or repr(error))
    else:
        ending = uvloop.run(_play(order, parts, speaker, source))
    speaker.say({"event": "ended", "state": ending.state, "reason": ending.reason})
    speaker.close()
    return _EXIT[ending.state]


async def _play(order: Order, parts: Parts, speaker: Speaker, source: io.RawIOBase) -> Ending:
    loop = asyncio.get_running_loop()
    engine = Engine(order, parts, lambda line: speaker.say({"event": "statistics", **line}))
    start: asyncio.Future[float] = loop.create_future()
    if order.start_at is not None:
        start.set_result(order.start_at)

    def told(line: bytes) -> None:
        if not line:
            engine.end("stopped", "standard input was closed")
            if not start.done():
                start.cancel()
        elif not start.done():
            start.set_result(float(orjson.loads(line)["start_at"]))

    loop.add_signal_handler(signal.SIGTERM, lambda: told(b""))
    threading.Thread(target=_listen, args=(source, loop, told), daemon=True).start()
    try:
        engine.prepare()
    except LedgerFull as error:
        return Ending("disk full", str(error))
    except OSError as error:
        return Ending("crashed", f"the ledger cannot be made: {error}")
    speaker.say({"event": "ready", "shard": order.shard})
    try:
        start_at = await start
    except asyncio.CancelledError:
        start_at = time.time()  # stopped before the start: the ledger still gets its trailer
    _set_hard_deadline(start_at + order.ends_drill / order.speed + order.grace + _SLACK)
    return await engine.play(start_at)


def _listen(
    source: io.RawIOBase, loop: asyncio.AbstractEventLoop, told: Callable[[bytes], None]
) -> None:
    """Pass on every line of standard input, and its end as an empty one."""
    while True:
        line = source.readline()
        try:
            loop.call_soon_threadsafe(told, line)
        except RuntimeError:
            return  # the loop has closed: the engine has ended
        if not line:
            return


def _set_hard_deadline(at: float) -> None:
    """End the process at a Unix time, whatever it is doing."""
    timer = threading.Timer(max(0.0, at - time.time()), os._exit, (70,))
    timer.daemon = True
    timer.start()


def _allow_many_sockets() -> int:
    """Raise the limit of open files as far as allowed; returns how many sockets that leaves."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return max(1, hard - 256) if hard != resource.RLIM_INFINITY else 1_000_000


class Speaker:
    """Writes JSON lines to standard output from a thread, so that a full pipe delays nobody."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def say(self, line: dict[str, Any]) -> None:
        """Write one line, soon."""
        self._lines.put(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def close(self) -> None:
        """Wait a moment for what is still to be written."""
        self._lines.put(None)
        self._thread.join(timeout=2.0)

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                while line:
                    line = line[os.write(1, line) :]
            except OSError:
                return  # nobody listens any more; the end of standard input says the rest


if __name__ == "__main__":
    sys.exit(main())
