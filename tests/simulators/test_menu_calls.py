"""Calls to lines that the app answers with a menu: operations travel inside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from simulators.behaviours.protocol import (
    Action,
    Answer,
    AnswerClass,
    Behaviour,
    Conversation,
    Dial,
    HangUp,
    Keyed,
    Outcome,
    SignIn,
    Submit,
    Text,
    Wait,
)
from simulators.behaviours.protocol import Call as PhoneMenu
from simulators.people.person import Person
from simulators.phones.hotline import Call, Hotline
from simulators.phones.trunks import Trunks
from simulators.stage import Operation, Participant, Stage
from simulators.switchboard import AgentLine, Lines, MenuLine
from simulators.virtual import VirtualClock

ONE = Keyed("WI-0001-4711", 1, (1,), "t-WI-0001-4711")
TWO = Keyed("WI-0001-0815", 1, (1,), "t-WI-0001-0815")


@dataclass
class Carrier:
    """Answers after a second, unless told otherwise, and knows who is connected."""

    clock: VirtualClock
    says: str = ""
    answers_after: float = 1.0
    connected: dict[str, Callable[[str], None]] = field(default_factory=dict)
    hung_up: list[str] = field(default_factory=list)

    def dial(
        self,
        call: Call,
        person: Person,
        answered: Callable[[bool, str], None],
        ended: Callable[[str], None],
    ) -> None:
        def answer() -> None:
            if not self.says:
                self.connected[call.id] = ended
                call.sid = f"CA-{call.id}"
            answered(not self.says, self.says)

        self.clock.at(self.clock.now() + self.answers_after, answer)

    def hang_up(self, call: Call) -> None:
        self.connected.pop(call.id, None)
        self.hung_up.append(call.id)


@dataclass
class App:
    """Takes two seconds to say yes."""

    clock: VirtualClock
    seen: list[Operation] = field(default_factory=list)

    def perform(self, operation: Operation, answered: Callable[[Answer], None]) -> None:
        self.seen.append(operation)
        answer = Answer(Outcome.OK, AnswerClass.ACCEPTED, 2.0)
        self.clock.at(self.clock.now() + 2.0, lambda: answered(answer))


class Talker:
    """One agent who talks for a hundred seconds."""

    def take(
        self, agent: int, call: Call, report: Keyed | None
    ) -> tuple[Person, Conversation, float]:
        def behave() -> Behaviour:
            yield Wait(100.0)

        return Person(900, "operator", "operator"), behave(), 0.0


class Night:
    """A stage with a strike line and headquarters in one trunk group."""

    def __init__(self, *, trunks: int | None = None, says: str = "", after: float = 1.0) -> None:
        self.clock, self.calls = VirtualClock(), list[Call]()
        self.app, self.group = App(self.clock), Trunks("main", trunks)
        self.carrier = Carrier(self.clock, says, after)
        lines = Lines(
            agents=(AgentLine("headquarters", Hotline(agents=1), Talker(), trunk="main"),),
            menus=(MenuLine("strike", "main"),),
            trunks={"main": self.group},
        )
        self.stage = Stage(
            self.clock, self.app, lines=lines, menus=self.carrier, on_call=self.calls.append
        )
        self.told: dict[int, list[Answer]] = {}

    def enter(self, index: int, *actions: Action, at: float = 0.0) -> None:
        told = self.told.setdefault(index, [])

        def behave() -> Behaviour:
            for action in actions:
                told.append((yield action))

        person = Person(index, "poll_watcher", f"watcher-{index}", "WI-0001", codes=("0001", "7"))
        self.stage.enter(Participant(index, at, person, None, behave))

    def details(self, index: int) -> list[str]:
        return [each.detail or each.answer_class.value for each in self.told[index]]


def test_operations_between_call_and_hang_up_travel_inside_the_call() -> None:
    """On the channel voice, with the call's id; before and after it they go by the app."""
    night = Night()
    night.enter(
        3,
        SignIn(("0001", "7")),
        PhoneMenu("strike"),
        SignIn(("0001", "7")),
        Submit(ONE),
        HangUp(),
        Submit(TWO),
    )
    night.clock.run()
    assert [(each.kind, each.channel, each.call) for each in night.app.seen] == [
        ("sign_in", "api", ""),
        ("sign_in", "voice", "c3-1"),
        ("submit_report", "voice", "c3-1"),
        ("submit_report", "api", ""),
    ]
    (call,) = night.calls
    assert (call.line, call.record, call.cause, call.trunk) == (
        "strike", "WI-0001", "hung_up", "main",
    )  # fmt: skip
    assert (call.dialled, call.answered, call.ended, call.sid) == (2.0, 3.0, 7.0, "CA-c3-1")
    assert night.carrier.hung_up == ["c3-1"]
    assert [each.waited for each in night.told[3]] == [2.0, 1.0, 2.0, 2.0, 0.0, 2.0]


