"""The watcher: looks at what the target holds again and again, and stores what is news.

It uses the target's own readers, at a bounded rate, and steps back from a target that is down or
asks for patience. Whether it sees the target stands on the board and in the record.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from harness.live.hall import Hall
from harness.live.model import Event, Happening, Sighting
from harness.live.roll import Roll
from harness.live.scoring import sighting_of
from harness.live.sightings import Owner, Sightings, Tally
from harness.target import ReadBackError, SafetyError, Target, TargetError
from harness.target.lookout import Lookout

MODES = ("keyed", "set", "state")
STEP_BACK = 15.0  # wall seconds, at most, between looks at a target that does not answer
LONGEST = 60.0  # wall seconds, at most, that it may ask to be left alone for
_DUTY = 3.0  # times as long as a look took that the target is left alone after it
_FIRST_AND_LAST = 5.0  # wall seconds that these two looks may take
_SHARE = 0.1  # of the requests a second that the target bears
BASELINE = "watch_baseline"  # name of the setting that keeps what was there before the drill
LAST_LOOK = "watch_last_look"
"""Name of the setting that keeps when the target was seen whole at the drill's end, if it was."""

_log = logging.getLogger(__name__)


@dataclass
class Watch:
    """How the watcher is doing, for the board.

    Attributes:
        reader: Name of the target's reader; empty if it has none that helps.
        shows_values: Whether what is in a report can be seen, or only that it is there.
        problem: Why the target cannot be seen now; empty if it can. Hostile text.
        looked: When the target was last seen, in Unix seconds; None if never.
        lost: Since when it has not been seen; None while it is.
        took: Wall seconds of the last look.
        tally: What it found.
    """

    reader: str = ""
    shows_values: bool = False
    problem: str = ""
    looked: float | None = None
    lost: float | None = None
    took: float = 0.0
    tally: Tally = field(default_factory=Tally)


def reader_of(target: Target) -> tuple[str, str]:
    """The reader to watch with, and what it cannot tell.

    One that says where a report belongs is better than one that does not, whatever its order.

    Returns:
        An empty name if the description has none that shows reports one by one.
    """
    able = {name: each for name, each in target.readers.items() if each.mode in MODES}
    best = sorted(
        able,
        key=lambda name: (
            able[name].fields is None, able[name].record is None, able[name].key is None
        ),
    )  # fmt: skip
    if not best:
        return "", (
            f"{target.name}: its description has no reader that shows reports one by one (under "
            "read_back, mode keyed, set or state), so nobody can see who has reported."
        )
    chosen = able[best[0]]
    if chosen.fields is None:
        return best[0], (
            f"{target.name}: read_back.{best[0]} shows no values (fields), so it can be seen who "
            "has reported, and not whether it is right."
        )
    return best[0], ""


class Watcher:
    """Watches one target for one drill; serve it beside the pages.

    Args:
        every: Wall seconds between two looks, at least.

    Attributes:
        watch: How it is doing.
    """

    def __init__(self, target: Target, *, every: float = 2.0) -> None:
        self.target, self.every = target, every
        name, self._lacks = reader_of(target)
        self.watch = Watch(name, bool(name) and not self._lacks, self._lacks)
        self._fails = 0
        self._closed = asyncio.Event()

    @asynccontextmanager
    async def __call__(self, hall: Hall) -> AsyncIterator[None]:
        """While the block runs, look; at its end once more, for what was sent in time.

        The block begins once the target was looked at, or could not be seen.
        """
        if not self.watch.reader:
            yield
            return
        look = _Look(self, hall)
        hall.look = look.now
        if hall.live.roll.closed is None:
            await hall.live.keep(LAST_LOOK, {})  # what an earlier server saw was not the end
        stop = hall.live.subscribe(self._heard)
        await look.now()
        task = asyncio.create_task(self._run(look), name="watcher")
        try:
            yield
        finally:
            stop()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            if hall.live.roll.is_open:
                await look.now(last=True)
            look.close()

    def _heard(self, event: Event) -> None:
        if event.what is Happening.CLOSED:
            self._closed.set()

    async def _run(self, look: _Look) -> None:
        """Look for as long as nobody cancels it; at once when the drill is closed."""
        while True:
            pause = await look.once()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), pause)
                self._closed.clear()

    def failed(self, problem: str, wait: float, now: float) -> tuple[float, bool]:
        """The target was not seen; returns the seconds to leave it alone, and whether it is new."""
        new = self.watch.lost is None
        self._fails += 1
        self.watch.problem = self.target.redact(problem)
        self.watch.lost = now if new else self.watch.lost
        back = min(STEP_BACK, self.every * 2.0 ** min(self._fails, 6))
        return max(back, min(wait, LONGEST)), new

    def found(self, now: float, took: float, requests: int, tally: Tally) -> tuple[float, bool]:
        """The target was seen; returns the same."""
        new = self.watch.lost is not None
        self._fails = 0
        self.watch.looked, self.watch.lost, self.watch.problem = now, None, self._lacks
        self.watch.took, self.watch.tally = took, tally
        limit = self.target.limits.requests_per_second
        least = requests / (limit * _SHARE) if limit else 0.0
        return max(self.every, _DUTY * took, least), new


