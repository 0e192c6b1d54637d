"""A model of a reporting app: answers operations in virtual time, and remembers what it stored.

It behaves as a sound reporting app should: true codes or no session, locked out after too many
wrong ones, a chair only for their own precinct, the same operation key stored once. The
historical defects of the practice app can be switched on. All times are drill seconds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar, Protocol

from simulators.behaviours.protocol import AnswerClass
from simulators.clock import Clock
from simulators.stage import Operation
from simulators.wire_model import (
    REPORTS,
    Cut,
    Done,
    Outage,
    Reply,
    Stored,
    WireModel,
    WireSettings,
)

__all__ = [
    "AppModel", "Cut", "Done", "ModelApp", "Outage", "Place", "Reply", "Stored", "fingerprint",
]  # fmt: skip

CALM = 5  # reports in the busy window that are all kept
WAIT_EACH = 0.25  # seconds a report waits for each other one in the busy window, at most:
LONGEST_WAIT = 12.0
COMMIT_EVERY = 600.0  # how long reports are held before they are committed together
STORM_LOCK = 3600.0
STORM_COUNTY_TRIES = 3

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
class AppModel(WireSettings):
    """How the modelled reporting app performs.

    Attributes:
        wrong_codes: Wrong sign-ins in a row that lock an account.
        lock_seconds: How long it stays locked.
        busy_window: Stretch over which the two defects of load count reports. A live drill
            counts in wall time; the default is a wall second at speed 120, the speed at
            which the practice app is drilled, so that the same load means the same.
    """

    DEFECTS: ClassVar[Mapping[str, str]] = DEFECTS

    wrong_codes: int = 5
    lock_seconds: float = 900.0
    busy_window: float = 120.0


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
class _Account:
    """What the app knows of one user."""

    signed_in: bool = False
    wrong: int = 0
    locked_until: float = 0.0


class ModelApp(WireModel[AppModel]):
    """The modelled app, as ``simulators.stage`` wants it.

    Args:
        clock: Drill time.
        settings: How it performs.
        places: The precincts it knows, by record key.
        seed: Decides latencies and failures.
        record: Told of every finished attempt.

    Attributes:
        reports: Every version, in order of storing.
        first: Each record's first version.
        received: Photos and texts by operation key.
    """

    def __init__(
        self,
        clock: Clock,
        settings: AppModel,
        places: Mapping[str, Place],
        seed: int,
        record: Callable[[Done], None] = lambda done: None,
    ) -> None:
        super().__init__(clock, settings, seed, record)
        self.places = places
        self.reports: list[Stored] = []
        self.first: dict[str, Stored] = {}
        self.received: dict[str, Stored] = {}
        self._accounts: dict[str, _Account] = {}
        self._by_key: dict[str, Stored] = {}
        self._counting: dict[str, list[Stored]] = {}
        self._recent: deque[float] = deque()  # when reports came in, within the busy window
        self._dropped = 0
        self._batch_from = -COMMIT_EVERY  # when the first report not yet committed came
        self._county_wrong: dict[str, int] = {}
        self._county_locked: dict[str, float] = {}

    def extra_work(self, operation: Operation, now: float) -> float:
        """Reports wait for each other, with the defect ``slow_under_load``."""
        if operation.kind not in REPORTS:
            return 0.0
        self._recent.append(now)
        while self._recent[0] <= now - self.settings.busy_window:
            self._recent.popleft()
        if "slow_under_load" not in self.settings.defects:
            return 0.0
        return min(LONGEST_WAIT, WAIT_EACH * (len(self._recent) - 1))

    def went_down(self, outage: Outage) -> None:
        """With the defect ``lost_on_restart``, what was not committed is gone."""
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

    def serve(self, operation: Operation, now: float) -> Reply:
        """What the app makes of an operation that has arrived."""
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


def fingerprint(reports: Sequence[Stored]) -> str:
    """A digest of everything stored, in order: two nights alike have it alike."""
    digest = sha256()
    for stored in reports:
        digest.update(f"{stored.operation}|{stored.values}|{stored.at!r}\n".encode())
    return digest.hexdigest()
