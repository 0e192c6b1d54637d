"""A hotline that real SIP callers reach: so many lines, then the busy tone; keys are written down.

It answers as many calls at once as it has lines and refuses every further one with 486 (or 503),
as a bank of trunks does. It can also fall silent: requests come in and nothing goes out, as when
a carrier is down. Times are seconds since the hotline opened.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from simulators.phones.sip import sdp
from simulators.phones.sip.dialog import Dialog
from simulators.phones.sip.endpoint import Endpoint, Traffic
from simulators.phones.sip.media import Media
from simulators.phones.sip.message import Request, Response, answer, parameter, uri_of, user_of
from simulators.phones.sip.peers import PeerError, Peers
from simulators.phones.sip.transaction import Address, ServerTransaction

METHODS = "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS"
BUSY, UNAVAILABLE = (486, "Busy Here"), (503, "Service Unavailable")
CallKey = tuple[str, str]  # Call-ID and the caller's tag


@dataclass(frozen=True)
class HotlineSettings:
    """How a hotline behaves.

    Attributes:
        lines: Calls answered at once; 0 refuses every one.
        ring: Seconds from INVITE to the answer; 180 is sent at once.
        full: What callers get when every line is taken: ``busy`` (486) or ``unavailable`` (503).
        retry_after: Seconds that a refusal asks callers to wait (Retry-After), None to say nothing.
        talk: Seconds after which the hotline hangs up, None to leave it to the caller.
        longest: Seconds after which a call that nobody ends is leaked, ended and counted.
        silent: Whether nothing is answered at all.
        own: Hosts beside this machine that may be answered and sent RTP to.

    Raises:
        ValueError: If there are fewer lines than none, or a time is below 0.
    """

    lines: int
    ring: float = 0.0
    full: Literal["busy", "unavailable"] = "busy"
    retry_after: int | None = None
    talk: float | None = None
    longest: float = 3600.0
    silent: bool = False
    own: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.lines < 0:
            raise ValueError(f"lines={self.lines}, but a hotline cannot have fewer than 0.")
        if self.ring < 0 or self.longest <= 0 or (self.talk is not None and self.talk < 0):
            raise ValueError("ring and talk cannot be below 0 seconds, and longest is above 0.")


@dataclass(frozen=True)
class TakenCall:
    """One call as the hotline saw it.

    Attributes:
        id: Call-ID.
        caller: The user part of From.
        line: The user part of the number dialled.
        cause: ``served`` (the caller hung up), ``hung_up`` (the hotline did), ``busy``,
            ``abandoned`` (before the answer), ``leaked`` (nobody ended it), ``no_ack``,
            ``refused`` (no codec in common).
        digits: Keys heard.
        packets, missing: RTP packets that came, and that by their numbers should have.
        jitter: Seconds.
    """

    id: str
    caller: str
    line: str
    cause: str
    invited: float
    answered: float | None
    ended: float
    digits: str = ""
    packets: int = 0
    missing: int = 0
    jitter: float = 0.0


@dataclass
class HotlineCounts:
    """What came of all calls so far."""

    invited: int = 0
    answered: int = 0
    refused: int = 0
    abandoned: int = 0
    leaked: int = 0
    unheard: int = 0  # came while the hotline was silent
    most: int = 0  # calls in progress at once
    traffic: Traffic = field(default_factory=Traffic)


@dataclass(slots=True)
class _Call:
    """A call that has a line."""

    key: CallKey
    invite: ServerTransaction
    tag: str
    dialog: Dialog
    invited: float
    media: Media | None = None
    answered: float | None = None
    timer: asyncio.TimerHandle | None = None  # the ring, then the end of the talk


class SipHotline:
    """The hotline of one loop.

    Args:
        address: Where to listen: 127.0.0.1 and a port, 0 for any that is free.
        settings: How to behave; :attr:`settings` may be replaced while it runs.
        on_call: Told of every call when it is over.
        rng: For tags, branches and session numbers.

    Raises:
        PeerError: If it may not listen there, or cannot.
    """

    def __init__(
        self,
        settings: HotlineSettings,
        *,
        address: Address = ("127.0.0.1", 0),
        on_call: Callable[[TakenCall], None] = lambda call: None,
        rng: Random | None = None,
    ) -> None:
        self.settings = settings
        self.counts = HotlineCounts()
        self._loop = asyncio.get_running_loop()
        self._opened = time.monotonic()
        self._rng = rng or Random(0)
        self._on_call = on_call
        self._calls: dict[CallKey, _Call] = {}
        peers = Peers(settings.own)
        self._endpoint = Endpoint(self._loop, address, peers, self._asked, self._rng)
        self.counts.traffic = self._endpoint.traffic

    @property
    def address(self) -> Address:
        """Where it listens."""
        return self._endpoint.address

    @property
    def in_use(self) -> int:
        """Lines taken now."""
        return len(self._calls)

    def _now(self) -> float:
        return time.monotonic() - self._opened

    # -- requests ---------------------------------------------------------------------------

    def _asked(self, request: Request, source: Address, server: ServerTransaction | None) -> None:
        if self.settings.silent:
            self.counts.unheard += request.method == "INVITE"
            if server is not None:
                server.drop()
            return
        call = self._calls.get(_key(request))
        if server is None:
            if call is not None:
                self._acknowledged(call, request)
        elif request.method == "INVITE" and call is None:
            self._invited(request, source, server)
        elif request.method == "INVITE" and call is not None:
            self._invited_again(call, request, server)
        elif request.method == "BYE" and call is not None:
            self._say(server, 200, "OK")
            self._end(call, "served")
        elif request.method == "CANCEL":
            self._cancelled(request, server)
        elif request.method == "OPTIONS":
            self._say(server, 200, "OK", METHODS, "Accept: application/sdp")
        elif request.method == "BYE":
            self._say(server, 481, "Call/Transaction Does Not Exist")
        else:
            self._say(server, 405, "Method Not Allowed", METHODS)

    def _say(
        self,
        server: ServerTransaction,
        status: int,
        reason: str,
        *more: str,
        tag: str = "",
        body: bytes = b"",
        unacknowledged: Callable[[], None] | None = None,
    ) -> None:
        tag = tag or ("" if status == 100 else self._endpoint.tag())
        said = answer(
            server.request, status, reason, tag=tag, source=server.source, more=more, body=body
        )
        server.respond(status, said, unacknowledged)

    def _invited(self, request: Request, source: Address, server: ServerTransaction) -> None:
        now, settings = self._now(), self.settings
        self.counts.invited += 1
        if parameter(request.headers["to"][0], "tag") is not None:
            self._say(server, 481, "Call/Transaction Does Not Exist")
            return
        if len(self._calls) >= settings.lines:
            self.counts.refused += 1
            wait = () if settings.retry_after is None else (f"Retry-After: {settings.retry_after}",)
            status, reason = BUSY if settings.full == "busy" else UNAVAILABLE
            self._say(server, status, reason, *wait)
            self._note(request, "busy", now)
            return
        tag = self._endpoint.tag()
        dialog = Dialog.of_invite(request, tag, source)
        call = _Call(_key(request), server, tag, dialog, now)
        self._calls[call.key] = call
        self.counts.most = max(self.counts.most, len(self._calls))
        self._say(server, 180, "Ringing", self._contact(request), tag=tag)
        if settings.ring > 0:
            call.timer = self._loop.call_later(settings.ring, self._answer, call)
        else:
            self._answer(call)

    def _contact(self, request: Request) -> str:
        return self._endpoint.contact(user_of(request.uri) or "hotline")

    def _answer(self, call: _Call) -> None:
        """Say 200 with a description of our own, and listen for keys."""
        request, host = call.invite.request, self.address[0]
        try:
            offered = sdp.parse(request.body) if request.body else ()
        except sdp.DescriptionError:
            offered = ()
        stream = sdp.audio(offered)
        if request.body and stream is None:
            self._say(call.invite, 488, "Not Acceptable Here", tag=call.tag)
            self._end(call, "refused")
            return
        try:
            call.media = Media(self._loop, host, self._endpoint.peers)
        except PeerError:  # no ports left: as full as a hotline can be
            self._say(call.invite, *UNAVAILABLE, tag=call.tag)
            self._end(call, "busy")
            return
        session, port = self._rng.getrandbits(31), call.media.port
        if stream is None:
            body = sdp.offer(host, port, session)
            call.media.events = sdp.EVENTS
        else:
            body = sdp.answer(offered, host, port, session)
            call.media.agree(stream)
        call.answered = self._now()
        self.counts.answered += 1
        self._set_end(call)
        self._say(
            call.invite, 200, "OK", self._contact(request), METHODS,
            tag=call.tag, body=body, unacknowledged=lambda: self._hang_up(call, "no_ack"),
        )  # fmt: skip

    def _set_end(self, call: _Call) -> None:
        talk, longest = self.settings.talk, self.settings.longest
        if talk is not None and talk <= longest:
            call.timer = self._loop.call_later(talk, self._hang_up, call, "hung_up")
        else:
            call.timer = self._loop.call_later(longest, self._hang_up, call, "leaked")

    def _invited_again(self, call: _Call, request: Request, server: ServerTransaction) -> None:
        """A re-INVITE changes nothing: the same session is described again (14.2)."""
        if call.media is None or not call.invite.answered:
            self._say(server, 491, "Request Pending", tag=call.tag)
            return
        try:
            offered = sdp.parse(request.body) if request.body else ()
        except sdp.DescriptionError:
            self._say(server, 488, "Not Acceptable Here", tag=call.tag)
            return
        stream = sdp.audio(offered)
        if stream is not None:
            call.media.agree(stream)
        host, port, session = self.address[0], call.media.port, self._rng.getrandbits(31)
        describe = sdp.answer(offered, host, port, session) if offered else b""
        body = describe or sdp.offer(host, port, session)
        call.invite = server
        self._say(server, 200, "OK", self._contact(request), tag=call.tag, body=body)

    def _acknowledged(self, call: _Call, request: Request) -> None:
        call.invite.acknowledged()
        if request.body and call.media is not None:
            try:
                stream = sdp.audio(sdp.parse(request.body))
            except sdp.DescriptionError:
                return
            if stream is not None:
                call.media.agree(stream)

    def _cancelled(self, request: Request, server: ServerTransaction) -> None:
        invite = self._endpoint.transactions.invite_of(request)
        call = self._calls.get(_key(request))
        if invite is None:
            self._say(server, 481, "Call/Transaction Does Not Exist")
            return
        self._say(server, 200, "OK")
        if call is not None and not invite.answered:
            self._say(invite, 487, "Request Terminated", tag=call.tag)
            self.counts.abandoned += 1
            self._end(call, "abandoned")

    # -- ends -------------------------------------------------------------------------------

    def _hang_up(self, call: _Call, cause: str) -> None:
        """Say BYE; the line is free at once, as it is when a caller says it."""
        if self._calls.get(call.key) is not call:
            return
        branch, bye, to = call.dialog.request(self._endpoint, "BYE")
        self._endpoint.ask("BYE", branch, bye, to, _nothing)
        self._end(call, cause)

    def _end(self, call: _Call, cause: str) -> None:
        """Free the line and write the call down."""
        del self._calls[call.key]
        if call.timer is not None:
            call.timer.cancel()
        self.counts.leaked += cause in ("leaked", "no_ack")
        if call.media is not None:
            call.media.close()
        self._note(call.invite.request, cause, call.invited, call)

    def _note(
        self, request: Request, cause: str, invited: float, call: _Call | None = None
    ) -> None:
        media = call.media if call else None
        self._on_call(
            TakenCall(
                id=request.headers["call-id"][0],
                caller=user_of(uri_of(request.headers["from"][0])),
                line=user_of(request.uri),
                cause=cause,
                invited=invited,
                answered=call.answered if call else None,
                ended=self._now(),
                digits=media.keys.digits if media else "",
                packets=media.reception.received if media else 0,
                missing=media.reception.missing if media else 0,
                jitter=media.reception.jitter if media else 0.0,
            )
        )

    def close(self) -> None:
        """Stop listening; calls that nobody ended are leaked."""
        for call in list(self._calls.values()):
            call.invite.stop()
            self._end(call, "leaked")
        self._endpoint.close()


def _key(request: Request) -> CallKey:
    headers = request.headers
    return headers["call-id"][0], parameter(headers["from"][0], "tag") or ""


def _nothing(response: Response | None) -> None:
    """Whatever the answer to a BYE of ours is, the call is over."""
