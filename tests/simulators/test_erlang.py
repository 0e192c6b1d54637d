"""Telephone theory against published values, and the hotline against the theory."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator
from statistics import fmean

import pytest

from simulators.phones.erlang import (
    answered_within,
    erlang_b,
    erlang_c,
    extended_erlang_b,
    hold_quantile,
    impatient_line,
    lines_for,
    load_for,
    patient_line,
)
from simulators.phones.hotline import Call, Hotline


@pytest.mark.parametrize(
    ("found", "published"),
    [
        (load_for(15, 0.01), 8.108),  # erlang.com calculator manual
        (erlang_b(25, 30), 0.052603),  # Wolfram Language documentation gives 0.05
        (extended_erlang_b(5.5, 10, 0.5), 0.0315),  # erlang.com manual: 10 lines are too few
        (erlang_c(10, 14), 0.1741319),  # pyworkforce: 100 calls in 30 min, 3 min each
        (answered_within(100 / 1800, 180, 14, 20), 0.888),
        (patient_line(100 / 1800, 180, 14).occupancy, 0.714),
        (impatient_line(100 / 1800, 180, 13, 300).abandons, 0.02496),  # pyworkforce, Erlang A
        (impatient_line(100 / 1800, 180, 13, 300).waits, 0.22580),
        (impatient_line(100 / 1800, 180, 13, 300).occupancy, 0.75003),
        (impatient_line(100 / 1800, 180, 13, 300).mean_wait / 60, 0.12482),
        (patient_line(0.8, 60, 50).mean_wait, 20.83),  # the setting of Garnett et al. 2002
        (hold_quantile(0.8, 60, 50, 0.9), 58.14),
        (impatient_line(0.8, 60, 50, 120).abandons, 0.0309),
        (impatient_line(0.8, 60, 50, 120).mean_wait, 3.71),
        (impatient_line(0.8, 60, 50, 120).mean_holding, 2.97),
    ],
)
def test_formulas_give_the_published_values(found: float, published: float) -> None:
    """Erlang B, extended B, C and A give the values in print."""
    assert found == pytest.approx(published, rel=1e-3, abs=5e-4)


def test_lines_for_gives_the_published_sizes() -> None:
    """33.333 erlangs at 1 % need 45 lines; 5.5 at 3 % with half redialling need 11."""
    assert lines_for(33.333, 0.01) == 45
    assert lines_for(5.5, 0.03, recall=0.5) == 11
    assert lines_for(5.5, 0.03) < 11


def test_large_lines_stay_finite() -> None:
    """A hundred thousand lines, a deep overload and an idle line all give shares."""
    # B at load = lines falls as sqrt(2 / (pi * lines)).
    assert erlang_b(1e5, 100_000) == pytest.approx((2 / 3.14159265 / 1e5) ** 0.5, rel=1e-2)
    assert 0 < erlang_c(99_000, 100_000) < 0.01
    assert impatient_line(100, 60, 1000, 60).abandons == pytest.approx(5 / 6, rel=1e-9)
    assert impatient_line(0.001, 60, 1000, 60).mean_wait == 0
    assert impatient_line(10, 60, 1000, 1e5).occupancy == pytest.approx(0.6, rel=1e-9)


def test_more_patience_turns_the_impatient_line_into_the_patient_one() -> None:
    """Erlang A with endless patience is Erlang C."""
    patient = patient_line(0.8, 60, 50)
    endless = impatient_line(0.8, 60, 50, 1e7)
    assert endless.waits == pytest.approx(patient.waits, rel=1e-3)
    assert endless.mean_wait == pytest.approx(patient.mean_wait, rel=2e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: erlang_b(-1, 3), "load=-1"),
        (lambda: lines_for(5, 0), "blocking=0"),
        (lambda: load_for(0, 0.1), "lines=0"),
        (lambda: extended_erlang_b(5, 3, 1.0), "recall=1.0"),
        (lambda: erlang_c(5, 0), "agents=0"),
        (lambda: patient_line(1, 60, 60), "never settles"),
        (lambda: hold_quantile(0.8, 60, 50, 1.0), "share=1.0"),
        (lambda: impatient_line(1, 60, 60, 0), "mean_patience=0"),
    ],
)
def test_impossible_arguments_are_named(call: Callable[[], object], message: str) -> None:
    """Every argument out of its range is refused by name."""
    with pytest.raises(ValueError, match=message):
        call()


def play(
    hotline: Hotline,
    *,
    per_second: float,
    talk: float,
    patience: float | None = None,
    count: int,
    seed: int,
) -> list[Call]:
    """Drive the hotline with Poisson callers and exponential talk, nothing else."""
    rng = random.Random(seed)
    numbers: Iterator[int] = iter(range(10 * count))
    queue: list[tuple[float, int, str, Call]] = []

    def converse(call: Call, now: float) -> None:
        ends = now + rng.expovariate(1 / talk)
        heapq.heappush(queue, (ends, next(numbers), "ends", call))

    calls, due = [], 0.0
    for caller in range(count):
        due += rng.expovariate(per_second)
        calls.append(Call(caller, "hotline", "", due))
        heapq.heappush(queue, (due, next(numbers), "dials", calls[-1]))
    while queue:
        now, _, what, call = heapq.heappop(queue)
        if what == "dials" and hotline.dial(call, now):
            if call.agent is not None:
                converse(call, now)
            elif patience is not None:
                tired = now + rng.expovariate(1 / patience)
                heapq.heappush(queue, (tired, next(numbers), "tires", call))
        elif what == "tires":
            hotline.leave(call, now, "abandoned")
        elif what == "ends":
            assert call.agent is not None
            hotline.end(call, now)
            answered = hotline.free(call.agent, now)
            if answered is not None:
                converse(answered, now)
    return calls


def test_hotline_without_a_queue_is_erlang_b() -> None:
    """With as many trunks as agents, the share of busy signals is Erlang B."""
    calls = play(Hotline(agents=10, trunks=10), per_second=0.9, talk=10, count=60_000, seed=3)
    busy = fmean(call.cause == "busy" for call in calls)
    assert busy == pytest.approx(erlang_b(9, 10), rel=0.04)


def test_hotline_with_patient_callers_is_erlang_c() -> None:
    """Without limit on holding, the shares and times of waiting are Erlang C."""
    calls = play(Hotline(agents=10), per_second=0.8, talk=10, count=80_000, seed=5)
    line = patient_line(0.8, 10, 10)
    assert fmean(call.held > 0 for call in calls) == pytest.approx(line.waits, rel=0.04)
    assert fmean(call.held for call in calls) == pytest.approx(line.mean_wait, rel=0.08)


def test_hotline_with_one_agent_is_the_single_queue() -> None:
    """One agent at half load: the mean hold is the M/M/1 result, rho / (mu - lambda)."""
    calls = play(Hotline(agents=1), per_second=0.5, talk=1, count=100_000, seed=8)
    assert fmean(call.held for call in calls) == pytest.approx(1.0, rel=0.05)


def test_hotline_with_impatient_callers_is_erlang_a() -> None:
    """Callers who tire leave in the share of Erlang A, and hold as long."""
    hotline = Hotline(agents=10)
    calls = play(hotline, per_second=1.1, talk=10, patience=20, count=80_000, seed=13)
    line = impatient_line(1.1, 10, 10, 20)
    assert fmean(call.cause == "abandoned" for call in calls) == pytest.approx(
        line.abandons, rel=0.04
    )
    assert fmean(call.held for call in calls) == pytest.approx(line.mean_wait, rel=0.05)
    assert hotline.holding == 0
