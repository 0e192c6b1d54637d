"""The line test, from the claim to the finding, with calls really placed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import polars as pl
import pytest

from harness.channels.sip import LineTest, line_trace
from harness.checks.line_capacity import behaves_like, check, interval, most_at_once
from harness.ledger.line_record import calls_of_lines, line_records
from harness.record import CALLS, Finding, RunFolder, Status
from simulators.phones.sip.peers import PeerError
from simulators.phones.trace import lost_calls

sys.path.insert(0, str(Path(__file__).parents[1] / "simulators" / "phones"))
from sip_stand import hotline_process

pytestmark = pytest.mark.live

needs_sipp = pytest.mark.skipif(
    shutil.which("sipp") is None, reason="sipp is not installed (apt-get install sip-tester)"
)


def folder_in(path: Path) -> RunFolder:
    folder = RunFolder.create(path / "run")
    folder.write_info({"fields": [], "target": {}})
    return folder


def finding_of(folder: RunFolder) -> Finding:
    (finding,) = check(folder)
    return finding


def run_against(path: Path, *, lines: int, claimed: int, caller: str = "ours") -> RunFolder:
    """A run folder with a line test of a hotline that has ``lines``."""
    folder = folder_in(path)
    with (
        hotline_process(path, "--lines", str(lines)) as hotline,
        LineTest(
            hotline.address,
            "strike",
            claimed,
            60.0,
            1,
            folder.path,
            line="strike",
            trunk="main",
            speed=240.0,
            begins=120.0,
            caller=caller,
        ),
    ):
        pass
    return folder


@pytest.mark.slow
def test_a_line_that_carries_what_it_claims_passes(tmp_path: Path) -> None:
    """Eight lines claimed, eight there: it loses what eight perfect lines lose."""
    folder = run_against(tmp_path, lines=8, claimed=8)
    finding = finding_of(folder)
    figures = finding.figures
    assert finding.status is Status.PASS, finding.answer
    assert finding.name == "line_capacity:strike"
    assert (figures["lines_claimed"], figures["lines_like"], figures["most_at_once"]) == (8, 8, 8)
    assert figures["n"] == len(line_trace(8, 60.0, speed=240.0, seed=1))
    low, high = figures["predicted_lower"], figures["predicted_upper"]
    assert low is not None
    assert high is not None
    assert low < (figures["predicted"] or 0) < high
    calls = calls_of_lines(folder.path)
    assert calls.schema == CALLS
    assert len(calls) == figures["n"]
    assert calls["role"].cast(pl.String).unique().to_list() == ["line_test"]
    assert float(calls["dialled_drill"].min() or 0) >= 120.0  # type: ignore[arg-type]
    assert calls.filter(pl.col("cause").cast(pl.String) == "busy").height == figures["k"]


@pytest.mark.slow
def test_a_line_that_claims_too_much_fails(tmp_path: Path) -> None:
    """Eight lines claimed, six there: the finding says that it behaves like six."""
    finding = finding_of(run_against(tmp_path, lines=6, claimed=8))
    assert finding.status is Status.FAIL
    assert finding.figures["most_at_once"] == 6
    assert finding.figures["lines_like"] in (5, 6)
    assert finding.offenders > 0
    assert "behaves like" in finding.answer


@pytest.mark.slow
@needs_sipp
def test_sipp_tests_a_line_as_well(tmp_path: Path) -> None:
    """The same trace by SIPp leaves the same record and comes to the same answer."""
    finding = finding_of(run_against(tmp_path, lines=6, claimed=8, caller="sipp"))
    assert finding.status is Status.FAIL
    assert finding.figures["most_at_once"] in (6, 7)  # an end is noted when its BYE is answered


def test_a_test_cut_short_says_nothing_of_the_line(tmp_path: Path) -> None:
    """Stopping it hangs up at once, and leaves a record that passes nothing."""
    folder = folder_in(tmp_path)
    with hotline_process(tmp_path, "--lines", "3") as hotline:
        test = LineTest(hotline.address, "", 20, 3600.0, 1, folder.path)
        test.start()
        assert test.finish(timeout=1.5) is False
        assert not test.running
    assert test.path.exists()
    assert hotline.closed["leaked"] == 0
    finding = finding_of(folder)
    assert finding.status is Status.UNKNOWN


def test_a_run_without_a_line_asks_nothing(tmp_path: Path) -> None:
    """Where no line is claimed the question does not arise."""
    assert finding_of(folder_in(tmp_path)).status is Status.NOT_APPLICABLE


def test_a_number_elsewhere_is_not_called(tmp_path: Path) -> None:
    """Only this machine, and hosts that the permit lists, are called."""
    with pytest.raises(PeerError, match="is not this machine"):
        LineTest("198.51.100.9:5060", "strike", 30, 120, 1, tmp_path)
    LineTest("198.51.100.9:5060", "strike", 30, 120, 1, tmp_path, own=["198.51.100.9:5060"])


def test_the_trace_offers_more_than_the_claim_carries() -> None:
    """Thirty lines get 38.5 erlangs, and at least 25 calls a line."""
    trace = line_trace(30, 120, speed=120, seed=3)
    assert len(trace) == 750
    assert trace.load == pytest.approx(38.5, rel=0.1)
    assert trace == line_trace(30, 120, speed=120, seed=3)
    assert len(lost_calls(trace, 30)) > 75


def write_record(folder: RunFolder, *, lines: int, claimed: int, void: str = "") -> None:
    """The record that a perfect line of ``lines`` would leave."""
    from simulators.phones.sip.journal import Journal

    trace = line_trace(claimed, 60.0, speed=60.0, seed=2)
    path = folder.path / "ledger" / "sip-line.jsonl"
    trace.write(path.with_suffix(".csv"))
    header = {"line": "line", "lines": claimed, "load": trace.load, "to": "127.0.0.1:5060"}
    journal, lost = Journal(path, header), lost_calls(trace, lines)
    from simulators.phones.sip.caller import PlacedCall

    for place, call in enumerate(trace.calls):
        at, busy = call.at_ms / 1000, place in lost
        ended = at if busy else at + call.hold_ms / 1000
        journal.call(
            PlacedCall(
                place, call.caller, f"{place}@x", "busy" if busy else "served",
                486 if busy else 200, at, at, None if busy else at, ended, 0.001,
            )
        )  # fmt: skip
    journal.close({"calls": len(trace), "void": void, "stopped": False})


def test_one_line_fewer_is_noticed(tmp_path: Path) -> None:
    """Where twelve are claimed and eleven answer, the check says eleven."""
    folder = folder_in(tmp_path)
    write_record(folder, lines=11, claimed=12)
    (record,) = line_records(folder.path)
    assert behaves_like(record.placed, record.lost, 12) == 11
    assert most_at_once(record) == 11
    assert finding_of(folder).status is Status.FAIL


def test_a_stalled_caller_voids_the_test(tmp_path: Path) -> None:
    """What a generator saw that stood still itself is no evidence against the line."""
    folder = folder_in(tmp_path)
    write_record(folder, lines=6, claimed=12, void="the caller itself stood still for 0.9 s")
    finding = finding_of(folder)
    assert finding.status is Status.UNKNOWN
    assert "stood still" in finding.answer


def test_the_interval_holds_erlangs_prediction(tmp_path: Path) -> None:
    """Repeated runs of the claim surround the formula, and a binomial interval is narrower."""
    folder = folder_in(tmp_path)
    write_record(folder, lines=12, claimed=12)
    (record,) = line_records(folder.path)
    low, high = interval(record, 12, len(record.placed))
    assert low < (finding_of(folder).figures["predicted"] or 0) < high
    assert high - low > 0.06  # 300 calls at 0.25 give a binomial interval of 0.10 at most
