"""Starts the carrier: ``python -P -m simulators.providers.carrier``.

Reads its configuration, one JSON line, from standard input; prints one JSON line when it is ready;
ends when standard input does.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import signal
import sys

import orjson
import uvloop

from simulators.providers.carrier.carrier import Carrier
from simulators.providers.carrier.clock import Clock
from simulators.providers.carrier.config import Config, ConfigError, read_config
from simulators.providers.carrier.control import Control
from simulators.providers.carrier.front import open_front
from simulators.providers.carrier.lag import Lag
from simulators.providers.carrier.log import FileLog
from simulators.providers.carrier.profile import Profile, ProfileError, read_profile
from simulators.providers.carrier.transport import HttpTransport


def main() -> int:
    """Run until standard input ends; returns the exit code."""
    # Ctrl-C reaches every process of a terminal: whoever started us closes our input instead.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _allow_sockets()
    try:
        config = read_config(sys.stdin.buffer.readline())
        profile = read_profile(config.profile)
        uvloop.run(_serve(config, profile))
    except (ConfigError, ProfileError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the user's mistake, told in one line
        return 2
    return 0


async def _serve(config: Config, profile: Profile) -> None:
    clock, log, lag = Clock(config.speed), FileLog(config.log), Lag()
    carrier = Carrier(
        config,
        transport=HttpTransport(config.addresses),
        clock=clock,
        log=log,
        limit=profile.webhook_seconds,
    )
    front = await open_front(carrier, profile, config.folder)
    control = Control(carrier, lag)
    ready = {
        "event": "ready",
        "control": await control.start(),
        "rest": front.rest,
        "proxy": front.proxy,
        "ca": str(front.ca.absolute()),
    }
    gc.freeze()  # what is loaded by now stays: the collector need not look at it again
    gc.set_threshold(100_000, 20, 50)  # thousands of calls are live objects, not garbage
    print(orjson.dumps(ready).decode(), flush=True)  # noqa: T201 - whoever started us waits for it
    try:
        await _input_ends()
    finally:
        lag.stop()
        await control.close()
        await front.close()
        await carrier.close()


async def _input_ends() -> None:
    """Wait until standard input is closed, or the process is told to stop."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    reading = loop.create_task(_drain(reader))
    stopping = loop.create_task(stop.wait())
    await asyncio.wait((reading, stopping), return_when=asyncio.FIRST_COMPLETED)
    for task in (reading, stopping):
        task.cancel()


async def _drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(4096):
        pass


def _allow_sockets() -> None:
    """As many sockets as the machine lets us have: a call keeps one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    sys.exit(main())
