"""The queue model: what must hold of every play, whatever the callers and the line."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.people.shifts import Duty, Shift, WalkOut, duties
from simulators.phones.callers import Away, Callers, Redial, Talk
from simulators.phones.line_calls import LineCalls
from simulators.phones.queue_model import Line, play_line

CAUSES = {
    "served", "busy", "full", "abandoned", "called_back", "dropped", "barred", "silent",
    "closed",
}  # fmt: skip
chance = st.sampled_from([0.0, 0.3, 1.0])
redials = st.builds(
    Redial, busy=chance, abandoned=chance, answered=st.sampled_from([0.0, 0.5]),
    cut_off=st.sampled_from([0.0, 0.2]), delay=st.sampled_from([1.0, 30.0]),
    at_most=st.integers(1, 6),
)  # fmt: skip


@st.composite
def some_callers(draw: st.DrawFn, kind: str) -> Callers:
    """A few dozen callers of one kind, in a rush or not."""
    count = draw(st.integers(0, 40))
    over = draw(st.sampled_from([5.0, 100.0, 2000.0]))
    arrives = np.sort(np.random.default_rng(draw(st.integers(0, 99))).random(count)) * over
    return Callers(
        kind,
        arrives,
        talk=draw(st.sampled_from([Talk(10.0), Talk(60.0, 0.4)])),
        patience=draw(st.sampled_from([None, 5.0, 50.0])),
        redial=draw(redials),
        reports=kind == "chair",
        urgent=draw(st.booleans()),
        call_back_after=draw(st.sampled_from([None, 8.0])),
        away=draw(st.sampled_from([Away(), Away(0.5, after=2.0, silence=1.0)])),
        barred_after=draw(st.sampled_from([None, 1])) if kind == "pest" else None,
    )


lines = st.builds(
    Line,
    agents=st.sampled_from([1, 2, 5]),
    trunks=st.sampled_from([None, 2, 6]),
    room=st.sampled_from([None, 0, 3]),
    wrap_up=st.sampled_from([0.0, 4.0]),
)
plays = st.tuples(
    st.tuples(some_callers("chair"), some_callers("pest")), lines, st.sampled_from([math.inf, 90.0])
)


@settings(max_examples=150, deadline=None)
@given(plays)
def test_every_call_ends_once_and_every_caller_is_accounted_for(
    play: tuple[tuple[Callers, ...], Line, float],
) -> None:
    """Offered is served, turned away, given up, cut or closed; nothing is lost between."""
    callers, line, until = play
    calls = play_line(callers, line, seed=3, until=until)
    table = calls.table
    assert set(table["cause"].unique()) <= CAUSES
    assert calls.people.height == sum(map(len, callers))
    dialled = sum(int((each.arrives <= until).sum()) for each in callers)
    assert table["caller"].n_unique() == dialled
    assert (table["ended"] >= table["dialled"]).all()
    answered = table.filter(pl.col("answered").is_not_null())
    assert set(answered["cause"].unique()) <= {"served", "dropped", "silent", "closed"}
    assert calls.figures.redials == table.height - dialled
    if until == math.inf:
        assert "closed" not in table["cause"]


@settings(max_examples=150, deadline=None)
@given(plays)
def test_no_agent_has_two_callers_and_no_trunk_two_calls(
    play: tuple[tuple[Callers, ...], Line, float],
) -> None:
    """One at a time, the wrap-up between; and never more calls than trunks."""
    callers, line, until = play
    table = play_line(callers, line, seed=4, until=until).table
    talks = table.filter(pl.col("answered").is_not_null()).sort("agent", "answered", "ended")
    for agent in talks["agent"].unique():
        own = talks.filter(pl.col("agent") == agent).select("answered", "ended").rows()
        assert all(after >= ended + line.wrap_up - 1e-9 for (_, ended), (after, _) in pairwise(own))
    assert talks["agent"].is_in(range(line.agents or 0)).all()
    if line.trunks is not None and callers[0].call_back_after is callers[1].call_back_after is None:
        carried = table.filter(~pl.col("cause").is_in(["busy", "full", "barred"]))
        moves = [(at, 1) for at in carried["dialled"]] + [(at, -1) for at in carried["ended"]]
        levels = np.cumsum([step for _, step in sorted(moves)]) if moves else np.zeros(1)
        assert levels.max() <= line.trunks


@settings(max_examples=150, deadline=None)
@given(plays)
def test_callers_who_hold_are_answered_in_order(
    play: tuple[tuple[Callers, ...], Line, float],
) -> None:
    """First come, first served among the equally urgent, and nobody holds beside a free agent."""
    callers, line, until = play
    callers = tuple(replace(each, call_back_after=None) for each in callers)
    table = play_line(callers, line, seed=5, until=until).table
    held = table.filter(pl.col("dialled") < pl.col("answered"))
    for urgent in (True, False):
        kinds = [each.kind for each in callers if each.urgent == urgent]
        own = held.filter(pl.col("kind").is_in(kinds)).sort("answered", "dialled")
        assert own["dialled"].is_sorted()
    # Who held was answered in the very moment in which that agent was free again.
    free_again = {
        (agent, ended + line.wrap_up) for agent, ended in table.select("agent", "ended").rows()
        if agent is not None
    }  # fmt: skip
    assert set(held.select("agent", "answered").rows()) <= free_again


def quiet_night(seed: int) -> LineCalls:
    callers = Callers("chair", np.arange(200) * 3.0, Talk(20.0), patience=30.0)
    return play_line([callers], Line(5, trunks=8), seed=seed)


def test_the_seed_decides_the_calls() -> None:
    """Same seed, same calls; another seed, others."""
    assert quiet_night(1).table.equals(quiet_night(1).table)
    assert not quiet_night(1).table.equals(quiet_night(2).table)


def test_the_same_people_say_the_same_to_any_number_of_agents() -> None:
    """Talk belongs to the caller, so that two lines differ by the lines alone."""
    callers = Callers("chair", np.arange(50) * 1.0, Talk(20.0, 0.4))
    talks = []
    for agents in (2, 9):
        table = play_line([callers], Line(agents), seed=1).table.sort("caller")
        talks.append((table["ended"] - table["answered"]).to_numpy())
    assert talks[0] == pytest.approx(talks[1])


def test_a_trace_is_played_as_it_is() -> None:
    """Arrivals and talks that are given decide the calls without any draw."""
    callers = Callers("c", np.array([0.0, 1.0, 2.0]), np.array([10.0, 5.0, 1.0]))
    table = play_line([callers], Line(1, wrap_up=2.0), seed=9).table
    assert table["answered"].to_list() == [0.0, 12.0, 19.0]
    assert table["ended"].to_list() == [10.0, 17.0, 20.0]


def test_figures_of_a_night_that_can_be_worked_by_hand() -> None:
    """Two trunks, one agent, three callers in a row: one busy tone, one hold."""
    callers = Callers("chair", np.array([0.0, 1.0, 2.0]), np.array([10.0, 5.0, 1.0]))
    figures = play_line([callers], Line(1, trunks=2), seed=1).figures
    assert (figures.callers, figures.attempts, figures.redials) == (3, 3, 0)
    assert figures.blocked == pytest.approx(1 / 3)
    assert (figures.abandoned, figures.waited, figures.hold_longest) == (0.0, 0.5, 9.0)
    assert figures.in_by == (15.0, None, None)
    assert (figures.occupancy, figures.most_trunks) == (1.0, 2)


def test_a_walk_out_lengthens_the_night() -> None:
    """Half the agents gone: results come in later, and nobody is cut off."""
    callers = Callers("chair", np.arange(300) * 10.0, Talk(60.0))
    stays = play_line([callers], Line(7), seed=1)
    duty = duties([Shift(7)], [WalkOut(at=600, share=0.5)], until=1e6)
    leaves = play_line([callers], Line(7, duty=duty), seed=1)
    assert leaves.figures.in_by[2] > 1.5 * stays.figures.in_by[2]
    late = leaves.table.filter(pl.col("answered") > 600)
    assert set(late["agent"].unique()) == {0, 1, 2}
    assert (leaves.table["cause"] == "served").all()


def test_with_nobody_on_duty_nobody_is_answered() -> None:
    """A line that opens later keeps its callers until then."""
    callers = Callers("chair", np.arange(5) * 1.0, Talk(1.0))
    duty = (Duty(0.0, frozenset()), Duty(100.0, frozenset({0})))
    table = play_line([callers], Line(1, duty=duty), seed=1).table
    assert table["answered"].min() == 100.0


def test_who_is_called_back_is_served_without_a_trunk() -> None:
    """Call-backs leave the trunks to others: fewer busy tones, as many served."""
    arrives = np.arange(60) * 5.0
    plain = Callers("chair", arrives, Talk(20.0, 0.1))
    offered = Callers("chair", arrives, Talk(20.0, 0.1), call_back_after=10.0)
    line = Line(2, trunks=5)
    busy, phoned = (play_line([each], line, seed=1) for each in (plain, offered))
    assert (busy.table["cause"] == "busy").sum() > 20
    assert (phoned.table["cause"] == "busy").sum() == 0
    assert phoned.people["served"].is_not_null().all()


def test_a_barred_number_takes_no_trunk() -> None:
    """After so many answered calls a nuisance caller is turned away for good."""
    pests = Callers(
        "pest", np.array([0.0]), Talk(5.0), redial=Redial(answered=1.0, delay=1.0, at_most=5),
        reports=False, barred_after=2,
    )  # fmt: skip
    causes = play_line([pests], Line(1), seed=1).table["cause"].to_list()
    assert causes == ["served", "served", "barred"]


def test_who_is_away_when_answered_dials_again() -> None:
    """After seconds of silence the agent takes the next one; the caller comes back later."""
    callers = Callers(
        "chair", np.array([0.0, 1.0]), np.array([60.0, 60.0]), redial=Redial(delay=1e-6),
        away=Away(1.0, after=30.0, silence=10.0),
    )  # fmt: skip
    table = play_line([callers], Line(1), seed=1).table
    assert table["cause"].to_list() == ["served", "silent", "served"]
    assert table["ended"].to_list() == pytest.approx([60.0, 70.0, 130.0])


def test_answered_within_counts_people_and_their_redials() -> None:
    """Who is answered at the third try has waited since the first."""
    callers = Callers(
        "chair", np.array([0.0, 1.0]), np.array([100.0, 1.0]), redial=Redial(busy=1.0, delay=30.0)
    )
    calls = play_line([callers], Line(1, trunks=1), seed=1)
    assert calls.figures.redials > 0
    assert calls.answered_within(10) == 0.5
    assert calls.answered_within(1e6) == 1.0
    assert calls.answered_within(10, "nobody") is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Talk(0.0), "mean=0"),
        (lambda: Talk(1.0, -1.0), "sigma=-1"),
        (lambda: Redial(busy=1.5), "busy=1"),
        (lambda: Redial(delay=0.0), "delay=0"),
        (lambda: Redial(at_most=0), "at_most=0"),
        (lambda: Callers("c", np.array([2.0, 1.0]), Talk(1.0)), "out of order"),
        (lambda: Callers("c", np.array([1.0]), np.array([])), "0 talk times for 1"),
        (lambda: Callers("c", np.array([1.0]), Talk(1.0), patience=0.0), "patience=0"),
        (lambda: play_line([], Line(0), seed=1), "agents=0"),
        (lambda: play_line([], Line(1, trunks=0), seed=1), "trunks=0"),
    ],
)
def test_what_cannot_be_is_refused(make: object, message: str) -> None:
    """Every argument out of its range is named."""
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
