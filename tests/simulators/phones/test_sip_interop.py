"""Real peers: SIPp, baresip and kamailio, each skipped by name where it is not installed."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from pathlib import Path

import pytest
from baresip_stand import baresip, needs_baresip
from kamailio_stand import kamailio, needs_kamailio
from sip_stand import hotline_process

from harness.channels.sipp import run_sipp
from simulators.phones.sip.caller import CallerSettings, CallReport, SipCaller
from simulators.phones.trace import CallTrace, TracedCall, lost_calls

pytestmark = pytest.mark.live

needs_sipp = pytest.mark.skipif(
    shutil.which("sipp") is None, reason="sipp is not installed (apt-get install sip-tester)"
)
needs_raw_sockets = pytest.mark.skipif(
    os.geteuid() != 0, reason="sipp sends keys from a raw socket, which takes root"
)


def codes(count: int, *, apart_ms: int, hold_ms: int) -> CallTrace:
    """Calls at even intervals, with the random codes of a Poisson trace."""
    drawn = CallTrace.poisson(count, per_second=1, mean_hold=1, seed=9).calls
    return CallTrace(
        tuple(TracedCall(n, n * apart_ms, hold_ms, call.digits) for n, call in enumerate(drawn))
    )


@needs_sipp
@needs_raw_sockets
def test_sipp_keys_its_codes_into_our_hotline(tmp_path: Path) -> None:
    """150 SIPp callers on 100 lines: 100 are answered, 50 busy, and 100 codes are as keyed."""
    trace = codes(150, apart_ms=4, hold_ms=3000)
    with hotline_process(tmp_path, "--lines", "100") as hotline:
        folder = tmp_path / "sipp"
        folder.mkdir()
        run = asyncio.run(run_sipp(trace, hotline.address, "hotline", folder, timeout=40))
    served = [call for call in hotline.calls if call["cause"] == "served"]
    assert run.finished
    assert run.counts == {"answered": 100, "busy": 50, "unavailable": 0, "ended": 100}
    assert (run.created, run.failed, run.retransmissions) == (150, 0, 0)
    assert (hotline.closed["answered"], hotline.closed["refused"]) == (100, 50)
    assert (hotline.closed["leaked"], hotline.closed["most"]) == (0, 100)
    assert [call["digits"] for call in sorted(served, key=lambda call: int(call["caller"]))] == [
        trace.calls[place].digits
        for place, (what, _, _) in sorted(run.outcomes.items())
        if what == "served"
    ]


@needs_sipp
@pytest.mark.slow
def test_sipp_loses_what_a_perfect_line_loses(tmp_path: Path) -> None:
    """SIPp's calls of a trace get through our hotline as the model of the trace says, within 4 %.

    SIPp places its calls to within some milliseconds, and these hold for 300.
    """
    trace = CallTrace.poisson(400, per_second=60, mean_hold=0.3, seed=5, digits=0)
    with hotline_process(tmp_path, "--lines", "10") as hotline:
        folder = tmp_path / "sipp"
        folder.mkdir()
        run = asyncio.run(run_sipp(trace, hotline.address, "hotline", folder, timeout=40))
    assert run.finished
    assert run.failed == 0
    assert run.counts["busy"] == hotline.closed["refused"]
    assert run.counts["busy"] == pytest.approx(len(lost_calls(trace, 10)), abs=16)


@needs_baresip
def test_our_caller_keys_its_codes_into_baresip(tmp_path: Path) -> None:
    """60 callers on a baresip of 40 lines: 40 codes as keyed, and 20 times 486."""
    trace = codes(60, apart_ms=10, hold_ms=2500)
    with baresip(tmp_path, lines=40) as peer:
        report = asyncio.run(_place(trace, peer.address))
        heard_by = time.monotonic() + 5
        while peer.events.get("CALL_CLOSED", 0) < 40 and time.monotonic() < heard_by:
            time.sleep(0.02)
        heard = dict(peer.digits)
    served = [call for call in report.calls if call.cause == "served"]
    assert report.causes == {"served": 40, "busy": 20}
    assert {call.status for call in report.calls if call.cause == "busy"} == {486}
    assert [call.position for call in served] == list(range(40))
    assert {call.id: trace.calls[call.position].digits for call in served} == heard


@needs_kamailio
@pytest.mark.slow
def test_calls_through_a_proxy_keep_to_its_route(tmp_path: Path) -> None:
    """Of 30 callers 20 get one of kamailio's trunks; their keys arrive, and their BYE ends both.

    A caller whose ACK or BYE left the recorded route would keep a trunk for good: the second
    wave then would not get through.
    """
    wave = codes(30, apart_ms=10, hold_ms=1500).calls
    later = [TracedCall(c.caller + 30, c.at_ms + 3500, c.hold_ms, c.digits) for c in wave]
    trace = CallTrace((*wave, *later))
    with (
        hotline_process(tmp_path, "--lines", "100") as hotline,
        kamailio(tmp_path, hotline.address, trunks=20) as address,
    ):
        report = asyncio.run(_place(trace, address))
    assert report.causes == {"served": 40, "busy": 20}
    assert (hotline.closed["answered"], hotline.closed["leaked"]) == (40, 0)
    heard = {call["id"]: call["digits"] for call in hotline.calls}
    assert heard == {
        call.id: trace.calls[call.position].digits
        for call in report.calls
        if call.cause == "served"
    }


async def _place(trace: CallTrace, address: tuple[str, int]) -> CallReport:
    caller = SipCaller(CallerSettings(address))
    try:
        return await asyncio.wait_for(caller.place(trace), 30)
    finally:
        caller.close()