def test_a_menu_takes_the_trunks_that_headquarters_needs() -> None:
    """While the strike line fills the group, headquarters is busy; it is not afterwards."""
    night = Night(trunks=2)
    for index in (1, 2):
        night.enter(index, PhoneMenu("strike"), Wait(50.0), HangUp())
    night.enter(3, Dial("headquarters"), Wait(50.0), Dial("headquarters"), at=10.0)
    night.enter(4, PhoneMenu("strike"), at=10.0)
    night.clock.run()
    assert night.details(3) == ["busy", "accepted", "served"]
    assert night.details(4) == ["busy"]
    assert night.told[4][0].outcome is Outcome.REFUSED
    assert (night.group.most, night.group.in_use) == (2, 0)


@pytest.mark.parametrize("cause", ["dropped", "app_hung_up"])
def test_what_follows_in_a_call_that_has_ended_is_cut_off(cause: str) -> None:
    """Nothing of it reaches the app or counts as a try; the retry in another call is the first."""
    night = Night()
    night.enter(
        1,
        PhoneMenu("strike"),
        Wait(10.0),
        Submit(ONE),
        Submit(TWO),
        HangUp(),
        PhoneMenu("strike"),
        Submit(ONE),
        HangUp(),
    )
    night.clock.at(5.0, lambda: night.carrier.connected["c1-1"](cause))
    night.clock.run()
    assert night.details(1) == [
        "accepted", "accepted", "cut off", "cut off", "accepted", "accepted", "accepted",
        "accepted",
    ]  # fmt: skip
    cut = night.told[1][2]
    assert (cut.outcome, cut.answer_class) == (Outcome.REFUSED, AnswerClass.UNREACHABLE)
    assert [(each.key, each.attempt, each.call) for each in night.app.seen] == [
        (ONE.operation, 1, "c1-2")
    ]
    assert [(call.id, call.cause, call.ended) for call in night.calls] == [
        ("c1-1", cause, 5.0),
        ("c1-2", "hung_up", 14.0),
    ]
    assert night.carrier.hung_up == ["c1-2"]
    assert night.group.in_use == 0


def test_hundreds_of_codes_in_a_call_that_was_cut_are_all_cut_off() -> None:
    """Whoever keys on without listening is told so each time."""
    night = Night()
    night.enter(1, PhoneMenu("strike"), Wait(10.0), *[Submit(ONE)] * 2000)
    night.clock.at(5.0, lambda: night.carrier.connected["c1-1"]("dropped"))
    night.clock.run()
    assert night.details(1)[2:] == ["cut off"] * 2000


@pytest.mark.parametrize(
    ("says", "outcome", "cause"),
    [
        ("busy", Outcome.REFUSED, "busy"),
        ("no answer", Outcome.UNKNOWN, "failed"),
        ("failed", Outcome.UNKNOWN, "failed"),
    ],
)
def test_a_call_that_is_not_connected_frees_its_trunk(
    says: str, outcome: Outcome, cause: str
) -> None:
    """The caller hears why, and what they do next does not travel by it."""
    night = Night(says=says)
    night.enter(1, PhoneMenu("strike"), Submit(ONE))
    night.clock.run()
    assert (night.told[1][0].outcome, night.told[1][0].detail) == (outcome, says)
    assert [(call.cause, call.answered) for call in night.calls] == [(cause, None)]
    assert (night.group.in_use, night.app.seen[0].channel) == (0, "api")


