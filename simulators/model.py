"""A model of a reporting app: answers operations in virtual time, and remembers what it stored.

It behaves as a sound reporting app should: true codes or no session, locked out after too many
wrong ones, a chair only for their own precinct, the same operation key stored once. Faults are
laid over it at given drill times, and the historical defects of the practice app can be
switched on. In virtual time a wall second is a drill second. All times are drill seconds.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from simulators.behaviours.protocol import Answer, AnswerClass
from simulators.stage import Clock, Operation

CALM = 5  # reports in the busy window that are all kept
WAIT_EACH = 0.25  # seconds a report waits for each other one in the busy window, at most:
LONGEST_WAIT = 12.0
COMMIT_EVERY = 600.0  # how long reports are held before they are committed together
STORM_LOCK = 3600.0
STORM_COUNTY_TRIES = 3
WRITES = frozenset({"submit_report", "amend_report", "send_photo", "send_text"})
REPORTS = frozenset({"submit_report", "amend_report"})

DEFECTS: Mapping[str, str] = {
    "accepts_then_drops_under_load": "says yes to every second report while busy, and forgets it",
    "cross_precinct_write": "lets a chair report for a precinct that is not theirs",
    "last_cell_dropped": "stores the last number that was filled in as 0",
    "lost_on_restart": "holds reports up to ten minutes, and a restart loses them",
    "no_idempotency": "stores a repeated operation once more, and counts it",
    "one_delegate_precincts": "splits the one delegate in proportion in its own arithmetic",
    "partial_export": "stores reports whole and exports them without the final alignment",
    "pin_lockout_storm": "locks an account at the first wrong code, a county at the third",
    "slow_under_load": "makes each report wait for the others",
    "stale_totals": "keeps a record's first report in its published totals",
}


@dataclass(frozen=True, slots=True)
class Outage:
    """The app's process is away from ``start`` until ``end``."""

    name: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Cut:
    """Every ``every``-th answer to a write is lost on its way to a share of the people."""

    name: str
    start: float
    end: float
    share: float
    every: int


@dataclass(frozen=True, slots=True)
class AppModel:
    """How the modelled app performs.

    Attributes:
        latency: Median seconds an answer takes when nothing else is going on.
        latency_sigma: Spread of its logarithm.
        per_second: Operations it can handle in a second; the rest wait in line. None: no limit.
        failure_share: Share of operations that end in a server error; half of them were stored.
        wrong_codes: Wrong sign-ins in a row that lock an account.
        lock_seconds: How long it stays locked.
        busy_window: Stretch over which the two defects of load count reports. A live drill
            counts in wall time; the default is a wall second at speed 120, the speed at
            which the practice app is drilled, so that the same load means the same.
        defects: Names of :data:`DEFECTS` that are switched on.
        faults: Outages and cuts, at their drill times.

    Raises:
        ValueError: If a defect is not known, or a number is out of its range.
    """

    latency: float = 0.12
    latency_sigma: float = 0.5
    per_second: float | None = 400.0
    failure_share: float = 0.0
    wrong_codes: int = 5
    lock_seconds: float = 900.0
    busy_window: float = 120.0
    defects: frozenset[str] = frozenset()
    faults: tuple[Outage | Cut, ...] = ()

    def __post_init__(self) -> None:
        unknown = sorted(self.defects - set(DEFECTS))
        if unknown:
            raise ValueError(f"defect {unknown[0]!r} is not known. Known: {', '.join(DEFECTS)}.")
        if not 0 <= self.failure_share <= 1:
            raise ValueError(f"failure_share={self.failure_share!r}, but a share is 0 to 1.")
        if self.per_second is not None and self.per_second <= 0:
            raise ValueError(f"per_second={self.per_second!r}, but it must be above 0, or None.")
        if self.latency <= 0:
            raise ValueError(f"latency={self.latency!r}, but it must be above 0.")


