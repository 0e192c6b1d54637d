"""The executor: plays one shard of the plan in real time, from the barrier to the trailer."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from harness.channels.phones import Phones
from harness.channels.web.channel import Pages
from harness.engine.clock import DrillClock, start_of
from harness.engine.live_app import LiveApp, Means
from harness.engine.meter import Meter
from harness.engine.order import Order
from harness.engine.parts import Parts
from harness.engine.routing import Router
from harness.engine.wire import Wire
from harness.ledger import Ledger, LedgerFull
from simulators.phones.hotline import Call
from simulators.stage import Stage

_LOOK = 0.02  # seconds between looks: at outcomes to write, and whether the drill is over
_STATISTICS = 1.0  # seconds between statistics lines, checkpoints and syncs
_STOP_GRACE = 0.5  # seconds that answers get when the drill is stopped
Say = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Ending:
    """How an engine ended.

    Attributes:
        state: ``finished``, ``stopped``, ``disk full`` or ``crashed``.
        reason: Why, in plain words; empty if it simply finished.
    """

    state: str
    reason: str = ""


class Engine:
    """Plays the participants of one shard. Make it inside a running loop.

    Args:
        order: What to play.
        parts: Who plays, against what.
        say: Takes the statistics, once a second.
    """

    def __init__(self, order: Order, parts: Parts, say: Say) -> None:
        self.order = order
        self.meter = Meter()
        self._parts = parts
        self._say = say
        self._loop = asyncio.get_running_loop()
        self._clock = DrillClock(self._loop, order.speed)
        self._ending: asyncio.Future[Ending] = self._loop.create_future()
        self._roles: dict[int, str] = {}
        self._syncing: asyncio.Future[None] | None = None
        self._ledger: Ledger
        self._wire: Wire
        self._app: LiveApp
        self._phones: Phones | None = None
        self._pages: Pages | None = None
        self._stage: Stage

    def end(self, state: str, reason: str = "") -> None:
        """Begin to end the drill; the first reason counts."""
        if not self._ending.done():
            self._ending.set_result(Ending(state, reason))

    def prepare(self) -> None:
        """Open the ledger and let everybody enter; the clock does not run yet.

        Raises:
            LedgerFull: If there is no room for the ledger's first line.
            OSError: If the ledger cannot be made.
        """
        order, parts = self.order, self._parts
        self._ledger = Ledger(order.ledger, self._header())
        addresses = dict(parts.addresses or {})
        for way in order.ways:
            addresses |= way.addresses
        self._wire = Wire(
            connections=order.max_in_flight, ca_file=parts.ca_file, addresses=addresses
        )
        means = Means(
            self._clock, self._wire, self._ledger, self.meter, parts.target,
            order.max_in_flight, order.ways,
        )  # fmt: skip
        self._app = LiveApp(means, self.end)
        lines = parts.lines
        if parts.phone is not None and order.carrier:
            self._phones = Phones(self._app, parts.phone, order.carrier)
        else:  # nobody answers for the app: whoever calls it is told that there is no such line
            lines = replace(lines, menus=())
        if parts.web is not None and order.browser:
            self._pages = Pages(self._app, parts.web, order.browser)
        self._stage = Stage(
            self._clock,
            Router(self._app, self._phones, self._pages),
            lines=lines,
            menus=self._phones.voice if self._phones else None,
            on_call=self._call,
        )
        self._enter()

    async def play(self, start_at: float) -> Ending:
        """Play from Unix time ``start_at`` until the drill is over, and close the ledger."""
        for channel, whom in ((self._phones, "the phone carrier"), (self._pages, "the browser")):
            try:
                if channel is not None:
                    await channel.connect()
            except OSError as error:
                self.end("crashed", f"{whom} does not answer: {error}")
        self._ledger.note("start", start_at=start_at, cpu_seconds=time.process_time())
        self._clock.begin(start_of(start_at))
        self._clock.at(self.order.ends_drill, lambda: self.end("finished"))
        ending = await self._watch()
        return await self._close(ending)

    def _header(self) -> dict[str, Any]:
        order = self.order
        return {
            "run": order.run, "worker": order.shard, "shards": order.shards, "seed": order.seed,
            "speed": order.speed,
        }  # fmt: skip

    def _enter(self) -> None:
        for participant in self._parts.participants:
            self._roles[participant.index] = participant.person.role
            self._stage.enter(participant)
        # What is there now stays to the end: a look through it would only make us late.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)

    # -- while it plays -------------------------------------------------------------------------

    async def _watch(self) -> Ending:
        """Wait for the end; meanwhile checkpoint and say the statistics once a second."""
        due = time.monotonic() + _STATISTICS
        while not self._ending.done():
            await asyncio.wait([self._ending], timeout=_LOOK)
            self._app.write()
            if self._stage.over and not self._in_flight:
                self.end("finished")
            if time.monotonic() >= due:
                due += _STATISTICS
                self._checkpoint()
                self._say(self.statistics())
        return self._ending.result()

    @property
    def _in_flight(self) -> int:
        """Operations on their way, by whatever channel."""
        elsewhere = (each.in_flight for each in (self._phones, self._pages) if each)
        return len(self._app.in_flight) + sum(elsewhere)

    def _checkpoint(self) -> None:
        if self._syncing is not None and not self._syncing.done():
            return  # the disk is slow; the next checkpoint covers this one
        try:
            self._ledger.checkpoint(self._clock.elapsed())
        except LedgerFull as error:
            self._app.fail("disk full", str(error))
            return
        self._syncing = self._loop.run_in_executor(None, self._sync)

    def _sync(self) -> None:
        with contextlib.suppress(OSError):  # a full disk shows at the next line
            self._ledger.sync()

    def statistics(self) -> dict[str, Any]:
        """The statistics line: totals, and what is new since the last one."""
        return {
            "shard": self.order.shard,
            "drill": round(self._clock.now(), 3),
            "present": self._stage.present,
            "in_flight": self._in_flight,
            **self.meter.news(),
        }

    def _call(self, call: Call) -> None:
        self._ledger.call(
            call.caller, self._roles.get(call.caller, ""), call.line, call.record, call.dialled,
            call.answered, call.ended, call.agent, call.cause, call.id, call.trunk, call.digits,
            call.sid,
        )  # fmt: skip

    # -- the end --------------------------------------------------------------------------------

    async def _close(self, ending: Ending) -> Ending:
        """Let answers come in for a while, then close everything, the ledger last."""
        self._stage.close()
        self._clock.stop()
        grace = self.order.grace if ending.state == "finished" else _STOP_GRACE
        until = time.monotonic() + grace
        while self._in_flight and not self._app.over and time.monotonic() < until:
            await asyncio.sleep(0.02)
        if self._in_flight:
            self._app.abandon()
        for channel in (self._phones, self._pages):
            if channel is not None:
                channel.close()
        if self._app.over and ending.state == "finished" and self._ledger.full:
            ending = Ending("disk full", "the ledger had no room while the last answers came in")
        if self._syncing is not None:
            await self._syncing
        self._wire.close()
        self._ledger.close(**self._trailer(ending))
        with contextlib.suppress(OSError):  # a full disk: the ledger has what counts
            self.order.ledger.with_suffix(".hlog").write_text(self.meter.log())
        self._say(self.statistics())
        return ending

    def _trailer(self, ending: Ending) -> dict[str, Any]:
        late = self.meter.lateness.histogram.quantile(0.99)
        return {
            "state": ending.state,
            "reason": ending.reason,
            "ended": self._clock.elapsed(),
            "ended_drill": self._clock.now(),
            "lateness_p99": None if late is None else late * 1000,
            "max_in_flight": self.order.max_in_flight,
            "cpu_seconds": time.process_time(),
            "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        }
