"""``python -P -m harness.injects.proxy``: the proxies of one drill, and their control API.

Reads one JSON line, ``{"seed": 1}``, from standard input; prints one when it is ready, with the
address of the control API; ends when standard input does, so nothing of it outlives the drill.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
import uvloop

from harness.injects.proxy.control import Control


class _Server(uvicorn.Server):
    """Leaves signals alone: whoever started us says when it is over."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main() -> int:
    """Run until standard input ends; returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)  # each connection takes two
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        seed = int(json.loads(sys.stdin.readline())["seed"])
    except (ValueError, KeyError, TypeError):
        sys.stderr.write('one line of JSON is wanted on standard input, such as {"seed": 1}\n')
        return 2
    uvloop.run(_serve(seed))
    return 0


async def _serve(seed: int) -> None:
    control = Control(seed)
    config = uvicorn.Config(
        control.app(), log_level="warning", access_log=False, lifespan="off", ws="none"
    )
    server = _Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        serving = asyncio.ensure_future(server.serve([listening]))
        while not server.started:
            await asyncio.sleep(0.005)
        host, port = listening.getsockname()
        print(json.dumps({"event": "ready", "control": f"{host}:{port}"}), flush=True)  # noqa: T201 - somebody waits for it
        await asyncio.to_thread(_input_ends)
        control.close()
        server.should_exit = server.force_exit = True
        await serving


def _input_ends() -> None:
    while os.read(0, 4096):
        pass


if __name__ == "__main__":
    sys.exit(main())
