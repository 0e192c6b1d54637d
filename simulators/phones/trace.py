"""A call trace: who dials when, for how long, and which digits they key.

One trace drives the model of a line, our own SIP caller and SIPp, so that what they lose can be
compared call by call. Times are whole milliseconds since the trace began, as in its CSV form:

```text
caller,at_ms,hold_ms,digits,kind
0,38,412,0718,report
```
"""

from __future__ import annotations

import csv
import heapq
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from simulators.phones.hotline import Call

COLUMNS = ("caller", "at_ms", "hold_ms", "digits", "kind")
KEYS = frozenset("0123456789*#")


class TraceError(ValueError):
    """A trace that cannot be read; the message names file and line."""


@dataclass(frozen=True, slots=True)
class TracedCall:
    """One call to be placed.

    Attributes:
        caller: Number of the caller, 0 or more; it may call again.
        at_ms: When the caller dials.
        hold_ms: How long the caller stays once answered.
        digits: Keys pressed after the answer; empty for none.
        kind: What the call is for (``report``, ``nuisance``).
    """

    caller: int
    at_ms: int
    hold_ms: int
    digits: str = ""
    kind: str = "report"

    def __post_init__(self) -> None:
        for name in ("caller", "at_ms", "hold_ms"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}={getattr(self, name)}, but it cannot be below 0.")
        strange = set(self.digits) - KEYS
        if strange:
            raise ValueError(
                f"digits={self.digits!r}: a keypad has 0 to 9, * and #, not {min(strange)!r}."
            )


