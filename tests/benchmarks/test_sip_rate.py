"""Our SIP caller and hotline beside SIPp, on the same machine in the same run.

Run with ``pytest tests/benchmarks/test_sip_rate.py --benchmark-only``. What is compared is calls
a second of processor time, since two programs share the machine while they call each other; a
call is set up, acknowledged and taken down, with a session description and no keys. SIPp is
told its own way of doing the same (``-sn uac``), and its answerer is the one we generate.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.channels.sipp import last_row
from harness.channels.sipp_scenario import answerer_scenario
from simulators.phones.trace import CallTrace, TracedCall

ROOT = Path(__file__).parents[2]
HOTLINE_RATE, CALLER_RATE = 1500, 500  # calls a second
SECONDS = 4
needs_sipp = pytest.mark.skipif(
    shutil.which("sipp") is None, reason="sipp is not installed (apt-get install sip-tester)"
)


@dataclass
class Done:
    """A program that has ended: its output, and the processor seconds it took."""

    said: str = ""
    cpu: float = 0.0


def wait_for(process: subprocess.Popen[str], done: Done, limit: float = 60.0) -> None:
    """Wait for a program, kill it after ``limit`` seconds, and note its processor time."""
    until = time.monotonic() + limit
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > until:
            process.kill()
            until += limit
        time.sleep(0.02)
    process.returncode = os.waitstatus_to_exitcode(status)
    done.cpu = usage.ru_utime + usage.ru_stime
    if process.stdin is not None:
        process.stdin.close()
    if process.stdout is not None:
        done.said += process.stdout.read()
        process.stdout.close()


def ours(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "simulators.phones.sip", *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@contextmanager
def our_hotline(done: Done) -> Iterator[str]:
    """Our hotline with room for all; its summary and processor time are in ``done`` after it."""
    process = ours("hotline", "--lines", "20000", "--leash")
    assert process.stdin
    assert process.stdout
    try:
        yield json.loads(process.stdout.readline())["address"]
    finally:
        process.stdin.close()
        wait_for(process, done)


@contextmanager
def sipp_answerer(folder: Path, done: Done, calls: int) -> Iterator[str]:
    """SIPp answering ``calls`` calls."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "answer.xml").write_text(answerer_scenario())
    process = sipp(folder, "-sf", "answer.xml", "-p", str(port), "-m", str(calls))
    time.sleep(0.5)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        wait_for(process, done, 10)


def sipp(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            "sipp", *words, "-i", "127.0.0.1", "-mi", "127.0.0.1", "-nostdin", "-buff_size",
            "4194304", "-recv_timeout", "10000",
        ],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip


def sipp_calls(folder: Path, address: str, rate: int) -> tuple[Done, dict[str, str]]:
    """SIPp's own caller at so many calls a second: processor time, and its statistics."""
    done = Done()
    process = sipp(
        folder, address, "-sn", "uac", "-d", "0", "-r", str(rate), "-m", str(rate * SECONDS),
        "-l", "5000", "-trace_stat", "-stf", "caller.csv", "-fd", "1",
    )  # fmt: skip
    wait_for(process, done)
    return done, last_row(folder / "caller.csv")


def our_calls(folder: Path, address: str, rate: int) -> tuple[Done, dict[str, Any]]:
    """Our caller, evenly at so many calls a second: processor time, and its summary."""
    calls = (TracedCall(n, n * 1000 // rate, 0) for n in range(rate * SECONDS))
    CallTrace(tuple(calls)).write(folder / "calls.csv")
    done, process = Done(), ours("call", "--to", address, "--trace", str(folder / "calls.csv"))
    wait_for(process, done)
    return done, json.loads(done.said)


@needs_sipp
@pytest.mark.benchmark(group="sip")
def test_our_hotline_beside_sipps_answerer(benchmark: Any, tmp_path: Path) -> None:
    """1,500 calls a second from SIPp, every one answered once and none sent twice."""
    ours_done, sipp_done = Done(), Done()

    def drive() -> dict[str, str]:
        with our_hotline(ours_done) as address:
            return sipp_calls(tmp_path, address, HOTLINE_RATE)[1]

    stats = benchmark.pedantic(drive, rounds=1)
    closed = json.loads(ours_done.said)
    calls = HOTLINE_RATE * SECONDS
    assert (int(stats["SuccessfulCall(C)"]), int(stats["FailedCall(C)"])) == (calls, 0)
    assert int(stats["Retransmissions(C)"]) == 0
    assert (closed["answered"], closed["leaked"]) == (calls, 0)
    with sipp_answerer(tmp_path, sipp_done, calls) as address:
        sipp_calls(tmp_path, address, HOTLINE_RATE)
    benchmark.extra_info["calls a CPU second, ours"] = round(calls / ours_done.cpu)
    benchmark.extra_info["calls a CPU second, SIPp"] = round(calls / sipp_done.cpu)
    benchmark.extra_info["ours to SIPp"] = round(sipp_done.cpu / ours_done.cpu, 3)


@needs_sipp
@pytest.mark.benchmark(group="sip")
def test_our_caller_beside_sipps(benchmark: Any, tmp_path: Path) -> None:
    """500 calls a second into SIPp's answerer, every one answered and none sent twice."""
    calls, answered, again = CALLER_RATE * SECONDS, Done(), Done()

    def drive() -> tuple[Done, dict[str, Any]]:
        with sipp_answerer(tmp_path, answered, calls) as address:
            return our_calls(tmp_path, address, CALLER_RATE)

    ours_done, summary = benchmark.pedantic(drive, rounds=1)
    assert summary["causes"] == {"served": calls}
    assert summary["traffic"]["resent"]["requests"] == 0
    assert summary["void"] == ""
    with sipp_answerer(tmp_path, again, calls) as address:
        sipp_done, _ = sipp_calls(tmp_path, address, CALLER_RATE)
    benchmark.extra_info["calls a CPU second, ours"] = round(calls / ours_done.cpu)
    benchmark.extra_info["calls a CPU second, SIPp"] = round(calls / sipp_done.cpu)
    benchmark.extra_info["ours to SIPp"] = round(sipp_done.cpu / ours_done.cpu, 3)
