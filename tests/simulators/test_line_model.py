"""Lines that are bad in virtual time: who is on them, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from simulators.behaviours.protocol import Answer, AnswerClass, Outcome
from simulators.line_model import Group, LineFault, goes_through
from simulators.model import AppModel, ModelApp
from simulators.people.person import Person
from simulators.stage import Operation
from simulators.virtual import VirtualClock

CHAIR = Person(1, "chair", "chair-1", "IA-0001", codes=("11", "22", "33"))
ON, OFF = 100.0, 200.0


@dataclass(frozen=True)
class Precinct:
    """A place the app knows."""

    county: str = "Adair"
    delegates: int = 5


def ask(
    fault: LineFault, *, at: float, within: float | None = None, seed: int = 1
) -> tuple[Answer, ModelApp]:
    """Sign in on a line with a fault; how it ended, and the app."""
    clock = VirtualClock()
    model = AppModel(latency=0.1, latency_sigma=0.0, per_second=None, faults=(fault,))
    app = ModelApp(clock, model, {"IA-0001": Precinct()}, seed)
    clock.run(at)
    answers: list[Answer] = []
    operation = Operation(
        "sign_in", "k", 1, CHAIR, "api", "IA-0001", 1, None, CHAIR.codes, at, within
    )
    app.perform(operation, answers.append)
    clock.run(at + 500.0)
    (answer,) = answers
    return answer, app


def fault(what: str, share: float = 1.0, after: float = 0.0, **more: float) -> LineFault:
    return LineFault("bad", what, ON, OFF, Group(share, after), **more)


def test_latency_is_paid_both_ways_and_only_while_it_is_on() -> None:
    """Two seconds each way are four more, from its start to its end."""
    slow, app = ask(fault("latency", delay=2.0), at=150.0)
    assert slow.waited == pytest.approx(4.1)
    assert slow.outcome is Outcome.OK
    assert app.touched == {"bad": 2}
    for at in (50.0, 201.0):
        assert ask(fault("latency", delay=2.0), at=at)[0].waited == pytest.approx(0.1)


@pytest.mark.parametrize("delay", [1.0, 6.0])
def test_whoever_is_not_that_patient_does_not_learn_what_came_of_it(delay: float) -> None:
    """They stop looking after five seconds; the request arrives all the same, even after that."""
    answer, app = ask(fault("latency", delay=delay + 2.5), at=150.0, within=5.0)
    assert (answer.outcome, answer.waited) == (Outcome.UNKNOWN, 5.0)
    assert app._accounts["chair-1"].signed_in


def test_a_reset_and_a_black_hole_leave_everybody_in_doubt_and_the_app_without_a_word() -> None:
    """A reset comes at once; a black hole lasts as long as one waits, or as it is there."""
    for bad, within, waited in (
        (fault("reset", delay=0.5), None, 0.5),
        (fault("black_hole"), 8.0, 8.0),
        (fault("black_hole"), None, 30.0),
        (fault("black_hole"), 99.0, 50.0),
    ):
        answer, app = ask(bad, at=150.0, within=within)
        assert answer.answer_class is AnswerClass.NO_ANSWER
        assert answer.waited == waited
        assert not app._accounts
        assert app.touched == {"bad": 1}


def test_lost_packets_wait_for_the_time_out_and_double_it() -> None:
    """What comes later does so by 0, 0.2, 0.6, 1.4 ... seconds, each way; the seed decides it."""
    waits = [ask(fault("loss", loss=0.5), at=150.0, seed=seed)[0].waited for seed in range(40)]
    ways = [0.2 * (2**losses - 1) for losses in range(10)]
    both = {round(0.1 + one + other, 6) for one in ways for other in ways}
    assert {round(each, 6) for each in waits} <= both
    assert 5 <= sum(wait > 0.15 for wait in waits) < 40
    assert ask(fault("loss", loss=0.5), at=150.0, seed=3)[0].waited == waits[3]


def test_only_the_people_of_the_way_are_touched() -> None:
    """Of a way with a fifth of the people each person is on it or not, for good."""
    touched = {goes_through(CHAIR.index, 0.2, after) for after in (0.0, 0.2, 0.4, 0.6, 0.8)}
    assert touched == {True, False}
    for after in (0.0, 0.2, 0.4, 0.6, 0.8):
        answer, _ = ask(fault("black_hole", 0.2, after), at=150.0)
        assert (answer.outcome is Outcome.UNKNOWN) == goes_through(CHAIR.index, 0.2, after)


@pytest.mark.parametrize("share", [0.01, 0.05, 0.2, 1 / 3, 0.5])
@pytest.mark.parametrize("people", [20, 60, 1000, 20_000])
def test_a_share_is_a_share_of_few_people_and_of_many(share: float, people: int) -> None:
    """Whichever people stand in a row, their share is off by no more than two of them."""
    for first in (0, 7, 12_345):
        count = sum(goes_through(index, share) for index in range(first, first + people))
        assert abs(count - share * people) <= 2
    assert not any(goes_through(index, 0.0) for index in range(2000))


def test_ways_share_nobody_and_leave_out_nobody() -> None:
    """Shares that come to one carry each person by exactly one way."""
    shares = (0.1, 0.2, 0.3, 0.4)
    starts = (0.0, 0.1, 0.1 + 0.2, 0.1 + 0.2 + 0.3)
    for index in range(5000):
        ways = [
            goes_through(index, share, after) for share, after in zip(shares, starts, strict=True)
        ]
        assert sum(ways) == 1
