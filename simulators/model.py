"""A model of a reporting app: answers operations in virtual time, and remembers what it stored.

It behaves as a sound reporting app should: true codes or no session, locked out after too many
wrong ones, a chair only for their own precinct, the same operation key stored once. Faults are
laid over it at given drill times, and the historical defects of the practice app can be
switched on. In virtual time a wall second is a drill second. All times are drill seconds.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from simulators.behaviours.protocol import Answer, AnswerClass
from simulators.stage import Clock, Operation

WRITES = frozenset({"submit_report", "amend_report", "send_photo", "send_text"})
REPORTS = frozenset({"submit_report", "amend_report"})

DEFECTS: Mapping[str, str] = {
    "accepts_then_drops_under_load": "says yes while busy, and stores nothing",
    "cross_precinct_write": "lets a chair report for a precinct that is not theirs",
    "last_cell_dropped": "stores the last cell of every report as 0",
    "lost_on_restart": "forgets the last minute's reports when it is restarted",
    "no_idempotency": "stores a repeated operation once more",
    "one_delegate_precincts": "stores no delegates for precincts that elect one",
    "partial_export": "stores reports whole and exports them without the final alignment",
    "pin_lockout_storm": "locks everybody out when enough people mistype",
    "slow_under_load": "answers ever more slowly while it is busy",
    "stale_totals": "works out its published totals once, and never again",
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
    lock_seconds: float = 600.0
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


@dataclass(slots=True)
class Stored:
    """One report the app holds. ``at`` is when it was stored, ``values`` as stored."""

    id: str
    operation: str
    record: str
    version: int
    values: tuple[int, ...]
    at: float


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
        delegates: Delegates each record elects, by key: the records it knows.
        seed: Decides latencies and failures.
        record: Told of every finished attempt.
    """

    clock: Clock
    settings: AppModel
    delegates: Mapping[str, int]
    seed: int
    record: Callable[[Done], None] = lambda done: None
    reports: list[Stored] = field(default_factory=list)
    received: dict[str, Stored] = field(default_factory=dict)  # photos and texts by operation key
    touched: dict[str, int] = field(default_factory=dict)  # by name of the fault

    def __post_init__(self) -> None:
        self._rng = random.Random(f"{self.seed}/model app")
        self._accounts: dict[str, _Account] = {}
        self._by_key: dict[str, Stored] = {}
        self._free_at = 0.0
        self._in_flight = 0
        self._wrong_at: list[float] = []
        self._all_locked_until = 0.0
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
        done = now + self._latency(now)
        self._in_flight += 1
        handled = now + (done - now) * 0.7
        self.clock.at(handled, lambda: self._arrive(operation, answered, now, done))

    def _latency(self, now: float) -> float:
        """Seconds in line and in work."""
        settings = self.settings
        work = self._rng.lognormvariate(0.0, settings.latency_sigma) * settings.latency
        if "slow_under_load" in settings.defects:
            work *= 1 + self._in_flight**2 / 4
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
        self.clock.at(done, lambda: self._answer(operation, answered, sent, reply))

    def _answer(
        self, operation: Operation, answered: Callable[[Answer], None], sent: float, reply: Reply
    ) -> None:
        self._in_flight -= 1
        self._finish(operation, answered, sent, reply)

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
        for stored in [each for each in self.reports if each.at > outage.start - 60]:
            self.reports.remove(stored)
            self._by_key.pop(stored.operation, None)

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
        if now < max(account.locked_until, self._all_locked_until):
            return Reply(AnswerClass.LOCKED_OUT, 423, detail="locked out")
        if operation.codes == operation.actor.codes:
            account.signed_in, account.wrong = True, 0
            return Reply(AnswerClass.ACCEPTED, 200)
        account.wrong += 1
        if account.wrong >= self.settings.wrong_codes:
            account.locked_until, account.wrong = now + self.settings.lock_seconds, 0
        if "pin_lockout_storm" in self.settings.defects:
            self._storm(now)
        return Reply(AnswerClass.REFUSED, 401, detail="wrong codes")

    def _storm(self, now: float) -> None:
        """The defect: ten wrong codes in a minute, whoever typed them, lock every account."""
        self._wrong_at = [at for at in self._wrong_at if at > now - 60] + [now]
        if len(self._wrong_at) >= 10:
            self._all_locked_until = now + self.settings.lock_seconds

    def _take_report(self, operation: Operation, now: float) -> Reply:
        defects = self.settings.defects
        person = operation.actor
        if operation.record not in self.delegates:
            return Reply(AnswerClass.REFUSED, 404, detail="no such precinct")
        own = person.role == "operator" or operation.record == person.record
        if not own and "cross_precinct_write" not in defects:
            return Reply(AnswerClass.REFUSED, 403, detail="not your precinct")
        assert operation.values is not None
        before = self._by_key.get(operation.key)
        if before is not None and "no_idempotency" not in defects:
            if before.values != self._as_stored(operation):
                return Reply(AnswerClass.REFUSED, 409, detail="this key was used before")
            return Reply(AnswerClass.ALREADY_HAVE_IT, 200, before.id)
        if "accepts_then_drops_under_load" in defects and self._in_flight > 20:
            return Reply(AnswerClass.ACCEPTED, 201, f"q{self._in_flight}")
        stored = Stored(
            f"r{len(self.reports) + 1}", operation.key, operation.record, operation.version,
            self._as_stored(operation), now,
        )  # fmt: skip
        self.reports.append(stored)
        self._by_key[operation.key] = stored
        return Reply(AnswerClass.ACCEPTED, 201, stored.id)

    def _as_stored(self, operation: Operation) -> tuple[int, ...]:
        """The values that reach the store, spoilt by a defect where one is switched on."""
        assert operation.values is not None
        values, defects = operation.values, self.settings.defects
        if "last_cell_dropped" in defects:
            values = (*values[:-1], 0)
        if "one_delegate_precincts" in defects and self.delegates[operation.record] == 1:
            values = (*values[:29], *([0] * len(values[29:])))
        return values


def goes_through(index: int, share: float) -> bool:
    """Whether a person's traffic is among the ``share`` that a network fault can touch.

    The same people in every run and in both clocks: the choice depends on the index alone.

    Example:
        >>> sum(goes_through(index, 0.2) for index in range(10_000)) / 10_000
        0.2
    """
    return index % 1000 < round(share * 1000)


def current(reports: Iterable[Stored]) -> dict[str, Stored]:
    """The report that counts for each record: the last one stored."""
    return {stored.record: stored for stored in reports}


def fingerprint(reports: Sequence[Stored]) -> str:
    """A digest of everything stored, in order: two nights alike have it alike."""
    digest = sha256()
    for stored in reports:
        digest.update(f"{stored.operation}|{stored.values}|{stored.at!r}\n".encode())
    return digest.hexdigest()
