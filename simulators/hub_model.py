"""A model of a campaign's hub: contacts of four sources, merged person by person.

It behaves as a sound one should: an account or a web form, each source its own writers, each
contact stored once however often it is sent, only one's own state, a merge after each contact. The
practice hub's defects that need no second process can be switched on. All times are drill seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from simulators.behaviours.protocol import AnswerClass
from simulators.clock import Clock
from simulators.stage import Operation
from simulators.wire_model import (
    REPORTS,
    Done,
    Outage,
    Reply,
    Slowed,
    Stored,
    WireModel,
    WireSettings,
)
from simulators.world import Contact
from simulators.world.campaign import FIELDS, SUPPORT, Merged, merge

DEFECTS: Mapping[str, str] = {
    "memory_queue": "acknowledges contacts from memory, and a restart loses the last three seconds",
    "queue_drops_when_full": "keeps five contacts a second, and drops what it said yes to beyond",
    "totals_cached": "adds up the first contact of each record, whatever is corrected later",
    "truncated_names": "cuts names at 16 bytes",
    "merge_by_name": "makes one of two people of a state with one last name and first letter",
    "lost_update": "merges into a copy of the person that is up to five seconds old",
    "duplicate_import": "stores a row of the voter file once more when it is sent again",
    "late_contacts": "leaves out of its totals what comes after 20 seconds",
    "no_reconnect": "does not find its database again",
    "forgetful_cache": "adds totals up in the cache alone, and starts anew when that does",
}
UNSTORED = 3.0  # seconds that a contact is in memory only
QUEUE = 5  # contacts in a second
NAME_BYTES = 16
COPY = 5.0  # seconds for which a worker goes by its copy of a person
MIDNIGHT = 20.0
SUPPORTERS = (1, 2)  # who counts as one: support is counted from 1, the strongest
WRITES_FOR = {"canvasser": "field", "phone_banker": "phone", "clerk": "file", "supporter": "web"}


@dataclass(frozen=True, slots=True)
class HubModel(WireSettings):
    """How the modelled hub performs.

    Attributes:
        wrong_codes: Wrong passwords in a row that slow an account down.
        lock_seconds: How long it then takes no password.
    """

    DEFECTS: ClassVar[Mapping[str, str]] = DEFECTS

    wrong_codes: int = 5
    lock_seconds: float = 60.0


@dataclass(slots=True)
class Sums:
    """What the dashboard shows of a state: records and their cells, people and supporters."""

    records: int = 0
    cells: list[int] = field(default_factory=lambda: [0] * len(FIELDS))
    people: int = 0
    supporters: int = 0


@dataclass(slots=True)
class _Account:
    """What the hub knows of one user."""

    signed_in: bool = False
    wrong: int = 0
    locked_until: float = 0.0


class HubApp(WireModel[HubModel]):
    """The modelled hub, as ``simulators.stage`` wants it.

    Args:
        clock: Drill time.
        settings: How it performs.
        contacts: What clients say of each record's person, by record key.
        seed: Decides latencies and failures.
        record: Told of every finished attempt.

    Attributes:
        stored: Every contact, in order of storing.
    """

    def __init__(
        self,
        clock: Clock,
        settings: HubModel,
        contacts: Mapping[str, Contact],
        seed: int,
        record: Callable[[Done], None] = lambda done: None,
    ) -> None:
        super().__init__(clock, settings, seed, record)
        self.contacts = contacts
        self.stored: list[Stored] = []
        self._by_key: dict[str, Stored] = {}
        self._last: dict[str, list[Stored]] = {}  # what counts of a record
        self._first: dict[str, Stored] = {}
        self._accounts: dict[str, _Account] = {}
        self._merged: dict[str, Merged] = {}
        self._copies: dict[str, tuple[float, dict[str, tuple[int, ...]]]] = {}
        self._seen: dict[str, dict[str, tuple[int, ...]]] = {}  # as it stood before a contact
        self._held: dict[str, set[str]] = {}  # records of whom the hub takes for one person
        self._known_as: dict[tuple[str, str], str] = {}
        self._since = 0.0  # from when on totals are added up
        self._second = (0, 0)
        self._gone = False

    # -- faults -----------------------------------------------------------------------------

    def is_down(self, now: float) -> bool:
        """Whether nobody can be answered; with ``no_reconnect``, for good."""
        return self._gone or super().is_down(now)

    def went_down(self, outage: Outage) -> None:
        """With ``memory_queue``, what came in the last seconds is gone."""
        self._gone = "no_reconnect" in self.settings.defects
        if "memory_queue" not in self.settings.defects:
            return
        kept = [each for each in self.stored if each.at < outage.start - UNSTORED]
        self.stored, self._by_key, self._last, self._first = [], {}, {}, {}
        self._merged, self._held, self._copies, self._seen = {}, {}, {}, {}
        for each in kept:
            self._store(each)

    def lost_a_service(self, slowed: Slowed) -> None:
        """With ``forgetful_cache``, totals are added up from here on."""
        if "cache" in slowed.services and "forgetful_cache" in self.settings.defects:
            self._since = slowed.start

    # -- what the hub does ------------------------------------------------------------------

    def serve(self, operation: Operation, now: float) -> Reply:
        """What the hub makes of an operation that has arrived."""
        role = operation.actor.role
        if operation.kind == "sign_in":
            return self._sign_in(operation, now)
        if operation.kind == "read_results":
            return Reply(AnswerClass.ACCEPTED, 200)
        if role != "supporter" and not self._account(operation).signed_in:
            return Reply(AnswerClass.AUTH_EXPIRED, 401, detail="sign in first")
        contact = self.contacts.get(operation.record)
        if contact is None:
            return Reply(AnswerClass.REFUSED, 404, detail="no such record")
        if operation.actor.record not in ("", contact.state):
            return Reply(AnswerClass.REFUSED, 403, detail="another state's")
        if operation.kind in REPORTS:
            return self._take(operation, contact, now)
        there = operation.record in self._last if role != "organizer" else contact.person in (
            self._held
        )  # fmt: skip
        return Reply(AnswerClass.ACCEPTED, 200) if there else Reply(AnswerClass.REFUSED, 404)

    def _account(self, operation: Operation) -> _Account:
        return self._accounts.setdefault(operation.actor.key, _Account())

    def _sign_in(self, operation: Operation, now: float) -> Reply:
        account = self._account(operation)
        if now < account.locked_until:
            return Reply(AnswerClass.RATE_LIMITED, 429, detail="slow down")
        if operation.codes == operation.actor.codes:
            account.signed_in, account.wrong = True, 0
            return Reply(AnswerClass.ACCEPTED, 200)
        account.wrong += 1
        if account.wrong >= self.settings.wrong_codes:
            account.locked_until, account.wrong = now + self.settings.lock_seconds, 0
        return Reply(AnswerClass.REFUSED, 401, detail="wrong password")

    def _take(self, operation: Operation, contact: Contact, now: float) -> Reply:
        if WRITES_FOR.get(operation.actor.role) != contact.source:
            return Reply(AnswerClass.REFUSED, 403, detail="another source's")
        if operation.kind == "amend_report" and operation.record not in self._last:
            return Reply(AnswerClass.REFUSED, 404, detail="no such record")
        assert operation.values is not None
        before = self._by_key.get(operation.key)
        if before is not None and not self._imports_again(contact):
            return Reply(AnswerClass.ALREADY_HAVE_IT, 200, before.id)
        if self._drops(now):
            return Reply(AnswerClass.ACCEPTED, 201, "c0")
        stored = Stored(
            f"c{len(self.stored) + 1}", operation.key, operation.record, operation.version,
            operation.values, now,
        )  # fmt: skip
        self._store(stored)
        return Reply(AnswerClass.ACCEPTED, 201, stored.id)

    def _imports_again(self, contact: Contact) -> bool:
        return "duplicate_import" in self.settings.defects and contact.source == "file"

    def _drops(self, now: float) -> bool:
        """With ``queue_drops_when_full``, whether this contact is one too many in its second."""
        if "queue_drops_when_full" not in self.settings.defects:
            return False
        second, count = self._second
        self._second = (int(now), count + 1 if second == int(now) else 1)
        return self._second[1] > QUEUE

    def _store(self, stored: Stored) -> None:
        """Keep a contact; it counts in place of the record's last one, unless it repeats it."""
        counting = self._last.setdefault(stored.record, [])
        if stored.operation not in self._by_key:
            for each in counting:
                each.counts = False
            counting.clear()
        stored.counts = True
        counting.append(stored)
        self.stored.append(stored)
        self._by_key.setdefault(stored.operation, stored)
        self._first.setdefault(stored.record, stored)
        self._merge(stored)

    # -- merging ----------------------------------------------------------------------------

    def _merge(self, stored: Stored) -> None:
        """Merge a contact into its person."""
        person = self._person_of(stored.record)
        held = self._held.setdefault(person, set())
        records = self._records(held | {stored.record})
        if "lost_update" in self.settings.defects:
            # The copy that the worker goes by was read before the contact that it was read for.
            read_at, copy = self._copies.get(person, (-COPY, {}))
            if stored.at - read_at >= COPY:
                before = records if stored.record in held else self._records(held)
                self._copies[person] = (stored.at, self._seen.get(person, before))
                read_at, copy = self._copies[person]
            self._seen[person] = records
            records = copy | {stored.record.rpartition(".")[2]: stored.values}
        held.add(stored.record)
        self._merged[person] = merge(records)

    def _person_of(self, record: str) -> str:
        contact = self.contacts[record]
        if "merge_by_name" not in self.settings.defects:
            return contact.person
        given, _, family = contact.name.partition(" ")
        return self._known_as.setdefault((contact.state, f"{given[:1]} {family}"), contact.person)

    def _records(self, held: set[str]) -> dict[str, tuple[int, ...]]:
        """What counts of these records, by source."""
        return {
            each.rpartition(".")[2]: self._last[each][-1].values
            for each in sorted(held)
            if each in self._last
        }

    # -- what it shows ----------------------------------------------------------------------

    def counting(self) -> list[Stored]:
        """The contacts that count, by record."""
        return [each for record in sorted(self._last) for each in self._last[record]]

    def people(self) -> dict[str, Merged]:
        """The merged view of everybody, by person."""
        return dict(sorted(self._merged.items()))

    def name(self, record: str) -> str:
        """The name that is held with a record."""
        name = self.contacts[record].name
        if "truncated_names" in self.settings.defects:
            return name.encode()[:NAME_BYTES].decode(errors="replace")
        return name

    def totals(self) -> dict[str, Sums]:
        """The dashboard: what is added up of each state."""
        defects = self.settings.defects
        totals: dict[str, Sums] = {}
        shown = list(self._first.values()) if "totals_cached" in defects else self.counting()
        for each in shown:
            if each.at < self._since or ("late_contacts" in defects and each.at >= MIDNIGHT):
                continue
            sums = totals.setdefault(each.record[:2], Sums())
            sums.records += 1
            sums.cells = [sum(pair) for pair in zip(sums.cells, each.values, strict=True)]
        for person, merged in self._merged.items():
            sums = totals.setdefault(person[:2], Sums())
            sums.people += 1
            sums.supporters += merged[SUPPORT] in SUPPORTERS
        return dict(sorted(totals.items()))
