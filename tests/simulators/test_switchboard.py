"""The switchboard: trunks shared by lines, call-backs, shifts, and inboxes with their readers."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

import pytest

from simulators.behaviours.protocol import (
    Action,
    Answer,
    AnswerClass,
    Behaviour,
    Conversation,
    Dial,
    Keyed,
    Leave,
    Outcome,
    Submit,
    Wait,
)
from simulators.people.person import Person
from simulators.phones.hotline import Call, Hotline
from simulators.phones.trunks import Trunks
from simulators.stage import Operation, Participant, Stage
from simulators.switchboard import TRY_APP_EVERY, AgentLine, Lines, MenuLine
from simulators.virtual import VirtualClock

REPORT = Keyed("IA-0001", 1, (3, 2, 1), "t-IA-0001-1")
PHOTO = Keyed("IA-0001", 2, (3, 2, 1), "t-IA-0001-2p")


@dataclass
class People:
    """They talk for some seconds, key what there is to key, and end the call for a cause."""

    talk: float = 100.0
    cause: str | None = None
    first: int = 100

    def take(
        self, agent: int, call: Call, report: Keyed | None
    ) -> tuple[Person, Conversation, float]:
        def behave() -> Generator[Action, Answer, str | None]:
            yield Wait(self.talk)
            if report is not None and self.cause is None:
                yield Submit(report)
            return self.cause

        number = self.first + agent
        return Person(number, "operator", f"operator-{number}"), behave(), 0.0


@dataclass
class QuickApp:
    """Says yes to everything at once."""

    seen: list[Operation] = field(default_factory=list)

    def perform(self, operation: Operation, answered: Callable[[Answer], None]) -> None:
        self.seen.append(operation)
        answered(Answer(Outcome.OK, AnswerClass.ACCEPTED))


class Hall:
    """A stage with lines, what happened on them, and what each participant was told."""

    def __init__(self, lines: Lines) -> None:
        self.clock, self.app, self.calls = VirtualClock(), QuickApp(), list[Call]()
        self.stage = Stage(self.clock, self.app, lines=lines, on_call=self.calls.append)
        self.told: dict[int, list[tuple[float, str]]] = {}

    def enter(self, index: int, *actions: Action, at: float = 0.0) -> None:
        told = self.told.setdefault(index, [])

        def behave() -> Behaviour:
            for action in actions:
                answer = yield action
                told.append((self.clock.now(), answer.detail or answer.answer_class.value))

        person = Person(index, "chair", f"chair-{index}", f"IA-{index:04d}")
        self.stage.enter(Participant(index, at, person, None, behave))

    def play(self, until: float = float("inf")) -> None:
        self.clock.run(until)
        if until != float("inf"):
            self.stage.close()
            self.clock.run()

    def ended(self) -> dict[str, str]:
        """How each call ended, by its id."""
        return {call.id: call.cause for call in self.calls}


def line(
    name: str = "results", agents: int = 1, people: People | None = None, **settings: object
) -> AgentLine:
    room = settings.pop("room", None)
    assert room is None or isinstance(room, int)
    hotline = Hotline(agents=agents, room=room)
    return AgentLine(name, hotline, people or People(), **settings)  # type: ignore[arg-type]


def test_lines_of_one_group_share_its_trunks() -> None:
    """Two calls on the reporting line leave none for headquarters, which is told to be busy."""
    group = Trunks("main", 2)
    lines = Lines(
        agents=(line("results", trunk="main"), line("headquarters", trunk="main"), line("other")),
        trunks={"main": group},
    )
    hall = Hall(lines)
    hall.enter(1, Dial("results"))
    hall.enter(2, Dial("results"))
    hall.enter(3, Dial("headquarters"), Wait(140.0), Dial("headquarters"), at=10.0)
    hall.enter(4, Dial("other"), at=10.0)
    hall.play()
    assert hall.told[3] == [(10.0, "busy"), (150.0, "accepted"), (250.0, "served")]
    assert hall.told[4] == [(110.0, "served")]
    assert (group.most, group.in_use, group.turned_away) == (2, 0, 1)
    assert {call.trunk for call in hall.calls} == {"main", ""}


def test_calls_are_numbered_by_caller() -> None:
    """A busy call has a name too: the first one is ``c3-1``, the redial ``c3-2``."""
    hall = Hall(Lines(agents=(line(trunk="main"),), trunks={"main": Trunks("main", 1)}))
    hall.enter(1, Dial("results"))
    hall.enter(3, Dial("results"), Wait(200.0), Dial("results"))
    hall.play()
    assert hall.ended() == {"c3-1": "busy", "c1-1": "served", "c3-2": "served"}


def test_who_finds_no_place_to_wait_gives_the_trunk_back() -> None:
    """A full waiting room turns callers away, and its trunks stay free for other lines."""
    group = Trunks("main", 10)
    hall = Hall(Lines(agents=(line(trunk="main", room=1),), trunks={"main": group}))
    for index in (1, 2, 3):
        hall.enter(index, Dial("results"))
    hall.clock.run(50.0)
    assert hall.told[3] == [(0.0, "full")]
    assert group.in_use == 2
    hall.play()
    assert hall.ended() == {"c3-1": "full", "c1-1": "served", "c2-1": "served"}


def test_a_barred_number_reaches_nobody() -> None:
    """It takes no trunk and nobody's time."""
    group = Trunks("main", 10)
    barred = line(trunk="main", barred=lambda caller: caller == 2)
    hall = Hall(Lines(agents=(barred,), trunks={"main": group}))
    hall.enter(1, Dial("results"))
    hall.enter(2, Dial("results"))
    hall.play()
    assert hall.told[2] == [(0.0, "barred")]
    assert (group.most, hall.ended()["c2-1"]) == (1, "barred")


