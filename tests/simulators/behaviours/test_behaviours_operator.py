"""Operators: they talk, they key with an account of their own, and they do not give up early."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from statistics import fmean, median

import pytest

from simulators.behaviours.operator import Desk
from simulators.behaviours.protocol import (
    WAITED,
    Action,
    Answer,
    AnswerClass,
    Keyed,
    SignIn,
    Submit,
    Wait,
)
from simulators.people.cast import ABUSE, MESSAGE, SILENT, Nuisance, Staffing
from simulators.people.person import Person
from simulators.phones.hotline import Call

REPORT = Keyed("IA-0001", 2, (3, 2, 1), "t-IA-0001-2h")
PEOPLE = [
    Person(500 + n, "operator", f"operator-{n}", codes=(f"10000{n}", "2", "3"), patience=9.0)
    for n in range(2)
]
YES, NO = AnswerClass.ACCEPTED, AnswerClass.REFUSED
AWAY, EXPIRED = AnswerClass.UNREACHABLE, AnswerClass.AUTH_EXPIRED


def desk(staffing: Staffing | None = None, role: str = "chair", seed: int = 7) -> Desk:
    return Desk(PEOPLE, staffing or Staffing(tries=5), seed, lambda caller: role)


def serve(
    at: Desk,
    answers: Iterable[AnswerClass] = (),
    *,
    caller: int = 1,
    agent: int = 0,
    report: Keyed | None = REPORT,
) -> list[Action]:
    """Everything an operator does in one call."""
    script = list(answers)
    _, behaviour, _ = at.take(agent, Call(caller, "results", "", 0.0), report)
    actions = [next(behaviour)]
    while True:
        answer = WAITED
        if not isinstance(actions[-1], Wait) and script:
            sort = script.pop(0)
            answer = Answer(sort.outcome, sort, 1.0)
        try:
            actions.append(behaviour.send(answer))
        except StopIteration:
            return actions


def kinds(actions: Iterable[Action]) -> str:
    """One letter an action: w wait, s sign-in, r report."""
    letters = {SignIn: "s", Submit: "r", Wait: "w"}
    return "".join(letters[type(action)] for action in actions)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([YES, YES], "wsr"),
        ([AWAY, YES, AWAY, YES], "wswsrwr"),
        ([YES, EXPIRED, YES, YES], "wsrsr"),
        ([YES, AnswerClass.NO_ANSWER, AnswerClass.ALREADY_HAVE_IT], "wsrwr"),
        # The app turns the report down: trying again would not help.
        ([YES, NO], "wsr"),
        # The staffing's five tries are the end.
        ([YES, *[AWAY] * 9], "ws" + "rw" * 5),
        ([AWAY] * 9, "w" + "sw" * 5),
    ],
)
def test_an_operator_keys_until_it_is_in(answers: list[AnswerClass], expected: str) -> None:
    """They listen, sign in if they have to, and key until the app says yes or no."""
    assert kinds(serve(desk(), answers)) == expected


def test_an_operator_signs_in_once() -> None:
    """The second call of the evening finds the operator signed in; another operator is not."""
    at = desk()
    assert kinds(serve(at)) == "wsr"
    assert kinds(serve(at, caller=2)) == "wr"
    assert kinds(serve(at, caller=3, agent=1)) == "wsr"


def test_what_is_keyed_is_what_was_heard_under_the_operators_account() -> None:
    """Same values, same key; the codes are the operator's own."""
    _, sign_in, report = serve(desk(), agent=1)
    assert sign_in == SignIn(PEOPLE[1].codes, within=9.0)
    assert report == Submit(REPORT, within=9.0)
    person, _, wrap_up = desk(Staffing(wrap_up_seconds=33.0)).take(
        1, Call(1, "results", "", 0.0), None
    )
    assert (person, wrap_up) == (PEOPLE[1], 33.0)


