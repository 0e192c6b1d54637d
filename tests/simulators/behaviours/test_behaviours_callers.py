"""Visitors of the results page, and callers with nothing to report."""

from __future__ import annotations

from random import Random
from statistics import fmean, median

import pytest

from simulators.behaviours.nuisance import caller, nuisance_caller, pests_of, withholds
from simulators.behaviours.protocol import (
    CUT_OFF,
    WAITED,
    Action,
    Answer,
    AnswerClass,
    Behaviour,
    Dial,
    Outcome,
    Read,
    Wait,
)
from simulators.behaviours.public import visitor
from simulators.people.cast import Nuisance, Pests
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


CUT = Answer(Outcome.REFUSED, AnswerClass.REFUSED, 5.0, CUT_OFF)
BUSY = Answer(Outcome.REFUSED, AnswerClass.REFUSED, 0.0, "busy")


def all_of(behaviour: Behaviour, *dials: Answer) -> list[Action]:
    """Everything a caller does; calls are answered in turn, and then served."""
    script, actions = list(dials), [next(behaviour)]
    while True:
        called = isinstance(actions[-1], Dial) and script
        try:
            actions.append(behaviour.send(script.pop(0) if called else WAITED))
        except StopIteration:
            return actions


def test_who_is_cut_off_calls_again_and_who_hears_busy_does_not() -> None:
    """A caller for help comes back until somebody has listened."""
    again = all_of(caller(None, Random(1), redial_delay=180.0), CUT, CUT)
    assert [type(each) for each in again] == [Dial, Wait, Dial, Wait, Dial]
    assert len(all_of(caller(None, Random(1), redial_delay=180.0), BUSY)) == 1
    assert len(all_of(caller(None, Random(1)), CUT)) == 1


def test_nuisance_callers_dial_again_and_again() -> None:
    """Geometrically many calls of the kind's mean, with its own patience and pauses."""
    pests = Pests(share=1.0, talk_seconds=4.0, hold_minutes=20.0, calls=4.0, redial_minutes=5.0)
    nights = [all_of(nuisance_caller(pests, Random(seed))) for seed in range(3000)]
    dials = [[each for each in night if isinstance(each, Dial)] for night in nights]
    assert fmean(map(len, dials)) == pytest.approx(4.0, rel=0.06)
    patience = [dial.within or 0.0 for night in dials for dial in night]
    assert fmean(patience) == pytest.approx(1200.0, rel=0.05)
    pauses = [each.seconds for night in nights for each in night if isinstance(each, Wait)]
    assert fmean(pauses) == pytest.approx(300.0, rel=0.05)
    assert all(dial.report is None for night in dials for dial in night)


def test_kinds_of_nuisance_callers_come_by_their_shares() -> None:
    """40, 30 and 30 of a hundred; one in five withholds the number."""
    nuisance = Nuisance()
    kinds = [pests_of(nuisance, 3, caller) for caller in range(4000)]
    for kind in (nuisance.silent, nuisance.message, nuisance.abuse):
        assert kinds.count(kind) / 4000 == pytest.approx(kind.share, abs=0.025)
    hidden = sum(withholds(nuisance, 3, caller) for caller in range(4000)) / 4000
    assert hidden == pytest.approx(0.2, abs=0.02)
