"""Call traces: seeded, written and read without loss, and what a perfect line loses of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulators.phones.erlang import erlang_b
from simulators.phones.hotline import Call
from simulators.phones.trace import CallTrace, TracedCall, TraceError, lost_calls


def poisson(seed: int = 1, count: int = 1275) -> CallTrace:
    return CallTrace.poisson(count, per_second=71.4, mean_hold=0.3, seed=seed)


def test_the_seed_decides_the_trace() -> None:
    """The same seed gives the same calls, another seed others."""
    assert poisson(seed=1) == poisson(seed=1)
    assert poisson(seed=1) != poisson(seed=2)


def test_a_trace_survives_its_csv(tmp_path: Path) -> None:
    """Leading zeros of a code are kept, and so is everything else."""
    trace = poisson()
    assert any(call.digits.startswith("0") for call in trace.calls)
    trace.write(tmp_path / "calls.csv")
    assert CallTrace.read(tmp_path / "calls.csv") == trace


def test_codes_have_four_digits_and_all_ten_occur() -> None:
    """Every place of a code is drawn evenly."""
    codes = [call.digits for call in poisson().calls]
    assert {len(code) for code in codes} == {4}
    for place in range(4):
        assert {code[place] for code in codes} == set("0123456789")


def test_a_poisson_trace_offers_the_load_asked_for() -> None:
    """71.4 calls a second of 0.3 seconds each are 21.4 erlangs."""
    assert poisson(count=20_000).load == pytest.approx(21.4, rel=0.03)  # 4 standard errors


def test_a_perfect_line_loses_what_erlang_says() -> None:
    """Over a long trace the share lost is Erlang B's for the load."""
    trace = CallTrace.poisson(60_000, per_second=21.4, mean_hold=1.0, seed=3, digits=0)
    share = len(lost_calls(trace, 10)) / len(trace)
    assert share == pytest.approx(erlang_b(21.4, 10), abs=0.012)


def test_a_line_is_free_in_the_millisecond_in_which_its_call_ends() -> None:
    """A call of 100 ms leaves its line to one that comes 100 ms later, unless it clears late."""
    trace = CallTrace((TracedCall(0, 0, 100), TracedCall(1, 99, 5), TracedCall(2, 100, 5)))
    assert lost_calls(trace, 1) == {1}
    assert lost_calls(trace, 1, clearing_ms=80) == {1, 2}
    assert lost_calls(trace, 2) == frozenset()
    assert lost_calls(trace, 0) == {0, 1, 2}


def test_a_night_becomes_a_trace() -> None:
    """Calls keep their trunk from dialling to the end; the busy ones get the hold given."""
    night = [
        Call(7, "hotline", "IA-0001", 120.0, answered=180.0, ended=360.0, cause="served"),
        Call(8, "hotline", "", 60.0, ended=60.0, cause="busy"),
    ]
    trace = CallTrace.of_calls(night, speed=60, turned_away_hold=30)
    assert trace.calls == (
        TracedCall(8, 1000, 500, "", "other"),
        TracedCall(7, 2000, 4000, "", "report"),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("who,when\n", r"calls\.csv:1: found 'who,when', but a trace begins with 'caller,"),
        ("caller,at_ms,hold_ms,digits,kind\n1,2,3\n", r"calls\.csv:2: 3 cells, but a call has 5"),
        ("caller,at_ms,hold_ms,digits,kind\n1,x,3,,r\n", r"calls\.csv:2: .*'x'"),
        ("caller,at_ms,hold_ms,digits,kind\n1,2,3,12a4,r\n", r"calls\.csv:2: .*keypad.*'a'"),
        ("caller,at_ms,hold_ms,digits,kind\n1,9,3,,r\n1,2,3,,r\n", r"sort the calls by at_ms"),
    ],
)
def test_a_bad_trace_is_refused_by_file_and_line(tmp_path: Path, text: str, told: str) -> None:
    """Whoever wrote the file learns where to look."""
    (tmp_path / "calls.csv").write_text(text)
    with pytest.raises(TraceError, match=told):
        CallTrace.read(tmp_path / "calls.csv")
