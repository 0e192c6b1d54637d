"""SIPp as the caller of a line test, where it is installed: the standard beside our own.

It runs as a separate program in a folder of its own, bound to 127.0.0.1 unless the far end is
elsewhere, and is ended by its process id when its time is up: SIPp's own limits do not end a
call that is stuck. ``python -P -m harness.channels.sipp`` writes the same record as our caller.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from harness.channels.sipp_scenario import (
    COUNTERS,
    START_RATE,
    caller_scenario,
    injection,
    lead_ms,
)
from simulators.phones.sip.endpoint import BUFFER
from simulators.phones.sip.lag import Heartbeat, Lag
from simulators.phones.sip.peers import PeerError, Peers, parse_address
from simulators.phones.sip.timers import GIVE_UP
from simulators.phones.trace import CallTrace, TraceError

RECEIVE_MS = 33_000  # SIPp gives up on an answer after this: a second more than SIP itself
_CAUSES = {"served": "served", "busy": "busy", "unavailable": "busy"}
_STATUS = {"served": 200, "busy": 486, "unavailable": 503}


@dataclass(frozen=True)
class SippRun:
    """What SIPp says of a trace.

    Attributes:
        counts: Calls by named counter (``answered``, ``busy``, ``unavailable``, ``ended``).
        created, failed, retransmissions: The last row of its statistics.
        outcomes: For each position of the trace that came to an end: what it came to
            (``served``, ``busy``, ``unavailable``), seconds after the trace's beginning when it
            was answered, None if it was not, and when it was over.
        lag: How well this machine kept time meanwhile.
        finished: Whether SIPp ended by itself.
    """

    counts: dict[str, int]
    created: int
    failed: int
    retransmissions: int
    outcomes: dict[int, tuple[str, float | None, float]]
    lag: Lag
    finished: bool


def installed() -> str | None:
    """Where SIPp is, None if it is not installed."""
    return shutil.which("sipp")


async def run_sipp(
    trace: CallTrace,
    address: str,
    user: str,
    folder: Path,
    *,
    own: Sequence[str] = (),
    timeout: float | None = None,
    stop: asyncio.Event | None = None,
) -> SippRun:
    """Place a trace with SIPp.

    Args:
        address: ``host:port`` of the far end.
        folder: An empty folder for its files.
        own: Hosts beside this machine that are the operator's own.
        timeout: Seconds after which it is killed; None gives the trace's length, its longest
            hold and the time SIP takes to give up.
        stop: Ends it when set.

    Raises:
        FileNotFoundError: If SIPp is not installed.
        PeerError: If the far end may not be called.
    """
    host, _ = parse_address(address)
    Peers(own).check(host)
    digits = any(call.digits for call in trace.calls)
    (folder / "calls.csv").write_text(injection(trace), encoding="utf-8")
    (folder / "call.xml").write_text(caller_scenario(digits=digits, user=user), encoding="utf-8")
    longest = max((call.hold_ms for call in trace.calls), default=0) / 1000
    limit = trace.seconds + lead_ms(len(trace)) / 1000 + longest + 2 * GIVE_UP
    heartbeat = Heartbeat(asyncio.get_running_loop())
    process = await asyncio.create_subprocess_exec(
        *_command(trace, address, host), cwd=folder, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    heartbeat.start()
    try:
        finished = await _ended(process, limit if timeout is None else timeout, stop)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    lag = heartbeat.stop()
    return _read(folder, lead_ms(len(trace)), lag, finished)


def _command(trace: CallTrace, address: str, host: str) -> list[str]:
    bound = ["-i", "127.0.0.1", "-mi", "127.0.0.1"] if host.startswith("127.") else []
    return [
        installed() or "sipp", address, "-sf", "call.xml", "-inf", "calls.csv", *bound,
        "-nostdin", "-m", str(len(trace)), "-r", str(START_RATE), "-l", str(len(trace) + 1),
        "-buff_size", str(BUFFER), "-recv_timeout", str(RECEIVE_MS), "-trace_stat", "-stf",
        "stat.csv", "-fd", "1", "-trace_logs", "-log_file", "log.txt", "-trace_err",
        "-error_file", "errors.txt",
    ]  # fmt: skip


async def _ended(
    process: asyncio.subprocess.Process, limit: float, stop: asyncio.Event | None
) -> bool:
    waits = [asyncio.ensure_future(process.wait())]
    told = asyncio.ensure_future(stop.wait()) if stop is not None else None
    done, _ = await asyncio.wait(
        [*waits, *([told] if told else [])], timeout=limit, return_when=asyncio.FIRST_COMPLETED
    )
    if told is not None:
        told.cancel()
    if waits[0] not in done:
        waits[0].cancel()
        return False
    return True


def _read(folder: Path, lead: int, lag: Lag, finished: bool) -> SippRun:
    last = last_row(folder / "stat.csv")
    logged = folder / "log.txt"
    lines = logged.read_text(encoding="utf-8").splitlines() if logged.is_file() else []
    answered, outcomes = dict[int, float](), dict[int, tuple[str, float | None, float]]()
    for line in lines:
        what, position, tick = line.split(";")
        at = (int(tick) - lead) / 1000
        if what == "answered":
            answered[int(position)] = at
        else:
            outcomes[int(position)] = (what, answered.get(int(position)), at)
    return SippRun(
        counts={name: int(last.get(f"{name}(C)", 0)) for name in COUNTERS},
        created=int(last.get("TotalCallCreated", 0)),
        failed=int(last.get("FailedCall(C)", 0)),
        retransmissions=int(last.get("Retransmissions(C)", 0)),
        outcomes=outcomes,
        lag=lag,
        finished=finished,
    )


def last_row(path: Path) -> dict[str, str]:
    """The last row of SIPp's statistics by column, empty if there is none.

    ``Successful`` in it also counts calls that were refused and went the way planned for that;
    the named counters do not.
    """
    if not path.is_file():
        return {}
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8")), delimiter=";"))
    return dict(zip(rows[0], rows[-1], strict=False)) if len(rows) > 1 else {}


# -- as a process, in the place of our own caller ------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """Place a trace and write the record of a line test; returns the exit code."""
    given = _parser().parse_args(arguments)
    if installed() is None:
        print("sipp is not installed (apt-get install sip-tester).", file=sys.stderr)  # noqa: T201
        return 2
    try:
        asyncio.run(_place(given))
    except (PeerError, TraceError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the user's mistake, told in one line
        return 2
    return 0


async def _place(given: argparse.Namespace) -> None:
    trace, loop, stop = CallTrace.read(given.trace), asyncio.get_running_loop(), asyncio.Event()
    if given.leash:
        loop.add_reader(0, _listen, loop, stop)
    header = orjson.loads(given.header) if given.header else {}
    with tempfile.TemporaryDirectory() as name:
        run = await run_sipp(trace, given.to, given.user, Path(name), own=given.own, stop=stop)
    lines = [{"k": "header", "to": given.to, "user": given.user, **header}]
    calls = [_call(trace, position, run) for position in range(len(trace))]
    lines += [call for call in calls if run.finished or call["cause"] != "failed"]
    lines.append({"k": "trailer", **_summary(trace, run, calls)})
    with given.records.open("xb") as file:
        file.write(b"".join(orjson.dumps(x, option=orjson.OPT_APPEND_NEWLINE) for x in lines))


def _listen(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    if not os.read(0, 4096):
        loop.remove_reader(0)
        stop.set()


def _call(trace: CallTrace, position: int, run: SippRun) -> dict[str, Any]:
    traced = trace.calls[position]
    due = traced.at_ms / 1000
    what, answered, ended = run.outcomes.get(position, ("failed", None, due))
    return {
        "k": "call", "position": position, "caller": traced.caller, "id": "",
        "cause": _CAUSES.get(what, "failed"), "status": _STATUS.get(what), "due": due,
        "dialled": due, "answered": answered, "ended": ended, "post_dial_delay": None,
        "digits": traced.digits if what == "served" else "",
    }  # fmt: skip


def _summary(trace: CallTrace, run: SippRun, calls: list[dict[str, Any]]) -> dict[str, Any]:
    void = run.lag.stalled
    if not void and run.retransmissions * 100 > len(trace):
        void = f"SIPp sent {run.retransmissions} messages again: it, or the line, was overloaded"
    return {
        "calls": len(calls), "causes": Counter(call["cause"] for call in calls), "void": void,
        "planned": len(trace), "stopped": not run.finished, "failed": run.failed,
        "traffic": {"resent": {"requests": run.retransmissions}},
    }  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="harness.channels.sipp", description="A trace by SIPp.")
    parser.add_argument("--to", required=True)
    parser.add_argument("--user", default="hotline")
    parser.add_argument("--trace", type=Path, required=True)
    parser.add_argument("--records", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0, help="not used: SIPp draws nothing")
    parser.add_argument("--header")
    parser.add_argument("--own", action="append", default=[])
    parser.add_argument("--leash", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
