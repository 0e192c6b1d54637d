"""The drill clock: everything in its order, nothing early, and no drift."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter_ns

import uvloop

from harness.engine.clock import DrillClock


def run(script: Callable[[DrillClock], None], *, speed: float, wall: float) -> None:
    """Run a clock for so many wall seconds from its drill second 0."""

    async def main() -> None:
        clock = DrillClock(asyncio.get_running_loop(), speed)
        script(clock)
        clock.begin(perf_counter_ns())
        await asyncio.sleep(wall)
        clock.stop()

    uvloop.run(main())


def test_what_is_due_together_keeps_its_order() -> None:
    """First by time due, then in the order of scheduling; also for hundreds at once."""
    order: list[tuple[float, int]] = []

    def script(clock: DrillClock) -> None:
        for number in range(600):
            due = 5.0 if number % 2 else 1.0
            clock.at(due, lambda due=due, number=number: order.append((due, number)))  # type: ignore[misc]

    run(script, speed=100, wall=0.15)
    assert len(order) == 600
    assert order == sorted(order)


def test_now_is_the_moment_due_while_it_is_released() -> None:
    """A chain of waits does not drift: each link is due exactly one step after the last."""
    seen: list[float] = []

    def script(clock: DrillClock) -> None:
        def link() -> None:
            seen.append(clock.now())
            clock.at(clock.now() + 0.5, link)

        clock.at(0.5, link)

    run(script, speed=50, wall=0.2)
    assert len(seen) >= 15
    assert seen == [0.5 * (n + 1) for n in range(len(seen))]


def test_nothing_is_released_early() -> None:
    """Whatever the timer's resolution, a release comes at or after its time."""
    early: list[float] = []

    def script(clock: DrillClock) -> None:
        for number in range(200):
            due = number * 0.0007
            clock.at(due, lambda due=due: early.append(clock.elapsed() / 1e9 - due))  # type: ignore[misc]

    run(script, speed=1.0, wall=0.2)
    assert len(early) == 200
    assert min(early) >= 0


def test_a_stopped_clock_releases_nothing() -> None:
    """Nobody begins anything after the end."""
    late: list[int] = []

    def script(clock: DrillClock) -> None:
        clock.at(0.01, clock.stop)
        clock.at(0.02, lambda: late.append(1))

    run(script, speed=1.0, wall=0.08)
    assert late == []
