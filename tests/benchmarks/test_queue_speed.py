"""How fast the queue model is, beside SimPy on the very same model.

Run with ``pytest tests/benchmarks/test_queue_speed.py --benchmark-only``. Both play the redials of
``tests/simulators/phones/test_queue_theory.py``: twenty callers a minute, ten agents, thirty
trunks, patience, and redials after busy tones and after hanging up. An event is a change of the
line's state: a call dialled, answered or ended. Timers that came to nothing count for neither.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import simpy

from simulators.phones.callers import Callers, Redial, Talk
from simulators.phones.queue_model import Line, play_line

CALLERS, PER_MINUTE, AGENTS, TRUNKS = 20_000, 20.0, 10, 30
PATIENCE, BUSY, TIRED, DELAY = 2.0, 0.8, 0.5, 4.0
LEAST = 300_000  # events a CPU second


@dataclass
class Count:
    """What came of a play."""

    attempts: int = 0
    events: int = 0
    blocked: int = 0

    @property
    def blocking(self) -> float:
        """Share of attempts that heard busy."""
        return self.blocked / self.attempts


def ours() -> Count:
    """The queue model, its table of calls included."""
    arrives = np.cumsum(np.random.default_rng(1).standard_exponential(CALLERS) / PER_MINUTE)
    redial = Redial(busy=BUSY, abandoned=TIRED, delay=DELAY)
    callers = Callers("chair", arrives, Talk(1.0), patience=PATIENCE, redial=redial)
    calls = play_line([callers], Line(AGENTS, trunks=TRUNKS), seed=1)
    blocked = int((calls.table["cause"] == "busy").sum())
    return Count(calls.table.height, calls.events, blocked)


def simpys() -> Count:
    """The same model as SimPy has it: a process a caller, a resource of agents, no table."""
    rng, env, count = random.Random(1), simpy.Environment(), Count()
    agents = simpy.Resource(env, capacity=AGENTS)
    in_use = 0

    def call() -> Generator[Any, Any, float]:
        """One attempt; the chance that another follows."""
        nonlocal in_use
        count.attempts += 1
        count.events += 1
        if in_use >= TRUNKS:
            count.blocked += 1
            return BUSY
        in_use += 1
        with agents.request() as request:
            yield request | env.timeout(rng.expovariate(1 / PATIENCE))
            answered = request.triggered
            if answered:
                yield env.timeout(rng.expovariate(1.0))
        in_use -= 1
        count.events += 1 + answered
        return 0.0 if answered else TIRED

    def caller() -> Generator[Any, Any, None]:
        while rng.random() < (yield from call()):
            yield env.timeout(rng.expovariate(1 / DELAY))

    def source() -> Generator[Any, Any, None]:
        for _ in range(CALLERS):
            yield env.timeout(rng.expovariate(PER_MINUTE))
            env.process(caller())

    env.process(source())
    env.run()
    return count


def _per_second(play: Callable[[], Count]) -> float:
    """Events a CPU second, the best of three runs: other work on the machine only takes away."""
    found = []
    for _ in range(3):
        start = time.process_time()
        count = play()
        found.append(count.events / (time.process_time() - start))
    return max(found)


@pytest.mark.benchmark(group="queue model")
@pytest.mark.parametrize("play", [ours, simpys], ids=["queue model", "simpy"])
def test_the_queue_model_beside_simpy(benchmark: Any, play: Callable[[], Count]) -> None:
    """One core makes 300,000 events a second at least, its table included, and more than SimPy."""
    benchmark.pedantic(play, rounds=3, warmup_rounds=1)
    benchmark.extra_info["events a CPU second"] = round(_per_second(play))
    if play is ours:
        rate, beside = _per_second(ours), _per_second(simpys)
        benchmark.extra_info["times as fast as SimPy"] = round(rate / beside, 2)
        assert rate > LEAST
        assert rate > 1.5 * beside


def test_both_play_the_same_model() -> None:
    """What is timed is the same work: as many attempts and busy tones, but for chance."""
    found, beside = ours(), simpys()
    assert found.blocking == pytest.approx(beside.blocking, rel=0.1)
    assert found.events == pytest.approx(beside.events, rel=0.1)
