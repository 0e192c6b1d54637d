"""The carrier: its numbers, its calls and queues, and everything that calls share."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any

from simulators.phones.trunks import Trunks
from simulators.providers.carrier.addresses import server_of
from simulators.providers.carrier.admission import Admission
from simulators.providers.carrier.call import PhoneCall
from simulators.providers.carrier.clock import Clock
from simulators.providers.carrier.config import Config, Hook, Number
from simulators.providers.carrier.events import Goto
from simulators.providers.carrier.exchange import Ear, FarEnd, Recording, Texts
from simulators.providers.carrier.faults import Faults
from simulators.providers.carrier.ids import Ids
from simulators.providers.carrier.interpreter import carry
from simulators.providers.carrier.listener import Listener
from simulators.providers.carrier.log import Entry, Log
from simulators.providers.carrier.queues import Queues
from simulators.providers.carrier.signature import Signer
from simulators.providers.carrier.tasks import Tasks
from simulators.providers.carrier.transport import Transport
from simulators.providers.carrier.twiml import Document, read_twiml
from simulators.providers.carrier.webhook import Ask, Webhooks

__all__ = ["Carrier", "CarrierError"]

SWITCHBOARD = "+15555550198"
"""The made-up number that callers behind one switchboard all show."""


class CarrierError(ValueError):
    """Something that this carrier cannot do; the message says why."""


class Carrier:
    """A phone carrier on the running event loop.

    Attributes:
        config: What it was told at the start.
        numbers: The app's numbers, by number in E.164.
        calls: Every call that was let in or placed, by sid, ended ones too.
        queues: The app's queues.
        faults: What goes wrong now.
        web: Asks the app.
        texts: The network of text messages; set by whoever opens it.
        admission: The provider's limits on calls; None for none.
        rest: Base URL of the REST API once it listens; recordings are named under it.
        open_calls: Calls that have not ended.
    """

    def __init__(
        self, config: Config, *, transport: Transport, clock: Clock, log: Log, limit: float = 15.0
    ) -> None:
        """Open for calls.

        Args:
            limit: The provider's limit on one webhook, in wall seconds.
        """
        self.config = config
        self.account = config.account
        self.numbers: dict[str, Number] = {each.number: each for each in config.numbers}
        self.clock = clock
        self.log = log
        self.ids = Ids(config.account, config.seed)
        self.faults = Faults(self.ids)
        self.queues = Queues(self.ids)
        self.tasks = Tasks(_print_failure)
        self.manners = config.manners
        self.calls: dict[str, PhoneCall] = {}
        self.open_calls = 0
        self.most_calls = 0
        self.ended: Counter[str] = Counter()
        self.recordings: dict[str, Recording] = {}
        self.texts: Texts | None = None
        self.admission: Admission | None = None
        self.rest = ""
        self._transport = transport
        self._trunks = {name: Trunks(name, lines) for name, lines in config.trunks.items()}
        self.web = Webhooks(
            transport,
            _signer(config),
            clock,
            log,
            self.faults,
            self.tasks,
            hosts=_hosts(config),
            limit=limit,
            headers={"X-Drillhall-Run": config.run} if config.run else None,
        )

    # Calls from people.

    def dial(
        self, ear: Ear, *, key: str, from_: str, to: str, within: float | None = None
    ) -> PhoneCall:
        """A person phones one of the app's numbers.

        Args:
            ear: The person; told ``answered``, ``heard`` and ``ended``, perhaps at once.
            key: Name of the call.
            within: Drill seconds until the person gives up listening to ringing.

        Raises:
            CarrierError: If the number is not the app's, or answers no voice calls.
        """
        number = self.numbers.get(to)
        if number is None or number.voice is None:
            raise CarrierError(
                f"call {key}: {to} answers no calls. Numbers with a voice URL: "
                + (", ".join(each for each, n in self.numbers.items() if n.voice) or "none")
            )
        if self.faults.strikes("caller_id", key):
            from_ = SWITCHBOARD if self.faults.on("caller_id").how == "shared" else "anonymous"
        call = PhoneCall(
            self,
            key,
            direction="inbound",
            from_=from_,
            to=to,
            line=number.name,
            hook=number.voice,
            ear=ear,
            trunk=number.trunk,
            within=within,
        )
        self.put_through(call)
        return call

    # Calls that the app places.

    def place(
        self,
        *,
        from_: str,
        to: str,
        hook: Hook | None = None,
        document: Document | None = None,
        ear: Ear | None = None,
        timeout: float = 60,
        time_limit: float = 14_400,
        begin: bool = True,
        key: str = "",
    ) -> PhoneCall:
        """The app calls a person; nobody's phone rings, and :meth:`far_end` says who answers.

        Args:
            hook: Where the app answers for the call; its ``url`` may be any if ``document`` is
                given. ``events`` are those of ``StatusCallbackEvent``.
            document: Played when the call is answered, instead of asking ``hook.url``.
            timeout: Drill seconds of ringing.
            begin: False leaves the call ``queued`` until :meth:`begin`.
        """
        number = self.numbers.get(from_)
        call = PhoneCall(
            self,
            key or self.ids.next("placed"),
            direction="outbound-api",
            from_=from_,
            to=to,
            line=number.name if number else "",
            hook=hook or NOWHERE,
            ear=ear or Listener(self.far_end(to)),
            trunk=number.trunk if number else None,
            within=timeout,
            time_limit=time_limit,
        )
        call.document = document
        self.calls[call.sid] = call
        if begin:
            self.begin(call)
        return call

    def begin(self, call: PhoneCall) -> None:
        """Start a call that waits as ``queued``; one that was canceled meanwhile stays so."""
        if not call.cause and call.status == "queued":
            self.put_through(call)

    def modify(
        self,
        call: PhoneCall,
        *,
        status: str = "",
        url: str = "",
        method: str = "POST",
        document: Document | None = None,
    ) -> None:
        """What the app asks of a live call: ``completed``, ``canceled``, or another document.

        Raises:
            CarrierError: If the call has ended (the provider's 21220).
        """
        if call.cause:
            raise CarrierError(f"call {call.sid} is not in progress: it is {call.status}")
        if status:
            if call.status == "queued":
                call.hook = call.hook.model_copy(update={"status": ""})
                call.finish("canceled")
            elif call.answered_at is None and status == "canceled":
                call.hang_up("canceled")
            elif call.answered_at is not None and status == "completed":
                call.hang_up("app_hung_up")
            elif status == "completed":
                call.hang_up("canceled")
        elif document is not None:
            call.redirect(None, document)
        else:
            call.redirect(Goto(url, method, {}, "menu"))

    def far_end(self, to: str) -> FarEnd:
        """What would come of calling a number that is not the app's own."""
        manners = self.manners
        result = self.config.answers.get(to, "completed")
        return FarEnd(result, manners.pick_up, manners.talk)

    def connect(
        self,
        parent: PhoneCall,
        to: str,
        *,
        ear: Ear | None = None,
        hook: Hook | None = None,
        document: Document | None = None,
        caller_id: str = "",
        within: float = 30,
    ) -> PhoneCall:
        """Make the second leg of a call that dials; nothing happens until :meth:`put_through`."""
        own = self.numbers.get(to)
        voice = own.voice if own is not None else None
        trunk = own.trunk if own is not None else parent.trunk
        call = PhoneCall(
            self,
            self.ids.next(f"{parent.key}.dial"),
            direction="inbound" if voice is not None else "outbound-dial",
            from_=caller_id or parent.from_,
            to=to,
            line=own.name if own is not None else parent.line,
            hook=voice or hook or NOWHERE,
            ear=ear if voice is not None and ear is not None else Listener(self.far_end(to)),
            trunk=trunk,
            parent_sid=parent.sid,
            within=within,
        )
        call.document = None if voice is not None else document
        return call

    def put_through(self, call: PhoneCall) -> None:
        """Begin a call; it ends at once if no trunk is free, or the provider takes no more."""
        self.calls[call.sid] = call
        trunk = self._trunk(call.trunk)
        limits = self.admission
        over = limits is not None and not limits.takes(call.direction, self.open_calls)
        if over or not trunk.take():
            if not over:
                self.faults.strikes("trunks")
            inbound = call.direction == "inbound"
            call.finish("busy" if inbound else "failed", 10004, unheard_of=inbound)
            return
        call.trunk_taken = trunk
        self.open_calls += 1
        self.most_calls = max(self.most_calls, self.open_calls)
        self.tasks.start(carry(call))

    # Faults, forgeries and figures.

    def switch_on(self, name: str, settings: Mapping[str, Any]) -> None:
        """Begin a fault; raises FaultError for one that cannot be."""
        self.faults.switch_on(name, settings)

    async def forge(self, to: str) -> dict[str, int | None]:
        """One webhook with a wrong signature to each of a number's URLs; their HTTP statuses.

        Each address that its callers' keys have gone to gets one too: it is the log that tells
        what came of those. An app may look at who begins a call, and at nobody after that.

        Raises:
            CarrierError: If the number is not the app's.
        """
        number = self.numbers.get(to)
        if number is None:
            raise CarrierError(f"{to} is not one of the app's numbers: {', '.join(self.numbers)}")
        found: dict[str, int | None] = {"voice": None, "text": None}
        name = self.ids.next("forged")
        for what, hook in (("voice", number.voice), ("text", number.text)):
            if hook is not None:
                ask = self._forgery(number, hook.url, hook.method, name, what)
                found[what] = await self.web.forge(ask)
        for url, method in [*self.web.actions.get(number.name, {}).values()]:
            await self.web.forge(self._forgery(number, url, method, name, "voice"))
        return found

    def counts(self) -> dict[str, object]:
        """Figures since the start."""
        return {
            "open": self.open_calls,
            "most": self.most_calls,
            "calls": len(self.calls),
            "ended": dict(self.ended),
            "webhooks": dict(self.log.purposes),
            "errors": {str(code): n for code, n in self.log.errors.items()},
            "touched": dict(self.faults.touched),
            "queues": {each.name: len(each.members) for each in self.queues.by_name.values()},
            "texts": dict(self.texts.counts) if self.texts is not None else {},
            "crashes": self.tasks.crashes,
        }

    async def close(self) -> None:
        """End every call and let go of everything."""
        for call in list(self.calls.values()):
            call.hang_up("closed")
        await asyncio.sleep(0)
        await self.tasks.close()
        await self._transport.close()
        self.log.close()

    # What calls ask.

    def over(self, call: PhoneCall) -> None:
        """A call has ended: its trunk is free."""
        self.ended[call.cause] += 1
        if call.trunk_taken is not None:
            call.trunk_taken.give()
            call.trunk_taken = None
            self.open_calls -= 1

    def loop_found(self, call: PhoneCall, detail: str) -> None:
        """An app's documents lead round in a circle: say so in the log."""
        self.log.write(
            Entry(self.clock.unix(), 0.0, "menu", call.line, call.sid, error=11215, detail=detail)
        )

    def _trunk(self, group: str | None) -> Trunks:
        """The trunks that a call takes: its group's, as narrow as the fault makes them now."""
        name = group or ""
        trunks = self._trunks.setdefault(name, Trunks(name, None))
        fault, own = self.faults.on("trunks"), self.config.trunks.get(name)
        lines = own if fault is None else min(fault.lines, own or fault.lines)
        if trunks.lines != lines:
            trunks.resize(lines)
        return trunks

    def _forgery(self, number: Number, url: str, method: str, name: str, what: str) -> Ask:
        sid = self.ids.sid("CA" if what == "voice" else "SM", name)
        params = {"AccountSid": self.account, "From": "+15555550199", "To": number.number}
        if what == "voice":
            params |= {"CallSid": sid, "CallStatus": "ringing", "Direction": "inbound"}
        else:
            params |= {"MessageSid": sid, "SmsSid": sid, "Body": "forged", "NumMedia": "0"}
        token = self.ids.token(f"{name}/{what}")
        return Ask("forged", number.name, sid, url, method, params, token)


NOWHERE = Hook(url="http://127.0.0.1/")
"""For calls whose documents are all given: nothing is ever asked of it."""


def parse(twiml: str) -> Document:
    """A document given in a REST request.

    Raises:
        CarrierError: If it cannot be read.
    """
    reading = read_twiml(twiml.encode())
    if reading.value is None:
        raise CarrierError(f"Twiml: {reading.detail}")
    return reading.value


def _signer(config: Config) -> Signer:
    if config.signing == "sha1":
        return Signer(config.token.encode())
    return Signer(config.signing_secret.encode(), "sha256", config.signing_key)


def _hosts(config: Config) -> set[str]:
    """Servers that the configuration names, as ``host:port``."""
    hooks = [hook for number in config.numbers for hook in (number.voice, number.text) if hook]
    urls = [url for hook in hooks for url in (hook.url, hook.fallback, hook.status) if url]
    return {*config.hosts, *map(server_of, urls)}


def _print_failure(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - whoever started us keeps our stderr
