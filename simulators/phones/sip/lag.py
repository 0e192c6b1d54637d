"""Whether the load generator itself kept time: a run in which it stalled is void for timings."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

BEAT = 0.010  # seconds between two heartbeats
MOST = 0.250  # seconds: half of T1; from twice this on, SIP retransmits for our own slowness
MOST_OFTEN = 0.050  # seconds that 1 in 100 beats may be late


@dataclass(frozen=True)
class Lag:
    """How late the loop's heartbeats came. Seconds.

    Attributes:
        stalled: Why the run's timings are void; empty if they stand.
    """

    beats: int
    p99: float
    most: float

    @property
    def stalled(self) -> str:
        """Why timings of this run are void; empty if they stand."""
        if self.most > MOST:
            return f"the caller itself stood still for {self.most:.3f} s (at most {MOST:g} s)"
        if self.p99 > MOST_OFTEN:
            return (
                f"the caller itself was {self.p99:.3f} s late at times (at most {MOST_OFTEN:g} s)"
            )
        return ""


@dataclass
class Heartbeat:
    """Beats every 10 ms and notes how late each beat is."""

    loop: asyncio.AbstractEventLoop
    _late: list[float] = field(default_factory=list)
    _due: float = 0.0
    _timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to beat."""
        self._due = time.monotonic() + BEAT
        self._timer = self.loop.call_later(BEAT, self._beat)

    def _beat(self) -> None:
        now = time.monotonic()
        self._late.append(max(0.0, now - self._due))
        self._due = now + BEAT
        self._timer = self.loop.call_later(BEAT, self._beat)

    def stop(self) -> Lag:
        """Stop beating and say how it went."""
        if self._timer is not None:
            self._timer.cancel()
        late = sorted(self._late)
        if not late:
            return Lag(0, 0.0, 0.0)
        return Lag(len(late), late[min(len(late) - 1, len(late) * 99 // 100)], late[-1])
