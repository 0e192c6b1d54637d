"""The queue model against Erlang's formulas and against an exact chain for redials.

Each comparison plays several seeds and asks whether the exact value lies within the confidence
interval of their mean; that the interval is narrow is asked too. The values come from the
published sources that SOURCES.md S16 lists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import fmean, stdev

import numpy as np
import polars as pl
import pytest
from exact_chain import Chain, settle

from simulators.phones.callers import Callers, Redial, Talk
from simulators.phones.erlang import (
    answered_within,
    erlang_b,
    extended_erlang_b,
    impatient_line,
    patient_line,
)
from simulators.phones.line_calls import LineCalls
from simulators.phones.queue_model import Line, play_line

SEEDS = range(1, 9)
CALLERS = 12_000
ALMOST_SURE = 5.41  # Student's t with 7 degrees of freedom: misses once in a thousand


def poisson(per_second: float, seed: int, count: int = CALLERS) -> np.ndarray:
    """Arrivals at a steady rate."""
    return np.cumsum(np.random.default_rng(seed).standard_exponential(count) / per_second)


def plays(line: Line, per_second: float, **callers: object) -> list[LineCalls]:
    """One play a seed."""
    settings = {"talk": Talk(1.0), **callers}
    return [
        play_line([Callers("c", poisson(per_second, seed), **settings)], line, seed=seed)
        for seed in SEEDS
    ]


def settled(calls: LineCalls) -> pl.DataFrame:
    """The calls of the middle: the line has filled, and still gets callers."""
    last = calls.people["first"].max()
    return calls.table.filter(pl.col("dialled").is_between(0.1 * last, last))


def blocked(calls: LineCalls) -> float:
    return float((settled(calls)["cause"] == "busy").mean())


def let_in(calls: LineCalls) -> pl.DataFrame:
    until = pl.coalesce("answered", "ended")
    return (
        settled(calls)
        .filter(pl.col("cause") != "busy")
        .with_columns(held=until - pl.col("dialled"))
    )


def abandoned(calls: LineCalls) -> float:
    return float((let_in(calls)["cause"] == "abandoned").mean())


def waited(calls: LineCalls) -> float:
    return float((let_in(calls)["held"] > 0).mean())


def hold(calls: LineCalls) -> float:
    return float(let_in(calls)["held"].mean())


def assert_agrees(
    found: Sequence[LineCalls],
    figure: Callable[[LineCalls], float],
    exact: float,
    *,
    within: float = 0.1,
) -> None:
    """The exact value lies in the interval of the mean, and the interval is narrow."""
    values = [figure(each) for each in found]
    error = ALMOST_SURE * stdev(values) / len(values) ** 0.5
    assert error < within * exact, f"too few calls to say: {fmean(values):.5f} +- {error:.5f}"
    assert abs(fmean(values) - exact) < error, f"{fmean(values):.5f} +- {error:.5f}, not {exact}"


@pytest.mark.parametrize("talk", [Talk(1.0), Talk(1.0, sigma=0.8)], ids=["exponential", "log"])
def test_a_line_without_waiting_is_erlang_b(talk: Talk) -> None:
    """Blocking depends on the mean talk alone, not on its distribution."""
    found = plays(Line(10, trunks=10), 9.0, talk=talk)
    assert_agrees(found, blocked, erlang_b(9, 10))


def test_a_menu_is_erlang_b_with_a_line_for_each_trunk() -> None:
    """What the app answers itself has no agents: 21.4 erlangs on 10 trunks lose 56.5 of 100."""
    exact = erlang_b(21.4, 10)
    assert exact == pytest.approx(0.565, abs=5e-4)
    assert_agrees(plays(Line(None, trunks=10), 21.4), blocked, exact, within=0.03)


def test_patient_callers_are_erlang_c() -> None:
    """Shares and times of waiting; the hold itself is exponential."""
    found, exact = plays(Line(10), 7.0), patient_line(7.0, 1.0, 10)
    assert_agrees(found, waited, exact.waits)
    assert_agrees(found, hold, exact.mean_wait, within=0.25)
    soon = answered_within(7.0, 1.0, 10, 0.4)
    assert_agrees(found, lambda each: float(each.answered_within(0.4) or 0.0), soon)


def test_impatient_callers_are_erlang_a() -> None:
    """Who tires leaves in the share of Erlang A, and holds as long."""
    found, exact = plays(Line(10), 11.0, patience=2.0), impatient_line(11.0, 1.0, 10, 2.0)
    assert_agrees(found, abandoned, exact.abandons)
    assert_agrees(found, waited, exact.waits)
    assert_agrees(found, hold, exact.mean_wait)


REDIALS = Chain(
    arrive=20, serve=1, agents=10, trunks=30, leave=0.5, again=0.25, busy=0.8, abandoned=0.5,
    at_home=400,
)  # fmt: skip


def test_redials_are_the_exact_chain() -> None:
    """Twenty callers a minute for ten agents, who dial again: blocking .569, abandonment .490."""
    exact = settle(REDIALS)
    assert exact.cut < 1e-9
    assert exact.blocked == pytest.approx(0.56927, abs=5e-6)
    assert exact.abandoned == pytest.approx(0.49045, abs=5e-6)
    assert exact.mean_wait == pytest.approx(0.98089, abs=5e-6)
    redial = Redial(busy=0.8, abandoned=0.5, delay=4.0)
    found = plays(Line(10, trunks=30), 20.0, patience=2.0, redial=redial)
    assert_agrees(found, blocked, exact.blocked, within=0.04)
    assert_agrees(found, abandoned, exact.abandoned, within=0.03)
    assert_agrees(found, hold, exact.mean_wait, within=0.03)


def test_a_quieter_line_with_redials_is_the_exact_chain() -> None:
    """Also where busy tones, holds and answers are all common."""
    chain = Chain(4.5, 1.0, 4, 7, 0.7, 1.5, 0.7, 0.6, 60)
    exact = settle(chain)
    redial = Redial(busy=0.7, abandoned=0.6, delay=1 / 1.5)
    found = plays(Line(4, trunks=7), 4.5, patience=1 / 0.7, redial=redial)
    assert_agrees(found, blocked, exact.blocked)
    assert_agrees(found, abandoned, exact.abandoned)
    assert_agrees(found, hold, exact.mean_wait)


def test_one_agent_and_stubborn_redials_have_three_at_home() -> None:
    """M/M/1 with retrials: rho / (1 - rho) (rho + lambda / theta) = 3 mean to dial again."""
    exact = settle(Chain(0.5, 1.0, 1, 1, 0.0, 0.2, 1.0, 0.0, 400))
    assert exact.at_home == pytest.approx(3.0, rel=1e-6)
    found = plays(Line(1, trunks=1), 0.5, redial=Redial(busy=1.0, delay=5.0))

    def at_home(calls: LineCalls) -> float:
        """By Little's law from the time between first dialling and the answer."""
        people = calls.people.filter(pl.col("caller") > CALLERS // 10)
        return 0.5 * float((people["answered"] - people["first"]).mean())

    assert_agrees(found, at_home, 3.0, within=0.15)


def test_quick_redials_do_worse_than_extended_erlang_b_says() -> None:
    """Extended B thinks of redials as fresh calls; those that come at once find the line full."""
    redial = Redial(busy=0.5, delay=0.02)
    found = fmean(map(blocked, plays(Line(10, trunks=10), 5.5, redial=redial)))
    assert found > 1.3 * extended_erlang_b(5.5, 10, 0.5)
    calm = fmean(map(blocked, plays(Line(10, trunks=10), 5.5, redial=Redial(busy=0.5, delay=50))))
    assert calm == pytest.approx(extended_erlang_b(5.5, 10, 0.5), rel=0.15)
