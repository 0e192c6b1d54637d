"""The line test: real SIP calls to a live number or PBX, to see how many it carries at once.

``target.yaml`` claims so many lines (``phone.sip``). Poisson calls that offer a quarter more than
that are placed by a process of its own while the drill goes on, and written into the run's
ledger; the check ``line_capacity`` compares what got through with what the claim predicts.

Holds are compressed as all human time is; SIP's own timers are not.
"""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from harness.engine.launch import launch_command
from simulators.phones.sip.peers import Peers, parse_address
from simulators.phones.sip.timers import GIVE_UP
from simulators.phones.trace import CallTrace

OVERLOAD = 1.25  # erlangs offered for every line claimed
SHORTEST_HOLD = 0.25  # wall seconds: setting up and clearing a call are to be little beside it
CALLS_A_LINE = 25
FEWEST = 200
_CUT = 3.0  # seconds that a process told to stop gets


def line_trace(
    lines: int, hold_seconds: float, *, speed: float, seed: int, most_per_second: float = 100.0
) -> CallTrace:
    """The calls of a line test.

    Args:
        lines: Claimed.
        hold_seconds: Mean hold, drill seconds.
        speed: Drill seconds in a wall second.
        most_per_second: Calls a second that may be offered; holds are longer where it binds.

    Raises:
        ValueError: If ``lines``, ``hold_seconds`` or ``speed`` is not above 0.
    """
    if lines < 1 or not hold_seconds > 0 or not speed > 0:
        raise ValueError(
            f"lines={lines}, hold_seconds={hold_seconds:g}, speed={speed:g}: all are above 0."
        )
    load = OVERLOAD * lines + 1
    hold = max(hold_seconds / speed, SHORTEST_HOLD, load / most_per_second)
    count = max(FEWEST, CALLS_A_LINE * lines)
    return CallTrace.poisson(
        count, per_second=load / hold, mean_hold=hold, seed=seed, digits=0, kind="line test"
    )


class LineTest:
    """Calls one line while a drill goes on.

    Use it as a context manager around the play, or call :meth:`start` when the drill begins and
    :meth:`finish` after it. Whatever happens, its process ends with it.

    Args:
        address: ``host:port`` of the far end.
        user: The number or name dialled.
        lines_claimed: Calls it is said to carry at once.
        hold_seconds: Mean hold of a call, drill seconds.
        seed: Decides the trace.
        folder: The run folder; its ``ledger`` is there.
        line: Name of the line, for the record.
        trunk: Its trunk group, if it has one.
        speed: Drill seconds in a wall second.
        begins: Drill seconds at which :meth:`start` is called.
        own: Hosts (``host`` or ``host:port``) beside this machine that the permit lists.
        caller: ``ours``, or ``sipp`` where it is installed.

    Raises:
        PeerError: If the far end is neither this machine nor listed as one's own.
        ValueError: If the claim is not above 0.
    """

    def __init__(
        self,
        address: str,
        user: str,
        lines_claimed: int,
        hold_seconds: float,
        seed: int,
        folder: Path,
        *,
        line: str = "line",
        trunk: str = "",
        speed: float = 1.0,
        begins: float = 0.0,
        own: Iterable[str] = (),
        caller: str = "ours",
    ) -> None:
        self._own = tuple(own)
        Peers(self._own).check(parse_address(address)[0])
        self.address, self.user, self.lines = address, user or "hotline", lines_claimed
        self.line, self.caller, self._seed = line, caller, seed
        self.trace = line_trace(lines_claimed, hold_seconds, speed=speed, seed=seed)
        self.path = folder / "ledger" / f"sip-{line}.jsonl"
        self._header = {
            "line": line, "trunk": trunk, "lines": lines_claimed, "load": self.trace.load,
            "speed": speed, "begins": begins, "caller": caller,
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def seconds(self) -> float:
        """Wall seconds that the test takes, but for the last calls' holds."""
        return self.trace.seconds

    def start(self) -> None:
        """Begin to call.

        Raises:
            FileExistsError: If this line has been tested in this run.
            FileNotFoundError: If SIPp is asked for and not installed.
        """
        if self.path.exists():
            raise FileExistsError(f"{self.path}: this line has been tested in this run already.")
        self.trace.write(self.path.with_suffix(".csv"))
        self._process = subprocess.Popen(
            self._command(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip

    def _command(self) -> list[str]:
        module = "simulators.phones.sip" if self.caller == "ours" else "harness.channels.sipp"
        own = [word for each in self._own for word in ("--own", each)]
        return [
            *launch_command(module), *(["call"] if self.caller == "ours" else []),
            "--to", self.address, "--user", self.user, "--leash",
            "--trace", str(self.path.with_suffix(".csv")), "--records", str(self.path),
            "--seed", str(self._seed), "--header", json.dumps(self._header), *own,
        ]  # fmt: skip

    @property
    def running(self) -> bool:
        """Whether calls are being placed."""
        return self._process is not None and self._process.poll() is None

    def finish(self, timeout: float | None = None) -> bool:
        """Wait until every call is over, or stop after ``timeout`` wall seconds.

        Args:
            timeout: None waits as long as the trace can take: its own length, its longest hold,
                and the 32 seconds after which SIP gives up.

        Returns:
            Whether the trace was placed to its end.
        """
        if self._process is None:
            return False
        longest = max((call.hold_ms for call in self.trace.calls), default=0) / 1000
        wait = self.seconds + longest + 2 * GIVE_UP if timeout is None else timeout
        try:
            self._process.wait(wait)
        except subprocess.TimeoutExpired:
            self.stop()
            return False
        self._let_go()
        return self._process.returncode == 0

    def stop(self) -> None:
        """Hang up and end, within about a second."""
        if self._process is None:
            return
        self._let_go()
        try:
            self._process.wait(_CUT)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def _let_go(self) -> None:
        """Close its standard input, which ends it."""
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def __enter__(self) -> LineTest:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.finish()
        else:
            self.stop()
