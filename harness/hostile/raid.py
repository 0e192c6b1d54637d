"""What every kind of try works with: two accounts, a pace, and a look at whether the app lives."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from harness.engine.wire import Wire
from harness.hostile.attempt import HARMED, UNKNOWN, Attempt, outcome_of, says
from harness.hostile.guest import Guest
from harness.target.hostile import HostileFlows
from harness.target.reading import reader_person
from harness.target.target import Target
from harness.target.wire import Answered
from simulators.behaviours.protocol import AnswerClass, Outcome
from simulators.people.person import Person

TRIES = 3  # of one thing, as long as nobody can tell what came of it
_PAUSE = 0.25  # wall seconds between them
_COMES_BACK = 10.0  # wall seconds that an app gets which a fault of the drill may have stopped


class Raid:
    """One intruder at one target.

    Args:
        own, other: Whose account the intruder has, and whose they are after.
        mark: Begins the keys of all they send.

    Attributes:
        most_per_second, most_sign_ins, most_at_once: What the app is said to bear.
        stored: Ids that the app gave to the intruder's own writes.
    """

    def __init__(
        self, target: Target, flows: HostileFlows, own: Person, other: Person, mark: str
    ) -> None:
        self.target, self.flows, self.model = target, flows, flows.model
        self.own, self.other, self.mark = own, other, mark
        self.stored: list[str] = []
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

    async def signed_in(self, guest: Guest) -> str:
        """Sign in on a device as its owner would; why it failed, if it did."""
        answered = await self.patiently(guest.sign_in)
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

    async def patiently(self, ask: Callable[[], Awaitable[Answered]]) -> Answered:
        """Ask something honest again while the app does not answer, or says to come back."""
        answered = await ask()
        for _ in range(TRIES - 1):
            gone = answered.answer_class in (AnswerClass.UNREACHABLE, AnswerClass.RATE_LIMITED)
            if answered.answer_class.outcome is not Outcome.UNKNOWN and not gone:
                break
            await asyncio.sleep(min(answered.retry_after or _PAUSE, 2.0))
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
        self, guest: Guest, record: str, ask: Callable[[], Awaitable[Answered]], what: str = ""
    ) -> Attempt:
        """A try whose answer alone decides."""

        async def once() -> Attempt:
            began = time.monotonic()
            answered = await ask()
            outcome = outcome_of(answered)
            said = f"{what}: {says(answered)}" if what else says(answered)
            took = time.monotonic() - began
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
            answered = await self.patiently(
                partial(device.perform, "submit_report", person.record, self.values)
            )
            if answered.answer_class.outcome is not Outcome.OK:
                return f"{person.key} could not report their own record: {says(answered)}"
            if person is self.own and answered.stored_id:
                self.stored.append(answered.stored_id)
        return ""
