"""Our SIP caller and our SIP hotline, over real sockets on this machine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from simulators.phones.sip.caller import CallerSettings, CallReport, PlacedCall, SipCaller
from simulators.phones.sip.hotline import HotlineSettings, SipHotline, TakenCall
from simulators.phones.sip.peers import PeerError
from simulators.phones.trace import CallTrace, TracedCall


@dataclass
class Night:
    """What both ends saw."""

    report: CallReport
    taken: list[TakenCall]
    hotline: SipHotline

    @property
    def heard(self) -> dict[str, TakenCall]:
        return {call.id: call for call in self.taken}


def play(
    trace: CallTrace,
    settings: HotlineSettings,
    *,
    meanwhile: Callable[[SipHotline, SipCaller], Awaitable[None]] | None = None,
    ring_limit: float = 60.0,
) -> Night:
    """Place a trace on a hotline in one loop."""

    async def main() -> Night:
        taken: list[TakenCall] = []
        hotline = SipHotline(settings, on_call=taken.append)
        caller = SipCaller(CallerSettings(hotline.address, ring_limit=ring_limit))
        try:
            placing = asyncio.ensure_future(caller.place(trace))
            if meanwhile is not None:
                await meanwhile(hotline, caller)
            report = await asyncio.wait_for(placing, 20)
        finally:
            caller.close()
            hotline.close()
        return Night(report, taken, hotline)

    return asyncio.run(main())


def together(count: int, hold_ms: int, digits: str = "") -> CallTrace:
    """Calls dialled at the same moment."""
    return CallTrace(tuple(TracedCall(each, 0, hold_ms, digits) for each in range(count)))


def test_every_digit_of_every_call_is_heard() -> None:
    """A hundred random codes keyed at once arrive as they were keyed, doubled digits too."""
    trace = CallTrace.poisson(100, per_second=400, mean_hold=0.3, seed=4)
    assert any(
        a == b for call in trace.calls for a, b in zip(call.digits, call.digits[1:], strict=False)
    )
    night = play(trace, HotlineSettings(lines=100))
    assert night.report.causes == {"served": 100}
    for placed in night.report.calls:
        assert night.heard[placed.id].digits == trace.calls[placed.position].digits
        assert placed.digits == trace.calls[placed.position].digits
        assert night.heard[placed.id].missing == 0


def test_a_full_hotline_says_busy() -> None:
    """Of 15 callers at once 10 get a line, and 5 hear the busy tone at once."""
    night = play(together(15, 300), HotlineSettings(lines=10, retry_after=30))
    assert night.report.causes == {"served": 10, "busy": 5}
    assert {call.status for call in night.report.calls if call.cause == "busy"} == {486}
    assert night.hotline.counts.most == 10
    assert night.hotline.counts.leaked == 0


def test_a_hotline_without_trunks_says_unavailable() -> None:
    """503 is what a carrier says whose trunks are full; to the caller it is busy too."""
    night = play(together(3, 50), HotlineSettings(lines=1, full="unavailable"))
    assert sorted(call.status or 0 for call in night.report.calls) == [200, 503, 503]
    assert night.report.causes == {"served": 1, "busy": 2}


def test_a_line_is_free_for_the_next_caller_once_the_call_is_over() -> None:
    """One line carries three calls that follow one another."""
    trace = CallTrace(tuple(TracedCall(n, n * 150, 50) for n in range(3)))
    assert play(trace, HotlineSettings(lines=1)).report.causes == {"served": 3}


def test_the_delay_until_it_rings_is_measured() -> None:
    """Ringing comes at once however long it takes until somebody answers."""
    night = play(together(1, 20), HotlineSettings(lines=1, ring=0.3))
    (call,) = night.report.calls
    assert call.post_dial_delay is not None
    assert call.post_dial_delay < 0.25
    assert call.answered is not None
    assert call.answered - call.dialled > 0.29


def test_a_caller_gives_up_when_it_rings_too_long() -> None:
    """CANCEL ends the ringing on both sides, and frees the line."""
    night = play(together(1, 20), HotlineSettings(lines=1, ring=5.0), ring_limit=0.2)
    assert night.report.causes == {"no_answer": 1}
    assert [call.cause for call in night.taken] == ["abandoned"]
    assert night.report.calls[0].status == 487


def test_a_hotline_may_hang_up_first() -> None:
    """The caller hears that the far end ended the call before its hold was over."""
    night = play(together(2, 5000), HotlineSettings(lines=2, talk=0.1))
    assert night.report.causes == {"app_hung_up": 2}
    assert {call.cause for call in night.taken} == {"hung_up"}


def test_a_call_that_nobody_ends_is_leaked() -> None:
    """A hotline ends it after its longest call, and counts it."""
    night = play(together(1, 5000), HotlineSettings(lines=1, longest=0.1))
    assert night.hotline.counts.leaked == 1
    assert [call.cause for call in night.taken] == ["leaked"]


def test_stopping_hangs_up() -> None:
    """A caller told to stop ends its calls, and the hotline is left with none."""

    async def stop(hotline: SipHotline, caller: SipCaller) -> None:
        await asyncio.sleep(0.15)
        assert hotline.in_use == 5
        await caller.stop(0.3)
        assert hotline.in_use == 0

    trace = CallTrace((*together(5, 9000).calls, TracedCall(9, 5000, 10)))
    night = play(trace, HotlineSettings(lines=9), meanwhile=stop)
    assert night.report.causes == {"cut": 5}
    assert night.hotline.counts.leaked == 0


def test_a_silent_hotline_answers_nobody() -> None:
    """INVITEs come in and nothing goes out; the caller sends again by SIP's own half second."""

    async def stop(hotline: SipHotline, caller: SipCaller) -> None:
        await asyncio.sleep(0.7)
        assert hotline.counts.unheard == 2  # the INVITE, and once more after T1
        assert hotline.counts.traffic.sent == 0
        await caller.stop(0.0)

    night = play(together(1, 10), HotlineSettings(lines=1, silent=True), meanwhile=stop)
    assert night.report.calls[0].answered is None
    assert night.report.traffic.resent.requests == 1