class _Look:
    """Looks at the target of an open drill."""

    def __init__(self, watcher: Watcher, hall: Hall) -> None:
        self.watcher, self.hall, self.live = watcher, hall, hall.live
        self._lookout = Lookout(watcher.target, watcher.watch.reader, hall.settings.deck.fields)
        # Whether the drill was closed already when the look before this one began.
        self._last = self.live.roll.closed is not None
        self._looking = asyncio.Lock()
        self._begin_anew()

    def close(self) -> None:
        """Let go of the target."""
        self._lookout.close()

    def _begin_anew(self) -> None:
        """Know what was there before the drill, and what is stored already: nothing else."""
        self._sightings = Sightings(
            self._lookout.records,
            tag=self.hall.settings.deck.plan.tag,
            shown=self.watcher.watch.shows_values,
        )
        kept = self.live.settings.get(BASELINE) or ()
        there = [(sighting_of(each), None) for each in kept]
        self._sightings.remember([*there, *_told(self.live.roll)])

    async def now(self, *, last: bool = False) -> None:
        """Look at once, but do not wait forever for a target that does not answer."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.once(last=last), _FIRST_AND_LAST)

    async def once(self, *, last: bool = False) -> float:
        """Look, and store what is news; returns the seconds to leave the target alone.

        Args:
            last: Whether the drill ends with this look, though nobody has closed it yet.
        """
        async with self._looking:
            return await self._once(last)

    async def _once(self, last: bool) -> float:
        clock = asyncio.get_running_loop().time
        began, closed = clock(), self.live.roll.closed is not None
        try:
            rows = await self._lookout.rows()
            at = self.live.now()
            events = self._sightings.news(rows, at, self.live.roll, self.hall.marker)
            await self._keep(events, counts=not (closed and self._last))
            if last or (closed and not self._last):
                await self.live.keep(LAST_LOOK, {"at": at})
        except (ReadBackError, TargetError, SafetyError, OSError) as error:
            return await self._failed(str(error), getattr(error, "wait", 0.0))
        except Exception as error:  # the drill goes on whatever an adapter's code may do
            _log.exception("the watcher failed")
            return await self._failed(f"the watcher itself failed: {type(error).__name__}", 0.0)
        self._last = closed
        took, tally = clock() - began, self._sightings.tally
        pause, new = self.watcher.found(at, took, self._lookout.requests, tally)
        if new:
            await self.live.happened(Happening.WATCH, ok=True, problem="")
        return pause

    async def _keep(self, events: list[Event], *, counts: bool) -> None:
        """Store news. What is there before the drill is opened is the baseline, and no news.

        The first look after the drill was closed still counts: it shows what was sent in time.
        """
        if events and self.live.roll.opened is None:
            kept = list(self.live.settings.get(BASELINE) or ())
            await self.live.keep(BASELINE, [*kept, *(each.detail for each in events)])
        elif events and counts:
            await self.live.append(*events)

    async def _failed(self, problem: str, wait: float) -> float:
        self._begin_anew()  # what was seen and could not be stored is news again
        pause, new = self.watcher.failed(problem, wait, self.live.now())
        if new:
            told = self.watcher.watch.problem
            await self.live.happened(Happening.WATCH, ok=False, problem=told)
        return pause


def _told(roll: Roll) -> list[tuple[Sighting, Owner]]:
    """What is stored already, and whose it is, in order."""
    seen = [(each, journey.volunteer.id) for journey in roll for each in journey.seen]
    seen.sort(key=lambda each: each[0].at)
    return [(each.sighting, (who, each.record)) for each, who in seen]


def watching(target: Target, *, every: float = 2.0) -> Watcher:
    """A watcher of a target, to run beside the pages."""
    return Watcher(target, every=every)
