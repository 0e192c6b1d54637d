"""Sizing a line: the demand is the night's own, and the smallest line is the smallest."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulators.people.cast import Staffing
from simulators.people.shifts import Shift, WalkOut
from simulators.phones.callers import Callers, Redial, Talk
from simulators.phones.erlang import answered_within
from simulators.phones.queue_model import Line
from simulators.sizing.demand import NUISANCE, Demand, duty_of
from simulators.sizing.what_if import Goal, Needed, Nights


def demand(*callers: Callers, unphoned: tuple[float, ...] = (), results: int = 0) -> Demand:
    return Demand(callers, Line(5), Staffing(agents=5), np.array(unphoned), results, until=1e5)


def steady(seed: int, count: int = 6000, per_second: float = 1.0) -> Callers:
    arrives = np.cumsum(np.random.default_rng(seed).standard_exponential(count) / per_second)
    return Callers("chair", arrives, Talk(10.0))


def smallest(nights: Nights) -> Needed:
    found = nights.needed()
    assert found is not None
    return found


def test_the_people_needed_are_those_of_erlang_c() -> None:
    """On a steady line with patient callers the answer is the textbook's."""
    nights = Nights([demand(steady(seed)) for seed in (1, 2)], (1, 2), Goal(0.9, 5.0))
    by_formula = next(
        agents for agents in range(11, 99) if answered_within(1.0, 10.0, agents, 5.0) >= 0.9
    )
    assert abs(smallest(nights).agents - by_formula) <= 1


def test_one_fewer_would_not_do() -> None:
    """What is found meets the goal; one person or one line fewer does not."""
    nights = Nights([demand(steady(1, count=800))], (1,), Goal(0.8, 20.0))
    found = smallest(nights)
    assert nights.answered(found.agents, found.trunks).within >= 0.8
    assert nights.answered(found.agents - 1, None).within < 0.8
    if found.trunks > found.agents:
        assert nights.answered(found.agents, found.trunks - 1).within < 0.8


def test_a_goal_that_nobody_can_meet_is_said_to_be_one() -> None:
    """Callers who are all barred cannot be answered by any number of people."""
    callers = Callers("chair", np.arange(5) * 1.0, Talk(1.0), barred_after=0)
    assert Nights([demand(callers)], (1,), Goal()).needed() is None


def test_more_lines_turn_busy_tones_into_hold() -> None:
    """With the same people, lines change what callers hear and not how soon they are served."""
    rush = Callers(
        "chair", np.arange(300) * 1.0, Talk(60.0, 0.4), redial=Redial(busy=1.0, delay=60.0)
    )
    nights = Nights([demand(rush, results=300)], (1,), Goal())
    few, many = nights.answered(10, 15), nights.answered(10, None)
    assert few.busy > 100
    assert many.busy == 0
    assert few.hold_longest < 0.2 * many.hold_longest
    assert few.in_by[1] == pytest.approx(many.in_by[1], rel=0.1)
    more_people = nights.answered(20, None)
    assert more_people.in_by[1] < 0.7 * many.in_by[1]


def test_waits_are_those_of_people_with_something_to_say() -> None:
    """Nuisance callers take the agents' time, and nobody minds how long they wait."""
    chairs = Callers("chair", np.array([0.0]), np.array([1.0]))
    pests = Callers(f"{NUISANCE} x", np.arange(50) * 0.01, np.full(50, 100.0), reports=False)
    found = Nights([demand(chairs, pests)], (1,), Goal()).answered(1, None)
    assert (found.wait_median, found.within) == (0.0, 1.0)
    assert found.attempts == 51


def test_who_is_never_answered_has_waited_for_ever() -> None:
    """A caller who gave up counts against every goal, and lifts the quantiles out of reach."""
    callers = Callers("chair", np.array([0.0, 1.0, 2.0]), np.full(3, 1e6), patience=1.0)
    found = Nights([demand(callers)], (1,), Goal()).answered(1, None)
    assert (found.wait_median, found.wait_p90) == (None, None)
    assert found.never == found.over_an_hour == pytest.approx(2 / 3)


def test_results_come_in_by_phone_and_otherwise() -> None:
    """Half, nine tenths and all of the results, whatever their way."""
    callers = Callers("chair", np.array([0.0, 10.0]), np.array([5.0, 5.0]))
    one = demand(callers, unphoned=(1.0, 2.0, 3.0), results=5)
    found = Nights([one], (1,), Goal()).answered(1, None)
    assert found.in_by == (3.0, 15.0, 15.0)
    missing = demand(callers, unphoned=(1.0,), results=5)
    assert Nights([missing], (1,), Goal()).answered(1, None).in_by == (15.0, None, None)


def test_figures_are_the_middle_of_the_nights() -> None:
    """One mad night of three does not decide."""
    calm = demand(Callers("chair", np.arange(10) * 100.0, np.full(10, 1.0)))
    mad = demand(Callers("chair", np.arange(10) * 0.1, np.full(10, 5000.0)))
    found = Nights([calm, mad, calm], (1, 2, 3), Goal()).answered(1, None)
    assert (found.wait_p90, found.within) == (0.0, 1.0)


def test_shifts_grow_with_the_people() -> None:
    """Twice the people are twice the people in every shift, and walk-outs keep their share."""
    staffing = Staffing(
        shifts=(Shift(6, ends=100), Shift(2, begins=100)), walk_outs=(WalkOut(at=50, share=0.5),)
    )
    counts = [len(each.agents) for each in duty_of(staffing, 16, 200)]
    assert counts == [12, 6, 4]
    line = Demand((), Line(8), staffing, np.zeros(0), 0, 200.0).with_line(agents=16, trunks=9)
    assert (line.agents, line.trunks) == (16, 9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Goal(0.0), "share=0"),
        (lambda: Goal(0.9, math.inf), "within=inf"),
        (lambda: Nights([], (), Goal()), "0 demands for 0 seeds"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(make: object, message: str) -> None:
    """Every argument out of its range is named."""
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
