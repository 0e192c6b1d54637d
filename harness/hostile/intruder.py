"""The intruder of a drill: a thread that makes every try in turn, and writes down what came of it.

The thread has an event loop and connections of its own. Nothing that people do waits for it, and
what it writes goes under keys and records that no check takes for anybody's.
"""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from harness.hostile.attempt import HARMED, UNKNOWN, Attempt
from harness.hostile.kinds import TRIES
from harness.hostile.raid import Raid
from harness.hostile.reserve import reserved
from harness.target.hostile_model import Kind
from harness.target.target import Target
from simulators.people.person import Person

_WITHIN = 60.0  # wall seconds that the intruder gets once nobody plays any more
_LOOK = 0.05
_DETAIL = 300  # characters


class Intruder:
    """Everything hostile of one drill; without kinds it does nothing.

    Args:
        kinds: What is tried, of what the target's description says.
        begins, ends: Drill seconds between which tries are begun.
        speed: Drill seconds a wall second.
        journal: Append-only file for one JSON line a try; see ``ledger.intrusion_log``.

    Attributes:
        people: The two accounts that it needs in the roster.
        undescribed: Kinds that were asked for and that the target's description does not tell.
    """

    def __init__(
        self, target: Target, kinds: tuple[Kind, ...], *, begins: float, ends: float, speed: float,
        seed: int, journal: Path,
    ) -> None:  # fmt: skip
        flows = target.hostile
        self.kinds = () if flows is None else tuple(k for k in flows.model.kinds if k in kinds)
        self.undescribed = tuple(k for k in kinds if k not in self.kinds)
        self.begins, self.ends, self.speed = begins, ends, speed
        self.people: tuple[Person, ...] = ()
        self._raid: Raid | None = None
        self._target, self._journal = target, journal
        self._zero = 0.0  # monotonic time of drill second 0
        self._numbers: Counter[str] = Counter()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._play, name="intruder", daemon=True)
        if flows is not None and self.kinds:
            own, other = reserved(flows.model, seed)
            self.people = (own, other)
            mark = f"preflight-intruder-{uuid.uuid4().hex[:8]}"
            self._raid = Raid(target, flows, own, other, mark)

    @property
    def about(self) -> dict[str, Any]:
        """What ``run.json`` says of it."""
        return {"kinds": list(self.kinds), "begins_drill": self.begins, "ends_drill": self.ends}

    @property
    def not_drilled(self) -> tuple[str, ...]:
        """What of it cannot be carried out, in one sentence."""
        if not self.undescribed:
            return ()
        tries = ", ".join(self.undescribed)
        return (f"intruder: the target's description does not say how to try {tries}",)

    def settle_in(self) -> str:
        """Do what an honest owner of the accounts would, before anything is counted.

        Returns:
            Why that failed, if it did: tries that build on it will be unknown.
        """
        if self._raid is None:
            return ""
        raid = self._raid

        async def come() -> str:
            try:
                return await raid.settle_in()
            finally:
                await raid.hang_up()

        return self._target.redact(asyncio.run(come()))

    def begin(self, start_at: float) -> None:
        """Let it come, on the clock whose second 0 is at Unix wall time ``start_at``."""
        if self._raid is not None:
            # Converted once: the wall clock may be set while the drill runs.
            self._zero = time.monotonic() + (start_at - time.time())
            self._thread.start()

    def finish(self) -> None:
        """Wait until every try is made, for a minute at most."""
        if self._thread.is_alive():
            self._thread.join(_WITHIN)

    def stop(self) -> None:
        """Make no further try; the one that is being made is let go."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_WITHIN)

    # -- in its thread ----------------------------------------------------------------------

    def _play(self) -> None:
        assert self._raid is not None
        due = self._zero + self.begins / self.speed
        if not self._stop.wait(max(0.0, due - time.monotonic())):
            asyncio.run(self._come(self._raid))

    async def _come(self, raid: Raid) -> None:
        raid.until = self._zero + self.ends / self.speed
        raiding = asyncio.create_task(self._raid_all(raid))
        while not raiding.done():
            if self._stop.is_set():
                raiding.cancel()
            await asyncio.wait({raiding}, timeout=_LOOK)
        if not raiding.cancelled() and (error := raiding.exception()) is not None:
            raise error

    async def _raid_all(self, raid: Raid) -> None:
        try:
            for kind in self.kinds:
                if self._drill_now() > self.ends:
                    return
                if not await self._try(raid, kind):
                    return
        finally:
            await raid.hang_up()

    async def _try(self, raid: Raid, kind: Kind) -> bool:
        """Every try of a kind, as long as the app lives; whether it does in the end.

        A kind that fails by itself leaves the others their turn.
        """
        began = self._drill_now()
        try:
            async for attempt in TRIES[kind](raid):
                self._note(kind, began, attempt)
                began = self._drill_now()
                if attempt.outcome == HARMED and not await raid.is_up():
                    return False
        except asyncio.CancelledError:
            said = "the drill was over before all of it was tried"
            self._note(kind, began, Attempt(UNKNOWN, raid.own.key, detail=said))
            raise
        except Exception as error:  # our own fault says nothing of the app: nobody can tell
            said = f"the try itself failed: {type(error).__name__}: {error}"
            self._note(kind, began, Attempt(UNKNOWN, raid.own.key, detail=said))
        if await raid.is_up():
            return True
        said = "the app did not answer any more"
        self._note(kind, began, Attempt(HARMED, raid.own.key, detail=said))
        return False

    def _drill_now(self) -> float:
        return (time.monotonic() - self._zero) * self.speed

    def _note(self, kind: Kind, began: float, attempt: Attempt) -> None:
        self._numbers[kind] += 1
        self._say(
            {
                "k": "try",
                "intrusion": kind,
                "number": self._numbers[kind],
                "who": attempt.who,
                "record": attempt.record,
                "at_drill": began,
                "took": int(attempt.took * 1e9),
                "outcome": attempt.outcome,
                "status": attempt.status,
                "detail": self._target.redact(attempt.detail)[:_DETAIL],
            }
        )

    def _say(self, line: dict[str, Any]) -> None:
        with self._journal.open("ab") as file:
            file.write(orjson.dumps(line) + b"\n")


@contextmanager
def intruding(intruder: Intruder, stopped: Callable[[], bool]) -> Iterator[Callable[[float], None]]:
    """While the block runs, the intruder may come.

    Yields:
        What lets it come. On leaving the block it is waited for, unless the drill was stopped.
    """
    try:
        yield intruder.begin
        if not stopped():
            intruder.finish()
    finally:
        intruder.stop()
