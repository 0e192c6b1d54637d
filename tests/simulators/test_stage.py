"""The stage: behaviours played on a clock, against an app and a phone line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from simulators.behaviours.protocol import (
    Action,
    Amend,
    Answer,
    AnswerClass,
    Behaviour,
    Dial,
    Keyed,
    Outcome,
    Read,
    Send,
    SignIn,
    Submit,
    Wait,
)
from simulators.people.person import Person
from simulators.phones.hotline import Call, Hotline
from simulators.phones.trunks import Trunks
from simulators.stage import Operation, Participant, Stage
from simulators.switchboard import TRY_APP_EVERY, AgentLine, Lines
from simulators.virtual import VirtualClock

YES, NO, DOUBT = AnswerClass.ACCEPTED, AnswerClass.RETRY, AnswerClass.NO_ANSWER
REPORT = Keyed("IA-0001", 1, (3, 2, 1), "t-IA-0001-1")
VOICE = Keyed("IA-0001", 2, (3, 2, 1), "t-IA-0001-2h")


@dataclass
class ScriptedApp:
    """Answers operations in turn as the script says: a class, and seconds until the answer."""

    clock: VirtualClock
    script: list[tuple[AnswerClass, float]] = field(default_factory=list)
    seen: list[Operation] = field(default_factory=list)

    def perform(self, operation: Operation, answered: Callable[[Answer], None]) -> None:
        self.seen.append(operation)
        sort, seconds = self.script.pop(0) if self.script else (YES, 1.0)
        answer = Answer(sort.outcome, sort, seconds)
        self.clock.at(self.clock.now() + seconds, lambda: answered(answer))


@dataclass
class Talkers:
    """Operators who talk for some seconds and then key what they were told."""

    talk: float = 100.0
    wrap_up: float = 10.0

    def take(self, agent: int, call: Call, report: Keyed | None) -> tuple[Person, Behaviour, float]:
        def behave() -> Behaviour:
            yield Wait(self.talk)
            if report is not None:
                yield Submit(report)

        return Person(100 + agent, "operator", f"operator-{agent}"), behave(), self.wrap_up


class House:
    """A stage with everything around it, and what each participant was told."""

    def __init__(
        self,
        script: list[tuple[AnswerClass, float]] | None = None,
        *,
        agents: int = 1,
        trunks: int | None = None,
        operators: Talkers | None = None,
    ) -> None:
        self.clock = VirtualClock()
        self.app = ScriptedApp(self.clock, script or [])
        self.calls: list[Call] = []
        lines = Lines()
        if agents:
            people = operators or Talkers()
            desk = AgentLine("results", Hotline(agents=agents), people, trunk="main")
            lines = Lines(agents=(desk,), trunks={"main": Trunks("main", trunks)})
        self.stage = Stage(self.clock, self.app, lines=lines, on_call=self.calls.append)
        self.told: dict[int, list[tuple[float, Answer]]] = {}

    def enter(self, index: int, *actions: Action, at: float = 0.0) -> None:
        person = Person(index, "chair", f"chair-{index}", record=f"IA-{index:04d}")
        told = self.told.setdefault(index, [])

        def behave() -> Behaviour:
            for action in actions:
                answer = yield action
                told.append((self.clock.now(), answer))

        self.stage.enter(Participant(index, at, person, None, behave))

    def answers(self, index: int) -> list[tuple[float, str]]:
        return [
            (when, answer.detail or answer.answer_class.value) for when, answer in self.told[index]
        ]


def test_actions_follow_each_other_on_the_clock() -> None:
    """A wait takes its time, an operation the app's, and the next begins when the last ended."""
    house = House([(YES, 2.0), (NO, 3.0)])
    house.enter(1, SignIn(("1", "2", "3")), Wait(60.0), Read("results"), at=5.0)
    house.clock.run()
    assert house.answers(1) == [(7.0, "accepted"), (67.0, "accepted"), (70.0, "retry")]
    assert [each.intended for each in house.app.seen] == [5.0, 67.0]


def test_a_sign_in_says_whether_the_codes_are_the_persons_own() -> None:
    """One cell, so that an app which lets anybody in can be found out; the codes are not kept."""
    house = House()
    house.enter(1, SignIn(()), SignIn(("0", "0", "0")))  # this person has no codes
    house.clock.run()
    assert [each.values for each in house.app.seen] == [(1,), (0,)]