def test_a_far_end_that_is_not_this_machine_is_refused() -> None:
    """A call elsewhere costs money: it is only placed where the operator says it is their own."""

    async def dial(own: tuple[str, ...]) -> None:
        SipCaller(CallerSettings(("192.0.2.1", 5060), own=own)).close()

    with pytest.raises(PeerError, match=r"192\.0\.2\.1 is not this machine.*--own"):
        asyncio.run(dial(()))


def test_a_contact_elsewhere_is_not_followed() -> None:
    """A far end on this machine cannot send our ACK and BYE to another one."""
    far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    far.bind(("127.0.0.1", 0))
    far.settimeout(5)

    async def dial() -> tuple[CallReport, list[bytes]]:
        loop, heard = asyncio.get_running_loop(), list[bytes]()

        def answer() -> None:
            invite, source = far.recvfrom(4096)
            lines = invite.decode().split("\r\n")
            kept = [x for x in lines if x.startswith(("Via:", "From:", "Call-ID:", "CSeq:"))]
            to = next(x for x in lines if x.startswith("To:"))
            said = ["SIP/2.0 200 OK", *kept, f"{to};tag=x", "Contact: <sip:a@198.51.100.7>", "", ""]
            far.sendto("\r\n".join(said).encode(), source)
            heard.append(far.recv(4096))
            bye = far.recv(4096)
            heard.append(bye)
            lines = bye.decode().split("\r\n")
            kept = [x for x in lines if x.startswith(("Via:", "From:", "To:", "Call-ID:", "CSeq:"))]
            far.sendto("\r\n".join(["SIP/2.0 200 OK", *kept, "", ""]).encode(), source)

        caller = SipCaller(CallerSettings(far.getsockname()))
        answering = loop.run_in_executor(None, answer)
        report = await asyncio.wait_for(caller.place(together(1, 50)), 10)
        await answering
        caller.close()
        return report, heard

    try:
        report, heard = asyncio.run(dial())
    finally:
        far.close()
    assert [each.split()[0] for each in heard] == [b"ACK", b"BYE"]
    assert report.causes == {"served": 1}
    assert report.traffic.withheld == 0


def test_calls_beyond_the_bound_are_shed_and_said() -> None:
    """A caller that may have three calls open does not dial the fourth, and says so."""

    async def main() -> CallReport:
        hotline = SipHotline(HotlineSettings(lines=9))
        told: list[PlacedCall] = []
        caller = SipCaller(CallerSettings(hotline.address, in_flight=3), on_call=told.append)
        try:
            report = await asyncio.wait_for(caller.place(together(4, 100)), 10)
        finally:
            caller.close()
            hotline.close()
        assert len(told) == 4
        return report

    assert asyncio.run(main()).causes == {"served": 3, "shed": 1}