def test_a_caller_stops_listening_to_the_ringing() -> None:
    """After ``within`` drill seconds they hang up; an answer that comes later finds nobody."""
    night = Night(after=60.0)
    night.enter(1, PhoneMenu("strike", within=25.0), Wait(100.0))
    night.clock.run()
    assert night.details(1) == ["no answer", "accepted"]
    assert (night.told[1][0].outcome, night.told[1][0].waited) == (Outcome.UNKNOWN, 25.0)
    assert [(call.cause, call.ended) for call in night.calls] == [("abandoned", 25.0)]
    assert (night.carrier.hung_up, night.group.in_use) == (["c1-1"], 0)


def test_whoever_goes_away_hangs_up() -> None:
    """A behaviour that ends inside its call does not keep the line."""
    night = Night()
    night.enter(1, PhoneMenu("strike"), Submit(ONE))
    night.clock.run()
    assert [call.cause for call in night.calls] == ["hung_up"]
    assert night.group.in_use == 0


def test_calling_again_ends_the_call_before() -> None:
    """One person has one phone."""
    night = Night()
    night.enter(1, PhoneMenu("strike"), PhoneMenu("strike"), Submit(ONE))
    night.clock.run()
    assert [(call.id, call.cause) for call in night.calls] == [
        ("c1-1", "hung_up"),
        ("c1-2", "hung_up"),
    ]
    assert night.app.seen[0].call == "c1-2"


def test_hanging_up_without_a_call_is_no_matter() -> None:
    """It is answered ok, and nothing is recorded."""
    night = Night()
    night.enter(1, HangUp(), Submit(ONE))
    night.clock.run()
    assert night.details(1) == ["accepted", "accepted"]
    assert night.calls == []


def test_one_text_carries_every_report() -> None:
    """The head goes to the app with the others; its answer is the message's; each has its try."""
    night = Night()
    night.enter(1, Text("strike", (ONE, TWO), within=9.0), Text("strike", (TWO,)))
    night.clock.run()
    head, second = night.app.seen
    assert (head.channel, head.kind, head.key, head.within) == (
        "sms", "submit_report", ONE.operation, 9.0,
    )  # fmt: skip
    assert [(each.key, each.channel, each.attempt) for each in head.together] == [
        (TWO.operation, "sms", 1)
    ]
    assert (second.key, second.attempt, second.together) == (TWO.operation, 2, ())
    assert len(night.told[1]) == 2


def test_closing_ends_menu_calls() -> None:
    """They are recorded as closed, once, whatever the carrier says afterwards."""
    night = Night(trunks=5)
    night.enter(1, PhoneMenu("strike"), Wait(100.0))
    night.enter(2, PhoneMenu("strike"), at=30.0)
    night.clock.run(30.0)
    ended = night.carrier.connected["c1-1"]
    night.stage.close()
    ended("dropped")
    night.clock.run()
    assert [(call.id, call.cause) for call in night.calls] == [
        ("c1-1", "closed"),
        ("c2-1", "closed"),
    ]
    assert night.group.in_use == 0


def test_a_line_that_is_not_there_is_refused() -> None:
    """An unknown menu cannot be phoned."""
    night = Night()
    night.enter(1, PhoneMenu("nowhere"))
    night.clock.run()
    assert night.details(1) == ["no such line"]


def test_menus_need_somebody_who_answers_them() -> None:
    """A stage without is refused when it is built."""
    clock = VirtualClock()
    with pytest.raises(ValueError, match="line strike is answered by the app"):
        Stage(clock, App(clock), lines=Lines(menus=(MenuLine("strike"),)))