def test_operations_say_what_is_done_by_whom_to_what() -> None:
    """Each action becomes an operation with its kind, key, record, values and limit."""
    house = House()
    amended = Keyed("IA-0001", 2, (9,), "t-IA-0001-2")
    house.enter(
        1,
        SignIn(("1", "2", "3"), within=8.0),
        Submit(REPORT),
        Amend(amended),
        Read("report", "IA-0001"),
        Send("photo", "IA-0001", "t-photo"),
    )
    house.clock.run()
    got = [(o.kind, o.key, o.record, o.version, o.values, o.codes) for o in house.app.seen]
    assert got == [
        ("sign_in", "chair-1/sign-in", "IA-0001", 0, (0,), ("1", "2", "3")),
        ("submit_report", "t-IA-0001-1", "IA-0001", 1, (3, 2, 1), ()),
        ("amend_report", "t-IA-0001-2", "IA-0001", 2, (9,), ()),
        ("read_report", "chair-1/read-report", "IA-0001", 0, None, ()),
        ("send_photo", "t-photo", "IA-0001", 0, None, ()),
    ]
    assert house.app.seen[0].within == 8.0
    assert {o.channel for o in house.app.seen} == {"api"}


def test_retries_are_numbered_by_key() -> None:
    """The first try of a key is 1, a retry 2, and another key begins anew."""
    house = House([(NO, 1.0), (NO, 1.0)])
    house.enter(1, Submit(REPORT), Submit(REPORT), Submit(VOICE), Submit(REPORT))
    house.clock.run()
    assert [each.attempt for each in house.app.seen] == [1, 2, 1, 3]


@pytest.mark.parametrize(
    ("script", "best", "when"),
    [
        ([(YES, 1.0), (NO, 4.0)], Outcome.OK, 4.0),
        ([(NO, 1.0), (YES, 2.0)], Outcome.OK, 2.0),
        ([(NO, 3.0), (DOUBT, 1.0)], Outcome.UNKNOWN, 3.0),
        ([(NO, 1.0), (NO, 1.0)], Outcome.REFUSED, 1.0),
    ],
)
def test_a_double_tap_is_told_the_best_of_its_answers(
    script: list[tuple[AnswerClass, float]], best: Outcome, when: float
) -> None:
    """Both taps go out at once with one key; a yes outranks a doubt, a doubt a no."""
    house = House(script)
    house.enter(1, Submit(REPORT, taps=2))
    house.clock.run()
    assert [(o.key, o.attempt, o.intended) for o in house.app.seen] == [
        (REPORT.operation, 1, 0.0),
        (REPORT.operation, 2, 0.0),
    ]
    ((told, answer),) = house.told[1]
    assert (told, answer.outcome, answer.waited) == (when, best, when)


def test_the_operator_keys_what_the_caller_reports() -> None:
    """The report travels by the hotline channel, with the operator's account."""
    house = House([(YES, 5.0)])
    house.enter(1, Dial("results", VOICE))
    house.clock.run()
    (operation,) = house.app.seen
    assert (operation.channel, operation.actor.role, operation.values) == (
        "hotline",
        "operator",
        VOICE.values,
    )
    assert house.answers(1) == [(105.0, "served")]
    (call,) = house.calls
    assert (call.cause, call.answered, call.ended, call.record) == (
        "served",
        0.0,
        105.0,
        "IA-0001",
    )


def test_callers_are_answered_in_order_after_wrap_up() -> None:
    """The one agent is free again when the wrap-up is over, and not before."""
    house = House()
    house.enter(1, Dial("results"), at=0.0)
    house.enter(2, Dial("results"), at=20.0)
    house.enter(3, Dial("results"), at=10.0)
    house.clock.run()
    assert [(call.caller, call.answered, call.ended) for call in house.calls] == [
        (1, 0.0, 100.0),
        (3, 110.0, 210.0),
        (2, 220.0, 320.0),
    ]
    assert house.calls[1].held == 100.0
    assert house.told[3][0][1].waited == 200.0


def test_two_agents_serve_two_callers_at_once() -> None:
    """A second agent answers while the first talks."""
    house = House(agents=2)
    for index in (1, 2):
        house.enter(index, Dial("results"))
    house.clock.run()
    assert [(call.agent, call.answered) for call in house.calls] == [(0, 0.0), (1, 0.0)]


