"""Starts a part of the practice hub: ``python -P -m simulators.apps.hub web --port 8000``."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import time
from importlib.util import find_spec

import uvloop

from simulators.apps.hub.app import make_app
from simulators.apps.hub.defects import DEFECTS, Switches
from simulators.apps.hub.front import Front
from simulators.apps.hub.room import WorkRoom
from simulators.apps.hub.schema import metadata
from simulators.apps.hub.settings import INSIDE, MEMORY, TABLE, Settings
from simulators.apps.serving.server import parser_of, secret_of, serve
from simulators.apps.serving.store import StoreError, open_engine

SECRET = "HUB_SECRET"  # noqa: S105 - the name of an environment variable
GIVEN_DEFECTS, GIVEN_SPEED = "HUB_DEFECTS", "HUB_SPEED"
PARTS = ("web", "worker", "front")
WAIT = 30.0  # wall seconds for a database that is not there yet
WAIT_FILE = 3.0  # and for one that is a file, which another part may be making
ABOUT = "A practice app that merges people and contacts from four sources."


def main(arguments: list[str] | None = None) -> int:
    """Run a part until told to stop; returns the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    part = words[0] if words and words[0] in PARTS else ""
    if not part:
        if words and not words[0].startswith("-"):
            print(f"{words[0]!r} is no part of the hub: {', '.join(PARTS)}.", file=sys.stderr)  # noqa: T201
            return 2
        part, words = "web", ["web", *words]
    if part == "front":
        return uvloop.run(_front(words[1:]))
    given = _options(part).parse_args(words[1:])
    try:
        settings = _settings(given, part)
        _wait_for_database(settings.database)
    except (ValueError, StoreError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the user's mistake, told in one line
        return 2
    if part == "web":
        return serve(make_app(settings), given.host, given.port)
    uvloop.run(_work(settings, given.host, given.port))
    return 0


def _options(part: str) -> argparse.ArgumentParser:
    """What a web server and a worker take."""
    parser = parser_of("hub", ABOUT, (each.name for each in DEFECTS))
    parser.prog += f" {part}"
    parser.set_defaults(
        defect=list(filter(None, os.environ.get(GIVEN_DEFECTS, "").split(","))),
        speed=float(os.environ.get(GIVEN_SPEED) or 1.0),
        port=8000 if part == "web" else None,
    )
    parser.add_argument("--replica", default="", help="a copy of the database, to read from")
    parser.add_argument("--cache", default=MEMORY, help="memory, or redis://HOST:PORT/0")
    parser.add_argument(
        "--queue",
        default=INSIDE if part == "web" else TABLE,
        help="inside (merge in the web server), table (a worker looks), or redis://HOST:PORT/0",
    )
    parser.add_argument("--region", default="east", help="what this side is called")
    parser.add_argument("--peer", default="", help="the other region's web server: its URL")
    return parser


def _settings(given: argparse.Namespace, part: str) -> Settings:
    if part == "worker" and given.queue == INSIDE:
        raise ValueError("--queue inside: a worker is outside; give table or redis://HOST:PORT/0.")
    for name in ("cache", "queue"):
        found = getattr(given, name)
        if found in (MEMORY, INSIDE, TABLE):
            continue
        if not found.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError(f"--{name} {found!r}: give redis://HOST:PORT/0, or see --help.")
        if find_spec("redis") is None:
            raise ValueError(f"--{name}: its client is missing; pip install 'drillhall[hub]'.")
    return Settings(
        given.database,
        secret_of(SECRET),
        given.replica,
        given.cache,
        given.queue,
        given.region,
        given.peer,
        given.speed,
        Switches.on(given.defect),
    )


def _wait_for_database(url: str) -> None:
    """Make the tables, once the database answers.

    Raises:
        StoreError: If it has not in good time, or never will.
    """
    file = url.startswith("sqlite")
    deadline = time.monotonic() + (WAIT_FILE if file else WAIT)
    while True:
        try:
            open_engine(url, metadata).dispose()
        except StoreError as error:
            # A mistake in the address stays one; a server may be starting, and two parts of the
            # app that make the tables at once get into each other's way.
            hopeless = "not a database URL" in str(error) or "unable to open" in str(error)
            if hopeless or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


async def _work(settings: Settings, host: str, port: int | None) -> None:
    """A worker, until told to stop."""
    room = WorkRoom(settings)
    where = await room.begin(host, port)
    _say(where)
    await _told_to_stop()
    await room.close()


async def _front(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="simulators.apps.hub front", description=ABOUT)
    parser.add_argument("--port", type=int, default=8000, help="0 takes any that is free")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--server", action="append", required=True, type=_place, metavar="HOST:PORT",
        help="a web server; as often as there are",
    )  # fmt: skip
    parser.add_argument("--speed", type=float, help="taken and not needed")
    parser.add_argument("--defect", action="append", help="taken and not needed")
    given = parser.parse_args(words)
    front = Front(given.server)
    _say(await front.begin(given.host, given.port))
    await _told_to_stop()
    await front.close()
    return 0


def _place(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r}: give HOST:PORT, as 127.0.0.1:8001")
    return host, int(port)


def _say(where: tuple[str, int] | None) -> None:
    """Whoever started us waits for a line."""
    print("working" if where is None else f"http://{where[0]}:{where[1]}", flush=True)  # noqa: T201


async def _told_to_stop() -> None:
    told = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, told.set)
    await told.wait()


if __name__ == "__main__":
    sys.exit(main())
