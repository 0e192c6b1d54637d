"""What every kind of try works with: two accounts, a pace, and a look at whether the app lives."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from harness.engine.wire import Wire
from harness.hostile.attempt import HARMED, SLOWED, UNKNOWN, Attempt, outcome_of, says
from harness.hostile.guest import Guest
from harness.target.flow import CompiledFlow
from harness.target.hostile import HostileFlows
from harness.target.reading import reader_person
from harness.target.target import Target
from harness.target.wire import Answered
from simulators.behaviours.protocol import AnswerClass, Outcome
from simulators.people.person import Person

TRIES = 3  # of one thing, as long as nobody can tell what came of it
_PAUSE = 0.25  # wall seconds between them
_LONGEST = 2.0  # wall seconds that an app which says to come later is heeded for
_COMES_BACK = 10.0  # wall seconds that an app gets which a fault of the drill may have stopped


class Raid:
    """One intruder at one target.

    Args:
        own, other: Whose account the intruder has, and whose they are after.
        mark: Begins the keys of all they send.

    Attributes:
        most_per_second, most_sign_ins, most_at_once: What the app is said to bear.
        stored: Ids that the app gave to the intruder's own writes.
        others: Ids that it gave to the other's.
        until: Monotonic time after which no try is begun.
    """

    def __init__(
        self, target: Target, flows: HostileFlows, own: Person, other: Person, mark: str
    ) -> None:
        self.target, self.flows, self.model = target, flows, flows.model
        self.own, self.other, self.mark = own, other, mark
        self.stored: list[str] = []
        self.others: list[str] = []
        self.until = float("inf")
        self._reported: set[str] = set()  # records whose honest report was taken
        self._phone: Guest | None = None
        limits = target.limits
        self.most_per_second = limits.requests_per_second or float("inf")
        self.most_sign_ins = limits.sign_in_per_second or float("inf")
        self.most_at_once = limits.in_flight or 10_000
        self._next = 0.0
        self._wire: Wire | None = None
        self._version = 1
        self.values = tuple(self.model.values.get(name, 0) for name in target.run.fields)

    # -- devices ----------------------------------------------------------------------------

    @property
    def wire(self) -> Wire:
        """The wire of the loop that runs now."""
        if self._wire is None:
            self._wire = self.new_wire()
        return self._wire

    def new_wire(self, connections: int = 8) -> Wire:
        """Connections of its own, for somebody whom the others' must not help."""
        target = self.target
        return Wire(connections=connections, ca_file=target.ca_file, addresses=target.addresses)

    async def hang_up(self) -> None:
        """Close every connection; a new loop opens its own."""
        if self._wire is not None:
            self._wire.close()
            await asyncio.sleep(0)
            self._wire = None

    def device(self, person: Person, wire: Wire | None = None) -> Guest:
        """A device that nobody has signed in on."""
        return Guest(self.target, person, wire or self.wire, self.mark).stays_out()

    @property
    def phone(self) -> Guest | None:
        """The device on which the other signed in before anything was tried; None if they did not.

        It keeps what it holds, and connects anew in each loop.
        """
        if self._phone is not None:
            self._phone.wire = self.wire
        return self._phone

    def stranger(self) -> Guest:
        """A device of somebody who has no account."""
        guest = self.device(self.own)
        guest.session.forget()
        return guest.stays_out()

    def as_role(self, role: str | None) -> Guest:
        """A device of a role of the description, or the intruder's own."""
        return self.device(self.own if role is None else reader_person(role))

    async def signed_in(self, guest: Guest, flow: CompiledFlow | None = None) -> str:
        """Sign in on a device as its owner would, or by another flow; why it failed, if it did."""
        answered = await self.patiently(partial(guest.sign_in, flow=flow))
        if answered.answer_class.outcome is Outcome.OK:
            return ""
        return f"{guest.person.key} could not sign in: {says(answered)}"

    # -- honest things ----------------------------------------------------------------------

    def next_version(self) -> int:
        """The version of the next write: later than all before it."""
        self._version += 1
        return self._version

    async def private(self, guest: Guest, record: str) -> Answered:
        """Ask for what only a record's owner may see, with what a device holds."""
        await self.pace()
        if self.flows.private is not None:
            return await guest.follow(self.flows.private, record)
        return await guest.perform("read_report", record)

    async def owner_reads(self, guest: Guest) -> str:
        """Whether the owner of a device can read what is theirs; why not, if not.

        Only then does it say anything that others cannot.
        """
        answered = await self.patiently(lambda: self.private(guest, guest.person.record))
        if answered.answer_class.outcome is Outcome.OK:
            return ""
        return f"{guest.person.key} could not read their own record: {says(answered)}"

    async def still_in(self, guest: Guest) -> str:
        """Whether a device is served as before, where anything tells it; why not, if not.

        A no to somebody whose session was lost meanwhile says nothing of what they asked.
        """
        if self.flows.private is None and "read_report" not in self.target.operations:
            return ""
        why = await self.owner_reads(guest)
        return f"after that {why}" if why else ""

    async def other_reads(self) -> str:
        """Whether the other can read what is theirs, where they signed in before; why not, if not.

        They stay signed in if they can: guessed codes may be locked for everybody else.
        """
        phone = self.phone
        if phone is None:
            return f"{self.other.key} had not signed in before"
        if not await self.owner_reads(phone):
            return ""
        return await self.signed_in(phone) or await self.owner_reads(phone)

    async def owner_writes(self, guest: Guest, kind: str) -> str:
        """Whether the app takes an honest write of the owner of a device; why not, if not.

        Only then does it say anything that it refuses another one. A report that it took before
        is not sent once more: an app may take one of each record.
        """
        owner = guest.person
        if kind == "submit_report" and owner.record in self._reported:
            return ""
        values = self.values if kind in ("submit_report", "amend_report") else None

        async def write() -> Answered:
            await self.pace()
            version = 1 if kind == "submit_report" else self.next_version()
            return await guest.perform(kind, owner.record, values, version=version)

        answered = await self.patiently(write)
        if answered.answer_class.outcome is not Outcome.OK:
            return f"{owner.key} could not do an honest {kind}: {says(answered)}"
        if kind == "submit_report":
            self._reported.add(owner.record)
        if answered.stored_id and values is not None:
            (self.stored if owner is self.own else self.others).append(answered.stored_id)
        return ""

    async def patiently(self, ask: Callable[[], Awaitable[Answered]]) -> Answered:
        """Ask something honest again while the app does not answer, or says to come back."""
        answered = await ask()
        for _ in range(TRIES - 1):
            gone = answered.answer_class in (AnswerClass.UNREACHABLE, AnswerClass.RATE_LIMITED)
            if answered.answer_class.outcome is not Outcome.UNKNOWN and not gone:
                break
            await asyncio.sleep(min(answered.retry_after or _PAUSE, _LONGEST))
            await self.is_up()
            answered = await ask()
        return answered

    # -- tries ------------------------------------------------------------------------------

    async def pace(self, per_second: float | None = None) -> None:
        """Wait for one's turn, at the stated rate."""
        rate = min(per_second or self.model.per_second, self.most_per_second)
        now = time.monotonic()
        turn = max(now, self._next)
        self._next = turn + 1 / rate
        await asyncio.sleep(turn - now)

    async def settled(self, ask: Callable[[], Awaitable[Attempt]], times: int = TRIES) -> Attempt:
        """Try again while nobody can tell, or the app fell over: a fault of the drill may be on."""
        attempt = await ask()
        for _ in range(times - 1):
            if attempt.decided:
                return attempt
            await asyncio.sleep(_PAUSE)
            if not await self.is_up():
                said = f"{attempt.detail}; after that the app did not answer any more"
                return replace(attempt, outcome=HARMED, detail=said)
            attempt = await ask()
        return attempt

    async def trying(
        self, guest: Guest, record: str, ask: Callable[[], Awaitable[Answered]], what: str = "", *,
        may_slow: bool = False,
    ) -> Attempt:  # fmt: skip
        """A try whose answer alone decides.

        Args:
            may_slow: Whether being slowed is an answer to it. Else who is told to come later has
                not learnt what they would have been told then.
        """

        async def once() -> Attempt:
            began = time.monotonic()
            answered = await ask()
            outcome, took = outcome_of(answered), time.monotonic() - began
            said = f"{what}: {says(answered)}" if what else says(answered)
            if outcome == SLOWED and not may_slow:
                outcome, said = UNKNOWN, f"{said}: slowed before it was looked at"
                await asyncio.sleep(min(answered.retry_after or 0.0, _LONGEST))
            return Attempt(outcome, self.name_of(guest), record, answered.status, said, took)

        return await self.settled(once)

    def name_of(self, guest: Guest) -> str:
        """The account that a device uses; empty for a stranger's."""
        held = guest.session.head or guest.session.jar.header(b"/") or guest.session.query
        return guest.person.key if held else ""

    def cannot_tell(self, why: str, record: str = "") -> Attempt:
        """A try that could not be made, or not be judged."""
        return Attempt(UNKNOWN, self.own.key, record, detail=why)

    async def is_up(self, within: float = _COMES_BACK) -> bool:
        """Whether the app answers anything at all, on a connection of its own."""
        until = time.monotonic() + within
        process = self.target.description.process
        look = self.target.get("/" if process is None else process.ready.path, timeout=5.0)
        while True:
            wire = self.new_wire(1)
            try:
                response = await wire.fetch(look)
            finally:
                wire.close()
                await asyncio.sleep(0)
            if response.fault is None or time.monotonic() >= until:
                return response.fault is None
            await asyncio.sleep(_PAUSE)

    async def settle_in(self) -> str:
        """Sign in as both and send an honest report of each; why that failed, if it did."""
        for person in (self.own, self.other):
            device = self.device(person)
            if why := await self.signed_in(device):
                return why
            if person is self.other:
                self._phone = device
            if "submit_report" not in self.target.operations:
                continue
            if why := await self.owner_writes(device, "submit_report"):
                return why
        return ""
