"""The phones are the same machine on the drill's clock as in virtual time, whole evenings long."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from time import perf_counter_ns

import pytest
import uvloop

from harness.engine.clock import DrillClock
from harness.scenario import load_scenario
from simulators.behaviours.protocol import Answer, AnswerClass, Outcome
from simulators.clock import Clock
from simulators.people.cast import Inbox
from simulators.people.shifts import Shift, WalkOut
from simulators.phones.hotline import Call
from simulators.plan import Plan
from simulators.stage import Operation, Stage
from simulators.virtual import VirtualClock

pytestmark = pytest.mark.live

SPEED = 20_000.0


class SecondsLater:
    """An app that says yes three drill seconds later."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def perform(self, operation: Operation, answered: Callable[[Answer], None]) -> None:
        answer = Answer(Outcome.OK, AnswerClass.ACCEPTED, 3.0)
        self.clock.at(self.clock.now() + 3.0, lambda: answered(answer))


@cache
def plan() -> Plan:
    """A small night with everything that phones can do: few trunks, people who walk out."""
    night = load_scenario("iowa-caucus-night").night("as-it-was", seed=5, scale=0.08)
    cast = night.cast
    hotline = replace(
        cast.hotline,
        shifts=(Shift(30), Shift(20, begins=9000.0, break_every=3600.0)),
        walk_outs=(WalkOut(at=12_000.0, share=0.5), WalkOut(at=8000.0, share=0.5, back=9500.0)),
        trunks=120, waiting_room=60, call_back_minutes=10.0, away=0.1, cut_off=0.2,
    )  # fmt: skip
    photos = replace(
        cast.photos, readers=20, begins=8000.0, walk_outs=(WalkOut(10_000.0, 0.5, 12_000.0),)
    )
    persistence = replace(cast.persistence, then_photo=0.4, then_text=0.4, inbox_after=2)
    return Plan(
        replace(
            night,
            cast=replace(
                cast, hotline=hotline, photos=photos, texts=Inbox(readers=5),
                persistence=persistence,
            ),
        )
    )  # fmt: skip


def staged(clock: Clock) -> tuple[Stage, list[Call]]:
    calls: list[Call] = []
    stage = Stage(clock, SecondsLater(clock), lines=plan().lines(), on_call=calls.append)
    for participant in plan().participants():
        stage.enter(participant)
    return stage, calls


def in_virtual_time() -> list[Call]:
    clock = VirtualClock()
    stage, calls = staged(clock)
    clock.run(plan().night.end)
    stage.close()
    return calls


def on_the_drills_clock() -> list[Call]:
    async def main() -> list[Call]:
        clock = DrillClock(asyncio.get_running_loop(), SPEED)
        stage, calls = staged(clock)
        over = asyncio.Event()

        def close() -> None:
            stage.close()
            over.set()

        clock.at(plan().night.end, close)
        clock.begin(perf_counter_ns())
        await asyncio.wait_for(over.wait(), 60.0)
        clock.stop()
        return calls

    return uvloop.run(main())


def test_an_evening_of_calls_is_the_same_on_both_clocks() -> None:
    """Every call and everything left for readers: who, when, answered by whom, ended how."""
    virtual, live = in_virtual_time(), on_the_drills_clock()
    assert live == virtual
    causes = Counter(call.cause for call in virtual)
    # The evening had something of everything, or the comparison would say little.
    assert set(causes) >= {
        "served", "busy", "full", "called_back", "silent", "dropped", "abandoned", "read",
    }  # fmt: skip
