"""A hotline or a caller as a process of its own.

``python -P -m simulators.phones.sip hotline --lines 10`` prints one JSON line with its address,
``python -P -m simulators.phones.sip call --to 127.0.0.1:5060 --trace calls.csv`` one that says
how it went. With ``--leash`` both end when their standard input does, so that neither outlives
whoever started it; SIGTERM and Ctrl-C end them in good order too.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import orjson
import uvloop

from simulators.phones.sip.caller import CallerSettings, CallReport, SipCaller
from simulators.phones.sip.hotline import HotlineSettings, SipHotline
from simulators.phones.sip.journal import Journal, counts_of, summary_of
from simulators.phones.sip.peers import PeerError, parse_address
from simulators.phones.trace import CallTrace, TraceError

_HURRY = 1.0  # seconds that far ends get to hear that a run was stopped


def main(arguments: list[str] | None = None) -> int:
    """Serve or call; returns the exit code: 2 for a user's mistake."""
    given = _parser().parse_args(arguments)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(given.run(given))
    except (PeerError, TraceError, ValueError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the user's mistake, told in one line
        return 2
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)  # noqa: T201 - as above
        return 2
    return 0


async def _serve(given: argparse.Namespace) -> None:
    settings = HotlineSettings(
        lines=given.lines,
        ring=given.ring,
        full=given.full,
        retry_after=given.retry_after,
        talk=given.talk,
        longest=given.longest,
        silent=given.silent,
        own=tuple(given.own),
    )
    address = parse_address(given.listen)
    journal = Journal(given.records, {"lines": given.lines})
    hotline = SipHotline(settings, address=address, on_call=journal.call, rng=Random(given.seed))
    stop = _until_told(given.leash)
    host, port = hotline.address
    _say({"event": "ready", "address": f"{host}:{port}"})
    await stop.wait()
    hotline.close()
    counts = counts_of(hotline.counts)
    journal.close(counts)
    _say({"event": "closed", **counts})


async def _call(given: argparse.Namespace) -> None:
    settings = CallerSettings(
        address=parse_address(given.to),
        user=given.user,
        ring_limit=given.ring_limit,
        in_flight=given.in_flight,
        own=tuple(given.own),
    )
    trace = CallTrace.read(given.trace)
    header = orjson.loads(given.header) if given.header else {}
    journal = Journal(given.records, {"to": given.to, "user": given.user, **header})
    caller = SipCaller(settings, on_call=journal.call, rng=Random(given.seed))
    stop = _until_told(given.leash)
    try:
        report = await _place(caller, trace, stop)
    finally:
        caller.close()
    summary = summary_of(report) | {"planned": len(trace), "stopped": stop.is_set()}
    journal.close(summary)
    _say({"event": "done", **summary})


async def _place(caller: SipCaller, trace: CallTrace, stop: asyncio.Event) -> CallReport:
    """Place the trace, or as much of it as is dialled until told to stop."""
    placing = asyncio.ensure_future(caller.place(trace))
    waiting = asyncio.ensure_future(stop.wait())
    await asyncio.wait((placing, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not placing.done():
        await caller.stop(_HURRY)
    return await placing


def _until_told(leash: bool) -> asyncio.Event:
    """An event set by SIGTERM, by Ctrl-C, and on a leash by the end of standard input."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    if leash:
        number = sys.stdin.fileno()
        loop.add_reader(number, _listen, loop, number, stop.set)
    return stop


def _listen(loop: asyncio.AbstractEventLoop, number: int, ended: Callable[[], None]) -> None:
    if not os.read(number, 4096):
        loop.remove_reader(number)
        ended()


def _say(what: dict[str, Any]) -> None:
    print(orjson.dumps(what).decode(), flush=True)  # noqa: T201 - whoever started us reads it


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulators.phones.sip", description=__doc__)
    commands = parser.add_subparsers(required=True)
    both = argparse.ArgumentParser(add_help=False)
    both.add_argument("--records", type=Path, help="a new file for one JSON line a call")
    both.add_argument("--seed", type=int, default=0)
    both.add_argument("--own", action="append", default=[], help="a host that is your own")
    both.add_argument("--leash", action="store_true", help="end when standard input does")
    hotline = commands.add_parser("hotline", parents=[both], help="answer calls")
    hotline.add_argument("--listen", default="127.0.0.1:0", help="port 0 takes any that is free")
    hotline.add_argument("--lines", type=int, required=True, help="calls answered at once")
    hotline.add_argument("--ring", type=float, default=0.0, help="seconds until the answer")
    hotline.add_argument("--full", choices=("busy", "unavailable"), default="busy")
    hotline.add_argument("--retry-after", type=int, help="seconds, said with a refusal")
    hotline.add_argument("--talk", type=float, help="seconds until the hotline hangs up")
    hotline.add_argument("--longest", type=float, default=3600.0, help="seconds, then it is leaked")
    hotline.add_argument("--silent", action="store_true", help="answer nothing at all")
    hotline.set_defaults(run=_serve)
    call = commands.add_parser("call", parents=[both], help="place the calls of a trace")
    call.add_argument("--to", required=True, help="host:port of the far end")
    call.add_argument("--user", default="hotline", help="the number or name dialled")
    call.add_argument("--trace", type=Path, required=True)
    call.add_argument("--ring-limit", type=float, default=60.0, help="seconds of ringing")
    call.add_argument("--in-flight", type=int, default=4000, help="calls at once")
    call.add_argument("--header", help="a JSON object that goes into the first record")
    call.set_defaults(run=_call)
    return parser


if __name__ == "__main__":
    sys.exit(main())
