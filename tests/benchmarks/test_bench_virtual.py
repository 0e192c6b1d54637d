"""How fast virtual time is: a night, and the queue of it beside SimPy's.

Run with ``pytest tests/benchmarks/test_bench_virtual.py --benchmark-only``.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import Any

import pytest
import simpy

from harness.scenario import load_scenario
from harness.simulate import play_night
from simulators.behaviours.protocol import Behaviour, Dial, Keyed, Wait
from simulators.model import AppModel
from simulators.people.person import Person
from simulators.phones.hotline import Call, Hotline
from simulators.plan import Plan
from simulators.stage import Participant, Stage
from simulators.switchboard import AgentLine, Lines
from simulators.virtual import VirtualClock

AGENTS, CALLS, PER_SECOND, TALK = 10, 20_000, 0.9, 10.0


class Phones:
    """Operators who talk for an exponential time."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.people = [Person(i, "operator", f"operator-{i}") for i in range(AGENTS)]

    def take(self, agent: int, call: Call, report: Keyed | None) -> tuple[Person, Behaviour, float]:
        """Answer and talk."""
        return self.people[agent], self.talk(), 0.0

    def talk(self) -> Behaviour:
        """The conversation."""
        yield Wait(self.rng.expovariate(1 / TALK))


def _dial() -> Behaviour:
    yield Dial("results")


def arrivals(rng: random.Random) -> Iterator[float]:
    """Poisson arrivals."""
    at = 0.0
    for _ in range(CALLS):
        at += rng.expovariate(PER_SECOND)
        yield at


def ours() -> int:
    """The queue through behaviours, stage and hotline; calls served."""
    rng, clock, calls = random.Random(1), VirtualClock(), list[Call]()
    desk = AgentLine("results", Hotline(agents=AGENTS), Phones(rng))
    stage = Stage(clock, _NoApp(), lines=Lines(agents=(desk,)), on_call=calls.append)
    for index, at in enumerate(arrivals(rng)):
        stage.enter(Participant(index, at, Person(index, "chair", f"c{index}"), None, _dial))
    clock.run()
    return len(calls)


def bare() -> int:
    """The same queue on our clock and hotline alone, without people; calls served."""
    rng, clock, hotline = random.Random(1), VirtualClock(), Hotline(agents=AGENTS)
    served = list[Call]()

    def converse(call: Call) -> None:
        clock.at(clock.now() + rng.expovariate(1 / TALK), lambda: end(call))

    def end(call: Call) -> None:
        assert call.agent is not None
        hotline.end(call, clock.now())
        served.append(call)
        following = hotline.free(call.agent, clock.now())
        if following is not None:
            converse(following)

    def dial(index: int) -> None:
        call = Call(index, "results", "", clock.now())
        if hotline.dial(call, clock.now()) and call.agent is not None:
            converse(call)

    for index, at in enumerate(arrivals(rng)):
        clock.at(at, partial(dial, index))
    clock.run()
    return len(served)


class _NoApp:
    def perform(self, operation: Any, answered: Callable[[Any], None]) -> None:
        """Nobody uses the app here."""
        raise AssertionError


def simpys() -> int:
    """The same queue in SimPy; calls served."""
    rng, env, served = random.Random(1), simpy.Environment(), list[float]()
    agents = simpy.Resource(env, capacity=AGENTS)

    def caller() -> Generator[Any, Any, None]:
        with agents.request() as request:
            yield request
            yield env.timeout(rng.expovariate(1 / TALK))
        served.append(env.now)

    def source() -> Generator[Any, Any, None]:
        before = 0.0
        for at in arrivals(rng):
            yield env.timeout(at - before)
            before = at
            env.process(caller())

    env.process(source())
    env.run()
    return len(served)


@pytest.mark.benchmark(group="virtual night")
@pytest.mark.parametrize("cast", ["as-it-was", "rehearsal"])
def test_a_whole_night(benchmark: Any, cast: str) -> None:
    """The plan and the play of 1,765 sites, the public and the phones."""
    scenario = load_scenario("iowa-caucus-night")
    night = scenario.night(cast, seed=1, scale=1.0)
    played = benchmark.pedantic(
        lambda: play_night(Plan(night), AppModel()), rounds=3, warmup_rounds=1
    )
    assert len(played.app.counting()) == 1765
    assert benchmark.stats.stats.median < 5.0


@pytest.mark.benchmark(group="phone queue")
@pytest.mark.parametrize("queue", [ours, bare, simpys], ids=["with people", "bare", "simpy"])
def test_the_phone_queue_beside_simpy(benchmark: Any, queue: Callable[[], int]) -> None:
    """One queue three times: whole behaviours on our stage, our hotline alone, SimPy's resource."""
    assert benchmark.pedantic(queue, rounds=5, warmup_rounds=1) == CALLS
    if queue is not simpys:
        benchmark.extra_info["times as fast as SimPy"] = round(_cpu(simpys) / _cpu(queue), 2)


def _cpu(queue: Callable[[], int]) -> float:
    """The least CPU seconds of three runs."""
    found = []
    for _ in range(3):
        start = time.process_time()
        queue()
        found.append(time.process_time() - start)
    return min(found)


def test_the_queues_are_the_same_queue() -> None:
    """What is timed is the same work: as many calls served by all three."""
    assert ours() == bare() == simpys() == CALLS