def test_who_walks_out_finishes_the_call_first() -> None:
    """The caller on the line is served; the one who holds waits for the next shift."""
    duty = ((0.0, (0,)), (50.0, ()), (400.0, (0,)))
    hall = Hall(Lines(agents=(line(duty=duty),)))
    hall.enter(1, Dial("results"))
    hall.enter(2, Dial("results"), at=10.0)
    hall.play()
    assert [(call.caller, call.answered, call.cause) for call in hall.calls] == [
        (1, 0.0, "served"),
        (2, 400.0, "served"),
    ]


def test_a_second_agent_who_comes_on_duty_takes_the_longest_holder() -> None:
    """Those who hold are answered at once, in their order."""
    hall = Hall(Lines(agents=(line(agents=2, duty=((0.0, (0,)), (30.0, (0, 1)))),)))
    for index in (1, 2, 3):
        hall.enter(index, Dial("results"), at=float(index))
    hall.play()
    assert [(call.caller, call.agent, call.answered) for call in hall.calls] == [
        (1, 0, 1.0),
        (2, 1, 30.0),
        (3, 0, 101.0),
    ]


def test_nobody_comes_on_duty_after_the_close() -> None:
    """A shift that would begin later finds the hall empty."""
    hall = Hall(Lines(agents=(line(duty=((0.0, ()), (100.0, (0,)))),)))
    hall.enter(1, Dial("results"))
    hall.play(until=50.0)
    assert hall.ended() == {"c1-1": "closed"}


def test_a_call_back_keeps_the_place_and_frees_the_trunk() -> None:
    """Phoned in their turn: before those who came later, and patience no longer matters."""
    group = Trunks("main", 3)
    desk = line(trunk="main", calls_back=lambda caller: 60.0 if caller == 2 else None)
    hall = Hall(Lines(agents=(desk,), trunks={"main": group}))
    hall.enter(1, Dial("results"))
    hall.enter(2, Dial("results", REPORT, within=80.0), at=10.0)
    hall.enter(3, Dial("results"), at=20.0)
    hall.clock.run(75.0)
    assert (group.in_use, hall.ended()) == (2, {"c2-1": "called_back"})
    hall.play()
    back = next(call for call in hall.calls if call.id == "c2-2")
    assert (back.dialled, back.answered, back.ended, back.cause) == (100.0, 100.0, 200.0, "served")
    assert hall.told[2] == [(200.0, "served")]
    assert [call.caller for call in hall.calls] == [2, 1, 2, 3]
    assert (group.in_use, back.trunk) == (0, "")
    assert [each.key for each in hall.app.seen] == [REPORT.operation]


def test_who_is_served_by_the_app_withdraws_the_call_back() -> None:
    """A call that was never made is not on the record, and nobody makes it."""
    desk = line(people=People(talk=2000.0), calls_back=lambda caller: 60.0)
    hall = Hall(Lines(agents=(desk,)))
    hall.enter(1, Dial("results"))
    hall.enter(2, Dial("results", meanwhile=Submit(REPORT)))
    hall.enter(3, Dial("results"))
    hall.play()
    assert hall.told[2] == [(TRY_APP_EVERY, "app")]
    assert hall.ended() == {
        "c2-1": "called_back", "c3-1": "called_back", "c1-1": "served", "c3-2": "served",
    }  # fmt: skip


def test_a_call_back_that_was_not_made_by_the_close_is_no_call() -> None:
    """Only the call that was made is on the record."""
    hall = Hall(Lines(agents=(line(calls_back=lambda caller: 20.0),)))
    hall.enter(1, Dial("results"))
    hall.enter(2, Dial("results"))
    hall.play(until=50.0)
    assert hall.ended() == {"c2-1": "called_back", "c1-1": "closed"}


