"""Shifts, breaks and walk-outs."""

from __future__ import annotations

import pytest

from simulators.people.shifts import Shift, WalkOut, duties, leavers


def at_work(found: tuple, moment: float) -> set[int]:
    """Who is on duty at a moment."""
    return set([each for each in found if each.at <= moment][-1].agents)


def test_shifts_follow_each_other_with_people_of_their_own() -> None:
    """The second shift's numbers go on from the first's."""
    found = duties([Shift(2, ends=100), Shift(3, begins=90)], until=200)
    assert at_work(found, 50) == {0, 1}
    assert at_work(found, 95) == {0, 1, 2, 3, 4}
    assert at_work(found, 150) == {2, 3, 4}


def test_before_the_first_shift_nobody_is_there() -> None:
    """A line that opens at noon is unstaffed until then."""
    assert [sorted(each.agents) for each in duties([Shift(1, begins=50)], until=99)] == [[], [0]]


def test_breaks_are_staggered_and_come_round() -> None:
    """Each of four agents is away a quarter of the time, one at a time."""
    found = duties([Shift(4, break_every=300, break_seconds=100)], until=2000)
    for moment in range(500, 2000, 7):
        assert len(at_work(found, moment)) == 3
    away = [moment for moment in range(400, 2000) if 0 not in at_work(found, moment)]
    assert len(away) == 400


def test_who_walks_out_does_not_come_back() -> None:
    """A walk-out is for good, breaks or not."""
    shift = Shift(10, break_every=200, break_seconds=50)
    found = duties([shift], [WalkOut(at=500, share=0.3)], until=3000)
    assert max(len(each.agents) for each in found if each.at >= 500) <= 7
    assert all(each.agents <= set(range(7)) for each in found if each.at >= 500)


def test_walk_outs_take_a_share_of_those_who_are_there() -> None:
    """Half leave, then half of the rest; a share of few people is rounded up."""
    walk_outs = [WalkOut(at=20, share=0.5), WalkOut(at=10, share=0.5)]
    counts = [len(each.agents) for each in duties([Shift(10)], walk_outs, until=99)]
    assert counts == [10, 5, 2]


def test_who_walks_out_for_a_while_comes_back() -> None:
    """Breaks go on as before; who is away is not among those who may leave next."""
    shift = Shift(10, break_every=200, break_seconds=50)
    walk_outs = [WalkOut(at=500, share=0.3, back=900), WalkOut(at=600, share=0.5, back=700)]
    found = duties([shift], walk_outs, until=3000)
    plain = duties([shift], until=3000)
    for moment in range(0, 3000, 13):
        away = set(range(7, 10)) if 500 <= moment < 900 else set()
        away |= set(range(3, 7)) if 600 <= moment < 700 else set()
        assert at_work(found, moment) == at_work(plain, moment) - away
    assert [leavers([shift], walk_outs, each.at, 3000) for each in walk_outs] == [3, 4]


def test_impossible_shifts_are_refused() -> None:
    """Nobody can work backwards, and nobody is no shift."""
    with pytest.raises(ValueError, match="cannot end at 5"):
        Shift(1, begins=10, ends=5)
    with pytest.raises(ValueError, match="agents=0"):
        Shift(0)
    with pytest.raises(ValueError, match="back=5 comes before at=9"):
        WalkOut(at=9, share=0.5, back=5)
    with pytest.raises(ValueError, match=r"share=1\.5"):
        WalkOut(at=0, share=1.5)