@dataclass(frozen=True)
class CallTrace:
    """Calls in order of dialling.

    Raises:
        ValueError: If a call is dialled before the one ahead of it.
    """

    calls: tuple[TracedCall, ...]

    def __post_init__(self) -> None:
        for before, after in zip(self.calls, self.calls[1:], strict=False):
            if after.at_ms < before.at_ms:
                raise ValueError(
                    f"at_ms={after.at_ms} follows {before.at_ms}: sort the calls by at_ms."
                )

    def __len__(self) -> int:
        return len(self.calls)

    @property
    def seconds(self) -> float:
        """From the beginning to the last call's dialling."""
        return self.calls[-1].at_ms / 1000 if self.calls else 0.0

    @property
    def mean_hold(self) -> float:
        """Mean seconds that an answered call stays; 0 without calls."""
        return sum(each.hold_ms for each in self.calls) / 1000 / len(self) if self.calls else 0.0

    @property
    def load(self) -> float:
        """Erlangs offered: the seconds all calls want, by the seconds in which they dial."""
        return self.mean_hold * len(self) / self.seconds if self.seconds else 0.0

    # -- makers -----------------------------------------------------------------------------

    @classmethod
    def poisson(
        cls,
        count: int,
        *,
        per_second: float,
        mean_hold: float,
        seed: int,
        digits: int = 4,
        kind: str = "report",
    ) -> CallTrace:
        """Poisson arrivals with exponential holds and codes drawn evenly, each a new caller.

        Args:
            count: Calls.
            per_second: Calls arriving a second, above 0.
            mean_hold: Mean seconds an answered caller stays, 0 or more.
            digits: Length of a code; 0 for calls that key nothing.

        Raises:
            ValueError: If an argument is out of its range.
        """
        if count < 0 or digits < 0 or mean_hold < 0 or per_second <= 0:
            raise ValueError(
                f"count={count}, digits={digits}, mean_hold={mean_hold:g}, "
                f"per_second={per_second:g}: none may be below 0, and per_second is above 0."
            )
        rng, at, calls = Random(f"{seed}:call trace"), 0.0, list[TracedCall]()  # seeded by text
        for caller in range(count):
            at += rng.expovariate(per_second)
            hold = rng.expovariate(1 / mean_hold) if mean_hold else 0.0
            code = f"{rng.randrange(10**digits):0{digits}d}" if digits else ""
            calls.append(TracedCall(caller, round(at * 1000), round(hold * 1000), code, kind))
        return cls(tuple(calls))

    @classmethod
    def of_calls(
        cls, calls: Iterable[Call], *, speed: float = 1.0, turned_away_hold: float = 0.0
    ) -> CallTrace:
        """The trace of a night's calls, as the stage recorded them.

        A call holds its trunk from dialling to its end, so that is its hold.

        Args:
            calls: Finished calls; times are drill seconds.
            speed: Drill seconds in one second of the trace.
            turned_away_hold: Drill seconds that a call which got the busy tone would have
                stayed; what it would have been, nobody saw.

        Raises:
            ValueError: If the speed is not above 0.
        """
        if not speed > 0:
            raise ValueError(f"speed={speed:g}, but it must be above 0.")
        made = [
            TracedCall(
                call.caller,
                round(call.dialled / speed * 1000),
                round(_held(call, turned_away_hold) / speed * 1000),
                kind="report" if call.record else "other",
            )
            for call in calls
        ]
        return cls(tuple(sorted(made, key=lambda each: each.at_ms)))

    # -- files ------------------------------------------------------------------------------

    def to_csv(self) -> str:
        """The trace as CSV text, with a header line."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(
            (each.caller, each.at_ms, each.hold_ms, each.digits, each.kind) for each in self.calls
        )
        return text.getvalue()

    @classmethod
    def from_csv(cls, text: str, name: str = "trace") -> CallTrace:
        """Read what :meth:`to_csv` wrote.

        Raises:
            TraceError: Names the file and the line.
        """
        rows = csv.reader(io.StringIO(text))
        header = next(rows, [])
        if tuple(header) != COLUMNS:
            raise TraceError(
                f"{name}:1: found {','.join(header)!r}, but a trace begins with "
                f"{','.join(COLUMNS)!r}."
            )
        calls = [_call(row, f"{name}:{rows.line_num}") for row in rows if row]
        try:
            return cls(tuple(calls))
        except ValueError as error:
            raise TraceError(f"{name}: {error}") from error

    def write(self, path: Path) -> None:
        """Write the trace as a CSV file."""
        path.write_text(self.to_csv(), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> CallTrace:
        """Read a CSV file.

        Raises:
            TraceError: If it cannot be read or is no trace.
        """
        try:
            return cls.from_csv(path.read_text(encoding="utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise TraceError(f"{path}: cannot be read as a trace: {error}") from error


def lost_calls(trace: CallTrace, lines: int, *, clearing_ms: int = 0) -> frozenset[int]:
    """Which calls a perfect line of ``lines`` loses: those that find every one in use.

    A call that is answered keeps its line for its hold; one that is not is gone. A line that
    becomes free in the very millisecond of a call takes it.

    Args:
        lines: Calls carried at once, 0 or more.
        clearing_ms: How long a line stays taken after the caller has hung up.

    Returns:
        Positions in ``trace.calls``.

    Raises:
        ValueError: If ``lines`` is below 0.

    Example:
        >>> two = (TracedCall(0, 0, 100), TracedCall(1, 50, 100), TracedCall(2, 100, 10))
        >>> sorted(lost_calls(CallTrace(two), lines=1))
        [1]
    """
    if lines < 0:
        raise ValueError(f"lines={lines}, but it cannot be below 0.")
    free_at: list[int] = []  # a heap: when each line in use is free again
    lost = set[int]()
    for position, call in enumerate(trace.calls):
        while free_at and free_at[0] <= call.at_ms:
            heapq.heappop(free_at)
        if len(free_at) >= lines:
            lost.add(position)
        else:
            heapq.heappush(free_at, call.at_ms + call.hold_ms + clearing_ms)
    return frozenset(lost)


def _held(call: Call, turned_away_hold: float) -> float:
    if call.cause == "busy":
        return turned_away_hold
    return 0.0 if call.ended is None else max(0.0, call.ended - call.dialled)


def _call(row: list[str], where: str) -> TracedCall:
    if len(row) != len(COLUMNS):
        raise TraceError(f"{where}: {len(row)} cells, but a call has {len(COLUMNS)}.")
    try:
        return TracedCall(int(row[0]), int(row[1]), int(row[2]), row[3], row[4])
    except ValueError as error:
        raise TraceError(f"{where}: {error}") from error
