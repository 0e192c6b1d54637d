"""How fast a plan is made. Run with ``pytest tests/benchmarks --benchmark-only``."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from simulators.night import Hours, Night
from simulators.people.cast import Cast
from simulators.plan import Plan
from simulators.traffic import Traffic
from simulators.world.spec import WorldSpec

NIGHT = Night("a-night", WorldSpec(), Cast(), Traffic(), Hours(), seed=7)


def test_a_whole_night_is_planned_well_within_a_second(benchmark: BenchmarkFixture) -> None:
    """World, 1,765 chairs, some 4,000 others, and the hash over them all."""
    assert len(benchmark(lambda: Plan(NIGHT).hash)) == 64
    assert benchmark.stats is not None
    assert benchmark.stats["median"] < 1.0


def test_everybody_of_a_night_is_made_one_by_one(benchmark: BenchmarkFixture) -> None:
    """As engines make them: each when asked for."""
    plan = Plan(NIGHT)
    assert benchmark(lambda: sum(1 for _ in plan.participants())) == plan.count
