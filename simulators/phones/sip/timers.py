"""The timers of SIP over UDP (RFC 3261 section 17 and table 4). None of them is ever scaled.

Whatever keeps time is handed in: an asyncio loop, or a clock that a test moves by hand.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

T1 = 0.5  # seconds: a round trip, the first interval of every retransmission
T2 = 4.0  # longest interval between retransmissions of requests other than INVITE, and answers
T4 = 5.0  # how long a datagram may be under way
GIVE_UP = 64 * T1  # timers B, F, H, J, L and M: nobody waits longer for an answer or an ACK
AFTER_REFUSAL = 32.0  # timer D: "at least 32 s" over UDP
_SWEEP = 1.0  # seconds between two looks at what has lingered long enough


class Cancellable(Protocol):
    """A timer that has been set."""

    def cancel(self) -> None:
        """Do not call."""


class Timers(Protocol):
    """What calls back later; an asyncio loop is one."""

    def time(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any) -> Cancellable:
        """Call after ``delay`` seconds."""
        ...


class Resending:
    """Sends again at intervals that double, until told to stop or until it is over.

    Args:
        send: Sends the datagram again; the first sending is the caller's.
        over: Called after ``give_up`` seconds without :meth:`stop`.
        longest: Bound on the interval; None for no bound (an INVITE's, timer A).
    """

    def __init__(
        self,
        timers: Timers,
        send: Callable[[], None],
        over: Callable[[], None],
        *,
        longest: float | None = T2,
        give_up: float = GIVE_UP,
    ) -> None:
        self._timers = timers
        self._send = send
        self._over = over
        self._longest = longest
        self._interval = T1
        self._left = give_up
        self._timer = self._set()

    def _set(self) -> Cancellable:
        delay = min(self._interval, self._left)
        self._left -= delay
        return self._timers.call_later(delay, self._due)

    def _due(self) -> None:
        if self._left <= 0:
            self._over()
            return
        self._send()
        self._interval *= 2
        if self._longest is not None:
            self._interval = min(self._interval, self._longest)
        self._timer = self._set()

    def slow_down(self) -> None:
        """Send only every T2 from now on: the far end is at work (17.1.2.2)."""
        self._interval = T2

    def stop(self) -> None:
        """Send no more."""
        self._timer.cancel()


class Lingering:
    """Finished transactions that stay a while, to absorb what is sent to them once more.

    One timer serves all of them, since thousands linger for 32 seconds in a busy minute.

    Args:
        forget: Called with each key when its time is up.
    """

    def __init__(self, timers: Timers, forget: Callable[[tuple[str, ...]], None]) -> None:
        self._timers = timers
        self._forget = forget
        self._queues: dict[float, deque[tuple[float, tuple[str, ...]]]] = {}
        self._timer: Cancellable | None = None

    def add(self, key: tuple[str, ...], seconds: float) -> None:
        """Keep ``key`` for so long; it is forgotten up to a second later."""
        queue = self._queues.setdefault(seconds, deque())
        queue.append((self._timers.time() + seconds, key))
        if self._timer is None:
            self._timer = self._timers.call_later(_SWEEP, self._sweep)

    def _sweep(self) -> None:
        now = self._timers.time()
        for queue in self._queues.values():
            while queue and queue[0][0] <= now:
                self._forget(queue.popleft()[1])
        some = any(self._queues.values())
        self._timer = self._timers.call_later(_SWEEP, self._sweep) if some else None

    def close(self) -> None:
        """Keep nothing any longer."""
        self._queues.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