@pytest.mark.parametrize("cause", ["silent", "dropped"])
def test_who_is_cut_off_is_told_so_and_keyed_nowhere(cause: str) -> None:
    """The call ends for its cause, the caller may dial again, the agent takes the next one."""
    hall = Hall(Lines(agents=(line(people=People(talk=10.0, cause=cause)),)))
    hall.enter(1, Dial("results", REPORT))
    hall.enter(2, Dial("results"))
    hall.play()
    assert hall.told == {1: [(10.0, "cut off")], 2: [(20.0, "cut off")]}
    assert set(hall.ended().values()) == {cause}
    assert hall.app.seen == []


def test_readers_key_what_was_left_in_its_order() -> None:
    """The sender does not wait; a reader keys it on the inbox's channel when they get to it."""
    inbox = line("photos", people=People(first=200), channel="photo")
    hall = Hall(Lines(inboxes=(inbox,)))
    hall.enter(1, Leave("photos", PHOTO), at=5.0)
    hall.enter(2, Leave("photos", REPORT), at=6.0)
    hall.play()
    assert hall.told == {1: [(5.0, "sent")], 2: [(6.0, "sent")]}
    assert [(each.key, each.channel, each.intended) for each in hall.app.seen] == [
        (PHOTO.operation, "photo", 105.0),
        (REPORT.operation, "photo", 205.0),
    ]
    assert {each.actor.key for each in hall.app.seen} == {"operator-200"}
    assert [(call.id, call.cause, call.dialled, call.answered) for call in hall.calls] == [
        ("i1-1", "read", 5.0, 5.0),
        ("i2-2", "read", 6.0, 105.0),
    ]


def test_the_stage_is_not_over_while_something_waits_to_be_read() -> None:
    """Everybody has gone home but the readers."""
    hall = Hall(Lines(inboxes=(line("photos", channel="photo"),)))
    hall.enter(1, Leave("photos", PHOTO))
    hall.clock.run(50.0)
    assert (hall.stage.present, hall.stage.over) == (0, False)
    hall.clock.run(150.0)
    assert hall.stage.over


def test_what_nobody_will_read_keeps_nobody_waiting() -> None:
    """An inbox without readers takes what is sent; at the close it lies there unread."""
    hall = Hall(Lines(inboxes=(line("photos", channel="photo", duty=((0.0, ()),)),)))
    hall.enter(1, Leave("photos", PHOTO), at=1.0)
    hall.clock.run(50.0)
    assert hall.stage.over
    hall.play(until=60.0)
    assert hall.ended() == {"i1-1": "unread"}
    assert hall.app.seen == []


def test_readers_who_begin_later_find_what_has_piled_up() -> None:
    """What came before they did is read from the oldest on, and counts as waiting until then."""
    hall = Hall(Lines(inboxes=(line("photos", channel="photo", duty=((0.0, ()), (500.0, (0,)))),)))
    hall.enter(1, Leave("photos", PHOTO))
    hall.enter(2, Leave("photos", REPORT))
    hall.clock.run(400.0)
    assert not hall.stage.over
    hall.play()
    assert [each.intended for each in hall.app.seen] == [600.0, 700.0]


@pytest.mark.parametrize("action", [Dial("nowhere"), Leave("nowhere", PHOTO)])
def test_what_is_not_there_cannot_be_reached(action: Action) -> None:
    """An unknown line or inbox is refused at once, and nothing is recorded."""
    hall = Hall(Lines(agents=(line(),)))
    hall.enter(1, action)
    hall.play()
    assert hall.told[1] == [(0.0, "no such line")]
    assert hall.calls == []


def test_closing_gives_every_trunk_back() -> None:
    """Nobody is on the phone after the drill."""
    group = Trunks("main", 5)
    hall = Hall(Lines(agents=(line(trunk="main"),), trunks={"main": group}))
    hall.enter(1, Dial("results"))
    hall.enter(2, Dial("results"))
    hall.play(until=30.0)
    assert group.in_use == 0
    assert set(hall.ended().values()) == {"closed"}


@pytest.mark.parametrize(
    ("agents", "menus", "message"),
    [
        (("results", "results"), (), "2 lines are called results"),
        ((), (MenuLine("strike", "main"),), "line strike is in the trunk group main"),
    ],
)
def test_lines_that_cannot_be_are_refused(
    agents: tuple[str, ...], menus: tuple[MenuLine, ...], message: str
) -> None:
    """Two of one name, or a trunk group that is not there."""
    with pytest.raises(ValueError, match=message):
        Lines(agents=tuple(line(name) for name in agents), menus=menus)