def talks(role: str, report: Keyed | None, staffing: Staffing) -> list[float]:
    at = desk(staffing, role)
    waits = [serve(at, caller=n, report=report)[0] for n in range(4000)]
    return [wait.seconds for wait in waits if isinstance(wait, Wait)]


@pytest.mark.parametrize("report", [REPORT, None])
def test_talk_is_log_normal_with_the_given_mean(report: Keyed | None) -> None:
    """Mean minutes as staffed; the median of a log-normal is lower by exp(sigma^2 / 2)."""
    staffing = Staffing(talk_minutes=12.0, help_minutes=12.0, talk_sigma=0.4)
    seconds = talks("help_caller", report, staffing)
    assert fmean(seconds) == pytest.approx(720.0, rel=0.03)
    assert median(seconds) == pytest.approx(720.0 / 1.0833, rel=0.03)


def test_help_and_nuisance_calls_only_take_time() -> None:
    """Nothing is keyed; a nuisance call is over in seconds, 13.6 by the kinds' shares."""
    assert kinds(serve(desk(role="help_caller"), report=None)) == "w"
    seconds = talks("nuisance", None, Staffing())
    assert fmean(seconds) == pytest.approx(0.4 * 4.0 + 0.6 * 20.0, rel=0.06)


def test_a_call_takes_as_long_whoever_answers_it_and_when() -> None:
    """Talk time belongs to the caller and the number of the call, not to the order of calls."""
    one, two = desk(), desk()
    first = [serve(one, caller=n)[0] for n in (1, 2, 3)]
    assert [serve(two, caller=n, agent=1)[0] for n in (3, 2, 1)] == first[::-1]
    assert serve(one, caller=1)[0] != first[0]


def conversation(staffing: Staffing, *, caller: int, held: float) -> tuple[str, float, str | None]:
    """What an operator does with a caller who held so long, for how long, and the cause."""
    call = Call(caller, "results", "", 0.0, answered=held)
    _, behaviour, _ = desk(staffing).take(0, call, REPORT)
    actions = [next(behaviour)]
    try:
        while True:
            actions.append(behaviour.send(WAITED))
    except StopIteration as stop:
        first = actions[0]
        assert isinstance(first, Wait)
        return kinds(actions), first.seconds, stop.value


def test_an_operator_hangs_up_on_silence() -> None:
    """Nobody speaks for ten seconds: nothing is keyed. Only who held long may be away."""
    staffing = Staffing(away=1.0, silence_seconds=10.0)
    assert conversation(staffing, caller=1, held=3600.0) == ("w", 10.0, "silent")
    assert conversation(staffing, caller=1, held=60.0)[::2] == ("wsr", None)


def test_the_network_cuts_its_share_of_calls_in_the_middle_of_the_talk() -> None:
    """A tenth of them end before anything is keyed, some way through."""
    staffing = Staffing(cut_off=0.1, talk_minutes=5.0, talk_sigma=0.01)
    calls = [conversation(staffing, caller=n, held=0.0) for n in range(2000)]
    cut = [seconds for what, seconds, cause in calls if (what, cause) == ("w", "dropped")]
    assert len(cut) / 2000 == pytest.approx(0.1, abs=0.02)
    assert fmean(cut) == pytest.approx(150.0, rel=0.15)
    assert {cause for _, _, cause in calls} == {None, "dropped"}


def test_kinds_of_nuisance_callers_take_their_own_time() -> None:
    """A line with silent callers only is free again in four seconds."""
    nuisance = Nuisance(
        silent=replace(SILENT, share=1.0),
        message=replace(MESSAGE, share=0.0),
        abuse=replace(ABUSE, share=0.0),
    )
    at = Desk(PEOPLE, Staffing(), 7, lambda caller: "nuisance", nuisance)
    waits = [serve(at, caller=n, report=None)[0] for n in range(2000)]
    seconds = [wait.seconds for wait in waits if isinstance(wait, Wait)]
    assert fmean(seconds) == pytest.approx(4.0, rel=0.08)
