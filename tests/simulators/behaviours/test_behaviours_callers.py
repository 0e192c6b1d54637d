"""Visitors of the results page, and callers with nothing to report."""

from __future__ import annotations

from random import Random
from statistics import fmean, median

import pytest

from simulators.behaviours.nuisance import caller
from simulators.behaviours.protocol import WAITED, Dial, Read, Wait
from simulators.behaviours.public import visitor
from simulators.traffic import Traffic


def visit(seed: int, traffic: Traffic) -> list[Read | Wait]:
    behaviour = visitor(9.0, traffic, Random(seed))
    actions = [next(behaviour)]
    while True:
        try:
            actions.append(behaviour.send(WAITED))
        except StopIteration:
            assert all(isinstance(action, Read | Wait) for action in actions)
            return [action for action in actions if isinstance(action, Read | Wait)]


def test_a_visit_has_the_given_mean_number_of_looks() -> None:
    """Geometric: 1.8 looks a visit, at least one."""
    looks = [sum(isinstance(a, Read) for a in visit(seed, Traffic())) for seed in range(4000)]
    assert fmean(looks) == pytest.approx(1.8, rel=0.05)
    assert min(looks) == 1
    assert {len(visit(seed, Traffic(reads_a_visit=1.0))) for seed in range(50)} == {1}


def test_looks_and_refreshes_alternate() -> None:
    """Between two looks people wait about as long as the traffic says."""
    visits = [visit(seed, Traffic(reads_a_visit=5.0)) for seed in range(500)]
    for actions in visits:
        assert actions[0::2] == [Read("results", within=9.0)] * (len(actions) // 2 + 1)
    waits = [a.seconds for actions in visits for a in actions if isinstance(a, Wait)]
    assert median(waits) == pytest.approx(90.0, rel=0.05)


def test_a_caller_dials_once_and_reports_nothing() -> None:
    """Patience is drawn if there is a mean, and unlimited if not."""
    assert list(caller(None, Random(1))) == [Dial("results")]
    patience = []
    for seed in range(2000):
        (dial,) = caller(600.0, Random(seed))
        assert isinstance(dial, Dial)
        assert dial.report is None
        assert dial.within is not None
        patience.append(dial.within)
    assert fmean(patience) == pytest.approx(600.0, rel=0.08)