def test_a_caller_hangs_up_when_patience_ends() -> None:
    """Patience counts drill seconds on hold; the line forgets who hung up."""
    house = House()
    house.enter(1, Dial("results"), at=0.0)
    house.enter(2, Dial("results", within=30.0), Wait(1.0), at=10.0)
    house.enter(3, Dial("results"), at=20.0)
    house.clock.run()
    assert house.answers(2)[0] == (40.0, "abandoned")
    assert house.told[2][0][1].outcome is Outcome.REFUSED
    assert house.told[2][0][1].waited == 30.0
    assert [(call.caller, call.cause) for call in house.calls] == [
        (2, "abandoned"),
        (1, "served"),
        (3, "served"),
    ]
    assert house.calls[2].answered == 110.0


def test_patience_ends_when_somebody_answers() -> None:
    """Nobody hangs up in the middle of a conversation."""
    house = House()
    house.enter(1, Dial("results", within=30.0))
    house.clock.run()
    assert house.answers(1) == [(100.0, "served")]


def test_a_full_line_is_busy() -> None:
    """With two trunks the third caller hears the busy tone at once, and may dial again."""
    house = House(trunks=2)
    for index in (1, 2):
        house.enter(index, Dial("results"))
    house.enter(3, Dial("results"), Wait(150.0), Dial("results"), at=1.0)
    house.clock.run()
    assert house.answers(3)[0] == (1.0, "busy")
    assert [call.cause for call in house.calls] == ["busy", "served", "served", "served"]


def test_a_trunk_is_free_when_its_call_ends_though_the_agent_is_not() -> None:
    """Hanging up and being served both give the trunk back; wrap-up keeps only the agent."""
    house = House(trunks=2, operators=Talkers(talk=100.0, wrap_up=50.0))
    house.enter(1, Dial("results"))
    house.enter(2, Dial("results", within=30.0), at=1.0)
    house.enter(3, Dial("results"), at=20.0)  # 1 talks, 2 holds: busy
    house.enter(4, Dial("results"), at=40.0)  # 2 has hung up
    house.enter(5, Dial("results"), at=120.0)  # 1 was served, its agent wraps up, 4 holds
    house.clock.run()
    assert house.answers(3) == [(20.0, "busy")]
    held = {call.caller: (call.cause, call.answered) for call in house.calls}
    assert held[2] == ("abandoned", None)
    assert held[4] == ("served", 150.0)
    assert held[5] == ("served", 300.0)


def test_a_drill_without_a_line_refuses_the_dial() -> None:
    """A dial then goes nowhere, and no call is recorded."""
    house = House(agents=0)
    house.enter(1, Dial("results", VOICE))
    house.clock.run()
    ((_, answer),) = house.told[1]
    assert (answer.outcome, answer.answer_class) == (Outcome.REFUSED, AnswerClass.UNREACHABLE)
    assert house.calls == []


def test_a_caller_hangs_up_when_the_app_works_after_all() -> None:
    """The app is tried after a while on hold; a yes ends the call before anyone answers."""
    house = House([(YES, 25.0)], operators=Talkers(talk=1000.0))
    house.enter(1, Dial("results"))
    house.enter(2, Dial("results", VOICE, meanwhile=Submit(REPORT)), at=5.0)
    house.clock.run()
    hung_up = 5.0 + TRY_APP_EVERY + 25.0
    assert house.answers(2) == [(hung_up, "app")]
    assert house.told[2][0][1].outcome is Outcome.OK
    assert [(call.caller, call.cause) for call in house.calls] == [(2, "app"), (1, "served")]
    assert [each.key for each in house.app.seen] == [REPORT.operation]


@pytest.mark.parametrize("sort", [NO, DOUBT])
def test_a_caller_holds_on_while_the_app_still_fails(sort: AnswerClass) -> None:
    """Only a yes ends the hold; the app is tried again and again until somebody answers."""
    house = House([(sort, 25.0)] * 3, operators=Talkers(talk=1000.0))
    house.enter(1, Dial("results"))
    house.enter(2, Dial("results", VOICE, meanwhile=Submit(REPORT)), at=5.0)
    house.clock.run()
    assert house.answers(2) == [(2011.0, "served")]
    tries = [each for each in house.app.seen if each.key == REPORT.operation]
    # At 305, 630 and 955; somebody answers at 1,010.
    assert [(each.intended, each.attempt) for each in tries] == [(305, 1), (630, 2), (955, 3)]
    assert house.app.seen[-1].key == VOICE.operation


