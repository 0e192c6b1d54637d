"""A caller that dials a real SIP line by a trace: who got through, who did not, how long it took.

Callers dial when the trace says so, whatever became of the calls before; once answered they key
their digits as RTP events and stay for their hold. Times are seconds since the trace began.
Human time may be compressed in the trace; SIP's timers never are.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from simulators.phones.sip import sdp
from simulators.phones.sip.dialog import Dialog
from simulators.phones.sip.endpoint import Endpoint, Traffic
from simulators.phones.sip.lag import Heartbeat, Lag
from simulators.phones.sip.media import Media
from simulators.phones.sip.message import Request, Response, answer, parameter, sequence, write
from simulators.phones.sip.peers import PeerError, Peers
from simulators.phones.sip.timers import GIVE_UP
from simulators.phones.sip.transaction import Address, ClientTransaction, ServerTransaction
from simulators.phones.trace import CallTrace, TracedCall

FULL = frozenset({486, 503, 600})  # what a line with no trunk left says
_LOOK = 0.2  # seconds of a pause between calls after which a stop is noticed
_LATE = 0.1  # seconds that a call may be released late before it counts as late


@dataclass(frozen=True)
class CallerSettings:
    """How callers behave.

    Attributes:
        address: The far end's IPv4 address and port.
        user: The number or name dialled.
        ring_limit: Seconds of ringing after which one gives up (CANCEL).
        reaction: Seconds from the answer to the first key.
        in_flight: Calls at once; further ones are not dialled, and counted as shed.
        own: Hosts beside this machine that the operator says are their own.
    """

    address: Address
    user: str = "hotline"
    ring_limit: float = 60.0
    reaction: float = 0.05
    in_flight: int = 4000
    own: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlacedCall:
    """One call as its caller saw it.

    Attributes:
        position: Place in the trace.
        id: Call-ID.
        cause: ``served``, ``busy`` (486, 503, 600), ``no_answer`` (it rang too long), ``failed``
            (any other refusal, or silence), ``app_hung_up`` (the far end ended it before its
            hold was over), ``leaked`` (its BYE was never answered), ``cut`` (the run was stopped)
            or ``shed`` (not dialled).
        status: The final SIP status, None if there was none.
        dialled, answered, ended: Seconds; ``dialled`` is when the INVITE went out.
        post_dial_delay: Seconds from INVITE to the first ringing, answer or refusal.
        digits: Keys pressed; shorter than the trace's where the call ended under them.
    """

    position: int
    caller: int
    id: str
    cause: str
    status: int | None
    due: float
    dialled: float
    answered: float | None
    ended: float
    post_dial_delay: float | None
    digits: str = ""


@dataclass(frozen=True)
class CallReport:
    """A trace that has been placed.

    Attributes:
        causes: Calls by how they ended.
        late: Calls released more than 0.1 s after they were due.
        lag: How well our own loop kept time.
        traffic: Datagrams, with retransmissions.
    """

    calls: tuple[PlacedCall, ...]
    causes: dict[str, int]
    late: int
    lag: Lag
    traffic: Traffic

    @property
    def void(self) -> str:
        """Why timings of this run do not count; empty if they do."""
        if self.lag.stalled:
            return self.lag.stalled
        if self.late * 100 > len(self.calls):
            return f"{self.late} of {len(self.calls)} calls were dialled more than {_LATE:g} s late"
        return ""


@dataclass(slots=True)
class _Call:
    """A call in progress."""

    position: int
    traced: TracedCall
    id: str
    local: str  # From, with our tag
    due: float
    dialled: float
    media: Media
    client: ClientTransaction | None = None
    branch: str = ""
    dialog: Dialog | None = None
    delay: float | None = None
    answered: float | None = None
    status: int | None = None
    cancelled: bool = False
    provisional: bool = False
    over: bool = False
    pressed: str = ""
    timers: list[asyncio.TimerHandle] = field(default_factory=list)


class SipCaller:
    """Places calls from one socket.

    Args:
        settings: Whom to call, and how.
        on_call: Told of every call when it is over.
        rng: For tags, branches and RTP's beginnings.

    Raises:
        PeerError: If the far end is not this machine and not listed as one's own.
    """

    def __init__(
        self,
        settings: CallerSettings,
        *,
        on_call: Callable[[PlacedCall], None] = lambda call: None,
        rng: Random | None = None,
    ) -> None:
        peers = Peers(settings.own)
        peers.check(settings.address[0])
        self.settings = settings
        self._loop = asyncio.get_running_loop()
        self._rng = rng or Random(0)
        self._on_call = on_call
        host = "127.0.0.1" if settings.address[0].startswith("127.") else _own_host(settings)
        peers = Peers((*settings.own, host))
        self._endpoint = Endpoint(self._loop, (host, 0), peers, self._asked, self._rng)
        self._calls: dict[str, _Call] = {}
        self._done: list[PlacedCall] = []
        self._start = 0.0  # time.monotonic(): finer than the clock of some loops
        self._stopped = False
        self._late = 0
        self._left = 0
        self._finished: asyncio.Future[None] = self._loop.create_future()

    def _now(self) -> float:
        return time.monotonic() - self._start

    async def place(self, trace: CallTrace, *, wait: float = 0.0) -> CallReport:
        """Place every call of the trace and wait until the last one is over.

        Args:
            wait: Seconds until the trace begins.
        """
        self._start = time.monotonic() + wait
        self._left = len(trace)
        heartbeat = Heartbeat(self._loop)
        heartbeat.start()
        try:
            await self._dial_all(trace)
            if self._left:
                await self._finished
        finally:
            lag = heartbeat.stop()
        return self._report(lag)

    async def _dial_all(self, trace: CallTrace) -> None:
        for position, traced in enumerate(trace.calls):
            if position % 32 == 31:
                await asyncio.sleep(0)  # also behind the trace, answers are to be heard
            while (wait := traced.at_ms / 1000 - self._now()) > 0 and not self._stopped:
                await asyncio.sleep(min(wait, _LOOK))
            if self._stopped:
                self._left -= len(trace) - position
                return
            self._dial(position, traced)

    async def stop(self, grace: float = 1.0) -> None:
        """Dial no more, hang up every call, and wait ``grace`` seconds for the far end.

        :meth:`place` then returns with the calls that were dialled.
        """
        self._stopped = True
        for call in list(self._calls.values()):
            if call.dialog is not None:
                self._cancel_timers(call)
                self._hang_up(call, "cut")
            else:
                self._give_up(call)
        if self._calls:
            await asyncio.sleep(grace)
        for call in list(self._calls.values()):
            self._end(call, "cut")
        if not self._finished.done():
            self._finished.set_result(None)

    def _report(self, lag: Lag) -> CallReport:
        calls = tuple(sorted(self._done, key=lambda each: each.position))
        causes: dict[str, int] = {}
        for call in calls:
            causes[call.cause] = causes.get(call.cause, 0) + 1
        return CallReport(calls, causes, self._late, lag, self._endpoint.traffic)

    # -- dialling ---------------------------------------------------------------------------

    def _dial(self, position: int, traced: TracedCall) -> None:
        now, due = self._now(), traced.at_ms / 1000
        self._late += now - due > _LATE
        host, port = self._endpoint.address
        id_ = f"{position}-{self._rng.getrandbits(64):016x}@{host}"
        media = None
        if len(self._calls) < self.settings.in_flight:
            with contextlib.suppress(PeerError):  # no port left
                media = Media(self._loop, host, self._endpoint.peers)
        if media is None:
            shed = PlacedCall(position, traced.caller, id_, "shed", None, due, now, None, now, None)
            self._note(shed)
            return
        local = f"<sip:{traced.caller}@{host}:{port}>;tag={self._endpoint.tag()}"
        call = _Call(position, traced, id_, local, due, now, media)
        self._calls[id_] = call
        self._invite(call)

    def _invite(self, call: _Call) -> None:
        endpoint, (host, port) = self._endpoint, self.settings.address
        uri = f"sip:{self.settings.user}@{host}:{port}"
        call.branch = endpoint.branch()
        lines = [
            endpoint.via(call.branch), f"From: {call.local}", f"To: <{uri}>",
            f"Call-ID: {call.id}", "CSeq: 1 INVITE", endpoint.contact(str(call.traced.caller)),
            "Max-Forwards: 70", "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS",
        ]  # fmt: skip
        body = sdp.offer(endpoint.address[0], call.media.port, self._rng.getrandbits(31))
        invite = write(f"INVITE {uri} SIP/2.0", lines, body, "application/sdp")
        call.client = endpoint.ask(
            "INVITE", call.branch, invite, (host, port), lambda heard: self._heard(call, heard)
        )
        self._after(call, self.settings.ring_limit, self._give_up, call)

    def _after(
        self, call: _Call, seconds: float, callback: Callable[..., None], *args: object
    ) -> None:
        call.timers.append(self._loop.call_later(seconds, callback, *args))

    def _heard(self, call: _Call, response: Response | None) -> None:
        """An answer to the INVITE."""
        if call.over:
            return
        if response is None:
            self._end(call, "failed")
            return
        if call.delay is None and response.status > 100:
            call.delay = self._now() - call.dialled
        if response.status < 200:
            if call.cancelled and not call.provisional:
                self._cancel(call)
            call.provisional = True
            return
        call.status = response.status
        if response.status < 300:
            self._answered(call, response)
        elif call.cancelled:
            self._end(call, "no_answer")
        else:
            self._end(call, "busy" if response.status in FULL else "failed")

    def _answered(self, call: _Call, response: Response) -> None:
        number, _ = sequence(response.headers)
        dialog = Dialog.of_answer(response, call.local, number, self.settings.address)
        call.dialog, call.answered = dialog, self._now()
        _, ack, to = dialog.request(self._endpoint, "ACK", number=number)
        assert call.client is not None
        call.client.acknowledge(ack, to)
        self._cancel_timers(call)
        if call.cancelled:  # it was picked up in the moment in which the caller gave up
            self._hang_up(call, "no_answer")
            return
        try:
            stream = sdp.audio(sdp.parse(response.body))
        except sdp.DescriptionError:
            stream = None
        if stream is not None:
            call.media.agree(stream)
        hold = call.traced.hold_ms / 1000
        if call.traced.digits and stream is not None:
            self._after(call, self.settings.reaction, self._press, call, hold)
        else:
            self._after(call, hold, self._hang_up, call, "served")

    def _press(self, call: _Call, hold: float) -> None:
        """Key the digits; the call stays for its hold, and at least until the last key is up."""

        def pressed() -> None:
            call.pressed = call.traced.digits
            assert call.answered is not None
            left = max(0.0, call.answered + hold - self._now())
            self._after(call, left, self._hang_up, call, "served")

        if not call.media.press(call.traced.digits, self._rng, pressed):
            self._after(call, hold, self._hang_up, call, "served")

    # -- ends -------------------------------------------------------------------------------

    def _give_up(self, call: _Call) -> None:
        """It has rung too long."""
        if call.provisional and not call.cancelled:
            self._cancel(call)
        call.cancelled = True
        # A CANCEL may only follow a provisional answer (9.1): without one, timer B ends it.

    def _cancel(self, call: _Call) -> None:
        self._cancel_timers(call)
        endpoint, (host, port) = self._endpoint, self.settings.address
        uri = f"sip:{self.settings.user}@{host}:{port}"
        lines = [
            endpoint.via(call.branch), f"From: {call.local}", f"To: <{uri}>",
            f"Call-ID: {call.id}", "CSeq: 1 CANCEL", "Max-Forwards: 70",
        ]  # fmt: skip
        cancel = write(f"CANCEL {uri} SIP/2.0", lines)
        endpoint.ask("CANCEL", call.branch, cancel, (host, port), lambda heard: None)
        self._after(call, GIVE_UP, self._end, call, "no_answer")

    def _hang_up(self, call: _Call, cause: str) -> None:
        """Say BYE; the call is over when the far end has heard it."""
        assert call.dialog is not None
        call.media.lift()
        branch, bye, to = call.dialog.request(self._endpoint, "BYE")

        def heard(response: Response | None) -> None:
            if response is None:
                self._end(call, "leaked")
            elif response.status >= 200:
                self._end(call, cause)

        self._endpoint.ask("BYE", branch, bye, to, heard)

    def _end(self, call: _Call, cause: str) -> None:
        if call.over:
            return
        call.over = True
        del self._calls[call.id]
        self._cancel_timers(call)
        call.media.close()
        self._note(
            PlacedCall(
                call.position, call.traced.caller, call.id, cause, call.status, call.due,
                call.dialled, call.answered, self._now(), call.delay, call.pressed,
            )
        )  # fmt: skip

    def _note(self, placed: PlacedCall) -> None:
        self._done.append(placed)
        self._on_call(placed)
        self._left -= 1
        if not self._left and not self._finished.done():
            self._finished.set_result(None)

    def _cancel_timers(self, call: _Call) -> None:
        for timer in call.timers:
            timer.cancel()
        call.timers.clear()

    # -- what the far end asks ----------------------------------------------------------------

    def _asked(self, request: Request, source: Address, server: ServerTransaction | None) -> None:
        call = self._calls.get(request.headers["call-id"][0])
        if server is None:
            return  # the ACK to an answer of ours to a re-INVITE
        if request.method == "OPTIONS":
            self._say(server, 200, "OK")
        elif call is None or call.dialog is None:
            self._say(server, 481, "Call/Transaction Does Not Exist")
        elif request.method == "BYE":
            self._say(server, 200, "OK")
            self._end(call, "app_hung_up")
        elif request.method == "INVITE":
            self._invited_again(call, server)
        else:
            self._say(server, 405, "Method Not Allowed")

    def _invited_again(self, call: _Call, server: ServerTransaction) -> None:
        """A re-INVITE: the session stays as it is."""
        try:
            offered = sdp.parse(server.request.body) if server.request.body else ()
        except sdp.DescriptionError:
            self._say(server, 488, "Not Acceptable Here")
            return
        host, session = self._endpoint.address[0], self._rng.getrandbits(31)
        stream = sdp.audio(offered)
        if stream is not None:
            call.media.agree(stream)
            body = sdp.answer(offered, host, call.media.port, session)
        else:
            body = sdp.offer(host, call.media.port, session)
        contact = self._endpoint.contact(str(call.traced.caller))
        server.respond(200, answer(server.request, 200, "OK", source=server.source,
                                   more=[contact], body=body))  # fmt: skip

    def _say(self, server: ServerTransaction, status: int, reason: str) -> None:
        tag = parameter(server.request.headers["to"][0], "tag") or self._endpoint.tag()
        server.respond(
            status, answer(server.request, status, reason, tag=tag, source=server.source)
        )

    def close(self) -> None:
        """Close the socket. Calls in progress are cut: their far ends hear nothing more."""
        for call in self._calls.values():
            self._cancel_timers(call)
            call.media.close()
        self._endpoint.close()


def _own_host(settings: CallerSettings) -> str:
    """Our address on the way to a far end that is not this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(settings.address)  # a UDP socket: nothing is sent
        return str(probe.getsockname()[0])