class Place(Protocol):
    """What the app knows of a precinct; ``simulators.world.Site`` has it."""

    @property
    def county(self) -> str:
        """County, by name."""
        ...

    @property
    def delegates(self) -> int:
        """County delegates it elects; 0 for a satellite."""
        ...


@dataclass(slots=True)
class Stored:
    """One report the app holds.

    Attributes:
        values: As stored.
        at: When it was stored.
        counts: Whether it is the one that counts for its record.
    """

    id: str
    operation: str
    record: str
    version: int
    values: tuple[int, ...]
    at: float
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """What the app made of one operation."""

    answer_class: AnswerClass
    status: int | None = None
    stored_id: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """One finished attempt, for the record."""

    operation: Operation
    done: float
    reply: Reply


@dataclass(slots=True)
class _Account:
    """What the app knows of one user."""

    signed_in: bool = False
    wrong: int = 0
    locked_until: float = 0.0


@dataclass
class ModelApp:
    """The modelled app, as ``simulators.stage`` wants it.

    Args:
        clock: Drill time.
        settings: How it performs.
        places: The precincts it knows, by record key.
        seed: Decides latencies and failures.
        record: Told of every finished attempt.
    """

    clock: Clock
    settings: AppModel
    places: Mapping[str, Place]
    seed: int
    record: Callable[[Done], None] = lambda done: None
    reports: list[Stored] = field(default_factory=list)  # every version, in order of storing
    first: dict[str, Stored] = field(default_factory=dict)  # each record's first version
    received: dict[str, Stored] = field(default_factory=dict)  # photos and texts by operation key
    touched: dict[str, int] = field(default_factory=dict)  # by name of the fault

    def __post_init__(self) -> None:
        self._rng = random.Random(f"{self.seed}/model app")
        self._accounts: dict[str, _Account] = {}
        self._by_key: dict[str, Stored] = {}
        self._counting: dict[str, list[Stored]] = {}
        self._free_at = 0.0
        self._recent: deque[float] = deque()  # when reports came in, within the busy window
        self._dropped = 0
        self._batch_from = -COMMIT_EVERY  # when the first report not yet committed came
        self._county_wrong: dict[str, int] = {}
        self._county_locked: dict[str, float] = {}
        self._answers_cut: dict[str, int] = {}
        self._outages = [each for each in self.settings.faults if isinstance(each, Outage)]
        self._cuts = [each for each in self.settings.faults if isinstance(each, Cut)]
        self.touched = dict.fromkeys((each.name for each in self.settings.faults), 0)
        for outage in self._outages:
            self.clock.at(outage.start, lambda outage=outage: self._go_down(outage))  # type: ignore[misc]

    # -- the wire ---------------------------------------------------------------------------

    def perform(self, operation: Operation, answered: Callable[[Answer], None]) -> None:
        """Begin the operation; its answer comes when the modelled latency has passed."""
        now = self.clock.now()
        if any(each.start <= now < each.end for each in self._outages):
            reply = Reply(AnswerClass.UNREACHABLE, detail="connection refused")
            self._finish(operation, answered, now, reply)
            return
        done = now + self._latency(operation, now)
        handled = now + (done - now) * 0.7
        self.clock.at(handled, lambda: self._arrive(operation, answered, now, done))

    def _latency(self, operation: Operation, now: float) -> float:
        """Seconds in line and in work."""
        settings = self.settings
        work = self._rng.lognormvariate(0.0, settings.latency_sigma) * settings.latency
        if operation.kind in REPORTS:
            self._recent.append(now)
            while self._recent[0] <= now - settings.busy_window:
                self._recent.popleft()
            if "slow_under_load" in settings.defects:
                work += min(LONGEST_WAIT, WAIT_EACH * (len(self._recent) - 1))
        if settings.per_second is None:
            return work
        self._free_at = max(self._free_at, now) + 1 / settings.per_second
        return self._free_at - now + work

    def _arrive(
        self, operation: Operation, answered: Callable[[Answer], None], sent: float, done: float
    ) -> None:
        """The request has been handled; its answer may still be lost."""
        now = self.clock.now()
        down = next((each for each in self._outages if sent < each.start <= done), None)
        if down is not None and down.start <= now:
            reply = Reply(AnswerClass.NO_ANSWER, detail="connection reset")
        else:
            reply = self._handle(operation, now)
            if down is not None:
                done = down.start
                reply = Reply(AnswerClass.NO_ANSWER, detail="connection reset")
            elif self._cut(operation, now):
                reply = Reply(AnswerClass.NO_ANSWER, detail="answer cut")
        if operation.within is not None and done - sent > operation.within:
            done = max(now, sent + operation.within)
            reply = Reply(AnswerClass.NO_ANSWER, detail="gave up waiting")
        self.clock.at(done, lambda: self._finish(operation, answered, sent, reply))

    def _finish(
        self, operation: Operation, answered: Callable[[Answer], None], sent: float, reply: Reply
    ) -> None:
        now = self.clock.now()
        self.record(Done(operation, now, reply))
        sort = reply.answer_class
        answered(Answer(sort.outcome, sort, now - sent, reply.detail))

    def _cut(self, operation: Operation, now: float) -> bool:
        """Whether this answer is lost on its way back."""
        if operation.kind not in WRITES:
            return False
        for cut in self._cuts:
            if cut.start <= now < cut.end and goes_through(operation.actor.index, cut.share):
                seen = self._answers_cut[cut.name] = self._answers_cut.get(cut.name, 0) + 1
                if seen % cut.every == 0:
                    self.touched[cut.name] += 1
                    return True
        return False

    def _go_down(self, outage: Outage) -> None:
        """The process ends: what it kept only in memory is gone."""
        self.touched[outage.name] += 1
        if "lost_on_restart" not in self.settings.defects:
            return
        kept = self.reports
        if outage.start < self._batch_from + COMMIT_EVERY:
            kept = [each for each in self.reports if each.at < self._batch_from]
        self.reports, self._by_key, self._counting, self.first = [], {}, {}, {}
        self._batch_from = -COMMIT_EVERY
        for stored in kept:
            self._store(stored)

    # -- what the app does ------------------------------------------------------------------

    def _handle(self, operation: Operation, now: float) -> Reply:
        fails = self.settings.failure_share
        if fails and self._rng.random() < fails:
            if self._rng.random() < 0.5:
                self._serve(operation, now)
            return Reply(AnswerClass.SERVER_ERROR, 500, detail="internal error")
        return self._serve(operation, now)

    def _serve(self, operation: Operation, now: float) -> Reply:
        if operation.kind == "sign_in":
            return self._sign_in(operation, now)
        if operation.kind == "read_results":
            return Reply(AnswerClass.ACCEPTED, 200)
        account = self._account(operation)
        if not account.signed_in:
            return Reply(AnswerClass.AUTH_EXPIRED, 401, detail="sign in first")
        if operation.kind in REPORTS:
            return self._take_report(operation, now)
        if operation.kind == "read_report":
            return Reply(AnswerClass.ACCEPTED, 200)
        if operation.key in self.received:
            return Reply(AnswerClass.ALREADY_HAVE_IT, 200, self.received[operation.key].id)
        stored = Stored(
            f"f{len(self.received) + 1}",
            operation.key,
            operation.record,
            operation.version,
            (),
            now,
        )
        self.received[operation.key] = stored
        return Reply(AnswerClass.ACCEPTED, 201, stored.id)

    def _account(self, operation: Operation) -> _Account:
        return self._accounts.setdefault(operation.actor.key, _Account())

    def _sign_in(self, operation: Operation, now: float) -> Reply:
        account = self._account(operation)
        place = self.places.get(operation.actor.record)
        county = place.county if place is not None else ""
        if now < max(account.locked_until, self._county_locked.get(county, 0.0)):
            return Reply(AnswerClass.LOCKED_OUT, 423, detail="locked out")
        if operation.codes == operation.actor.codes:
            account.signed_in, account.wrong = True, 0
            return Reply(AnswerClass.ACCEPTED, 200)
        account.wrong += 1
        if "pin_lockout_storm" in self.settings.defects:
            self._storm(account, county, now)
        elif account.wrong >= self.settings.wrong_codes:
            account.locked_until, account.wrong = now + self.settings.lock_seconds, 0
        return Reply(AnswerClass.REFUSED, 401, detail="wrong codes")

    def _storm(self, account: _Account, county: str, now: float) -> None:
        """The defect: one wrong code locks an account for an hour, three a whole county."""
        account.locked_until = now + STORM_LOCK
        wrong = self._county_wrong[county] = self._county_wrong.get(county, 0) + 1
        if county and wrong >= STORM_COUNTY_TRIES:
            self._county_locked[county] = now + STORM_LOCK

    def _take_report(self, operation: Operation, now: float) -> Reply:
        defects = self.settings.defects
        person = operation.actor
        if operation.record not in self.places:
            return Reply(AnswerClass.REFUSED, 404, detail="no such precinct")
        own = person.role == "operator" or operation.record == person.record
        if not own and "cross_precinct_write" not in defects:
            return Reply(AnswerClass.REFUSED, 403, detail="not your precinct")
        if "accepts_then_drops_under_load" in defects and len(self._recent) > CALM:
            self._dropped += 1
            if self._dropped % 2 == 1:
                return Reply(AnswerClass.ACCEPTED, 201, "r0")
        values = self._as_stored(operation)
        before = self._by_key.get(operation.key)
        if before is not None:
            if (before.record, before.values) != (operation.record, values):
                return Reply(AnswerClass.REFUSED, 409, detail="this key was used before")
            if "no_idempotency" not in defects:
                return Reply(AnswerClass.ALREADY_HAVE_IT, 200, before.id)
        stored = Stored(
            f"r{len(self.reports) + 1}", operation.key, operation.record, operation.version,
            values, now,
        )  # fmt: skip
        self._store(stored)
        return Reply(AnswerClass.ACCEPTED, 201, stored.id)

    def _store(self, stored: Stored) -> None:
        """Keep a version; it counts in place of the record's last one, unless it repeats it."""
        if stored.at >= self._batch_from + COMMIT_EVERY:
            self._batch_from = stored.at
        counting = self._counting.setdefault(stored.record, [])
        if stored.operation not in self._by_key:
            for each in counting:
                each.counts = False
            counting.clear()
        stored.counts = True
        counting.append(stored)
        self.reports.append(stored)
        self._by_key.setdefault(stored.operation, stored)
        self.first.setdefault(stored.record, stored)

    def _as_stored(self, operation: Operation) -> tuple[int, ...]:
        """The values that reach the store, spoilt by a defect where one is switched on."""
        assert operation.values is not None
        values = operation.values
        if "last_cell_dropped" in self.settings.defects:
            last = max((cell for cell, value in enumerate(values) if value), default=-1)
            values = tuple(0 if cell == last else value for cell, value in enumerate(values))
        return values

    def counting(self) -> list[Stored]:
        """The reports that count, by record and then in order of storing."""
        return [each for record in sorted(self._counting) for each in self._counting[record]]


def goes_through(index: int, share: float) -> bool:
    """Whether a person's traffic is among the ``share`` that a network fault can touch.

    The same people in every run and in both clocks: the choice depends on the index alone.

    Example:
        >>> sum(goes_through(index, 0.2) for index in range(10_000)) / 10_000
        0.2
    """
    return index % 1000 < round(share * 1000)


def fingerprint(reports: Sequence[Stored]) -> str:
    """A digest of everything stored, in order: two nights alike have it alike."""
    digest = sha256()
    for stored in reports:
        digest.update(f"{stored.operation}|{stored.values}|{stored.at!r}\n".encode())
    return digest.hexdigest()