def test_an_answered_caller_stays_on_the_line_when_the_app_then_says_yes() -> None:
    """The app's late yes finds a conversation, which goes on to its end."""
    house = House([(YES, 200.0)], operators=Talkers(talk=400.0))
    house.enter(1, Dial("results"))
    house.enter(2, Dial("results", VOICE, meanwhile=Submit(REPORT)), at=5.0)
    house.clock.run()
    # Answered at 410, before the app's yes at 505; served after talk and keying at 811.
    assert house.answers(2) == [(811.0, "served")]
    assert {each.key for each in house.app.seen} == {REPORT.operation, VOICE.operation}


def test_nobody_tries_the_app_after_hanging_up() -> None:
    """Patience that ends before the first try leaves the app alone."""
    house = House(operators=Talkers(talk=1000.0))
    house.enter(1, Dial("results"))
    house.enter(2, Dial("results", VOICE, meanwhile=Submit(REPORT), within=60.0))
    house.clock.run()
    assert house.answers(2) == [(60.0, "abandoned")]
    assert house.app.seen == []


def test_who_is_answered_at_once_does_not_try_the_app() -> None:
    """There is no hold to try it on."""
    house = House()
    house.enter(1, Dial("results", meanwhile=Submit(REPORT)))
    house.clock.run()
    assert house.app.seen == []


def test_an_operators_tries_go_on_counting_from_call_to_call() -> None:
    """One account, one series of tries at each key, so no two tries have one number."""

    class SignsInEachTime(Talkers):
        def take(
            self, agent: int, call: Call, report: Keyed | None
        ) -> tuple[Person, Behaviour, float]:
            def behave() -> Behaviour:
                yield SignIn(("1", "2", "3"))

            return Person(100, "operator", "operator-0"), behave(), 0.0

    house = House(operators=SignsInEachTime())
    house.enter(1, Dial("results"))
    house.enter(2, Dial("results"))
    house.clock.run()
    assert [each.attempt for each in house.app.seen] == [1, 2]


def test_closing_ends_open_calls_and_lets_nobody_begin_anything() -> None:
    """Calls held and answered end as closed; behaviours get no further answer."""
    house = House([(YES, 50.0)])
    house.enter(1, Dial("results", VOICE))
    house.enter(2, Dial("results"))
    house.enter(3, Submit(REPORT), Submit(REPORT))
    house.enter(4, Submit(VOICE), at=99.0)
    house.clock.run(30.0)
    house.stage.close()
    house.clock.run()
    assert [(call.caller, call.cause, call.ended) for call in house.calls] == [
        (1, "closed", 30.0),
        (2, "closed", 30.0),
    ]
    assert [each.key for each in house.app.seen] == [REPORT.operation]
    assert not any(house.told.values())


def test_closing_twice_tells_of_each_call_once() -> None:
    """A second close finds nothing open."""
    house = House()
    house.enter(1, Dial("results"))
    house.clock.run(10.0)
    house.stage.close()
    house.stage.close()
    house.clock.run()
    assert len(house.calls) == 1


def test_everybody_present_is_counted() -> None:
    """Participants count from entering until they have nothing more to do."""
    house = House()
    house.enter(1, Wait(10.0))
    house.enter(2, Wait(20.0))
    house.enter(3)
    assert house.stage.present == 3
    house.clock.run(15.0)
    assert house.stage.present == 1
    house.clock.run()
    assert house.stage.present == 0


def test_a_faulty_behaviour_is_not_hidden() -> None:
    """An exception in a behaviour reaches whoever runs the clock."""

    def broken() -> Behaviour:
        yield Wait(1.0)
        raise ZeroDivisionError

    house = House()
    person = Person(1, "chair", "chair-1")
    house.stage.enter(Participant(1, 0.0, person, None, broken))
    with pytest.raises(ZeroDivisionError):
        house.clock.run()


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"agents": 0}, "at least 1"), ({"agents": 1, "trunks": 0}, "trunks=0")],
)
def test_a_line_that_cannot_be_is_refused(settings: dict[str, int], message: str) -> None:
    """A hotline needs an agent and a trunk."""
    with pytest.raises(ValueError, match=message):
        Hotline(**settings)
